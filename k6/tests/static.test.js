import { readFacts } from '../lib/facts.js';
import { workloads } from '../workloads/index.js';
import { isText } from '../workloads/static.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

const facts = readFacts(import.meta.resolve('../workloads/static.json'));

const { iteration, routes } = workloads.static;

export default suite({
  'an iteration is one GET / and the pause of the load, of which it has none of its own': () => {
    const did = [];
    iteration({ static: () => did.push(routes.static.path) }, () => did.push('pause'));
    equal(did, ['/', 'pause']);
    equal([facts.routes.static.requests_per_iteration, facts.pause_s], [1, 0]);
  },
  'it names no route that it does not ask for': () => equal(Object.keys(routes), ['static']),
  'its one request asks no database': () =>
    equal([facts.routes.static.db_calls_per_request, facts.routes.static.db_queries_per_request], [0, 0]),
  'a text is one line, and no page': () => {
    const good = ['Tripod: quotes\n', 'text'];
    const bad = ['', null, '\n', '<html></html>', 'two\nlines\n'];
    equal([...good, ...bad].map(isText), [...good.map(() => true), ...bad.map(() => false)]);
  },
});
