import { pathOf, readFacts } from '../lib/facts.js';
import { equal, suite, throwsWith } from './assert.js';

export { handleSummary, options } from './assert.js';

// open() works only while k6 loads the script.
const read = readFacts(import.meta.resolve('../workloads/poc.json'));

export default suite({
  'the file beside a script is read': () => equal(read.routes.home.requests_per_iteration, 2),
  'a path with spaces, signs and letters beyond ASCII is what the file system has': () =>
    equal(
      ['file:///a%20b/c.json', 'file:///50%25/%C3%BC.json', 'file:///a%23b%3F/c+d.json'].map(pathOf),
      ['/a b/c.json', '/50%/ü.json', '/a#b?/c+d.json'],
    ),
  'a path without encoding stays as it is': () => equal(pathOf('/plain/poc.json'), '/plain/poc.json'),
  'what is no encoding is an error': () => throwsWith(['URI'], () => pathOf('file:///50%')),
});
