import { readFacts } from '../lib/facts.js';
import { workloads } from '../workloads/index.js';
import { isQuote } from '../workloads/quote.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

const facts = readFacts(import.meta.resolve('../workloads/quote.json'));

const { iteration, routes } = workloads.quote;

export default suite({
  'an iteration is one GET /quote/ and the pause of the load, of which it has none of its own': () => {
    const did = [];
    iteration({ quote: () => did.push(routes.quote) }, () => did.push({ path: 'pause' }));
    equal(did.map(({ method = 'GET', path }) => [method, path]), [['GET', '/quote/'], ['GET', 'pause']]);
    equal([facts.routes.quote.requests_per_iteration, facts.pause_s], [1, 0]);
  },
  'it names no route that it does not ask for': () => equal(Object.keys(routes), ['quote']),
  'its one request is one query': () => equal([facts.routes.quote.db_calls_per_request, facts.routes.quote.db_queries_per_request], [1, 1]),
  'a quote is text, an empty line, and an author': () => {
    const good = ['To be.\n\nW. S.', 'To be.\n\n--W. S.\n', 'Être\n\nÀ'];
    const bad = ['', null, 'To be.', 'To be.\n\n', '\n\nW. S.', 'To be.\nW. S.', 'a\n\nb\n\nc', '{"error": "db"}', ' \n\n '];
    equal([...good, ...bad].map(isQuote), [...good.map(() => true), ...bad.map(() => false)]);
  },
});
