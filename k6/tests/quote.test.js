import { readFacts } from '../lib/facts.js';
import { workloads } from '../workloads/index.js';
import { isQuote } from '../workloads/quote.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

const facts = readFacts(import.meta.resolve('../workloads/quote.json'));

const { iteration, routes } = workloads.quote;

export default suite({
  'an iteration is one GET /quote/, without a pause': () => {
    const asked = [];
    const startMs = Date.now();
    iteration({ quote: () => asked.push(routes.quote) });
    equal(asked.map(({ method = 'GET', path }) => [method, path]), [['GET', '/quote/']]);
    equal([asked.length, facts.pause_s, Date.now() - startMs < 500], [facts.requests_per_iteration, 0, true]);
  },
  'it names no route that it does not ask for': () => equal(Object.keys(routes), ['quote']),
  'its one request is one query': () => equal([facts.db_calls_per_iteration, facts.db_queries_per_request], [1, 1]),
  'a quote is text, an empty line, and an author': () => {
    const good = ['To be.\n\nW. S.', 'To be.\n\n--W. S.\n', 'Être\n\nÀ'];
    const bad = ['', null, 'To be.', 'To be.\n\n', '\n\nW. S.', 'To be.\nW. S.', 'a\n\nb\n\nc', '{"error": "db"}', ' \n\n '];
    equal([...good, ...bad].map(isQuote), [...good.map(() => true), ...bad.map(() => false)]);
  },
});
