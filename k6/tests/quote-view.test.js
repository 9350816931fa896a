import { readFacts } from '../lib/facts.js';
import { workloads } from '../workloads/index.js';
import { isCountedView } from '../workloads/quote-view.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

const facts = readFacts(import.meta.resolve('../workloads/quote-view.json'));

const { iteration, routes } = workloads['quote-view'];

export default suite({
  'an iteration is one POST /quote/view and the pause of the load, of which it has none of its own': () => {
    const did = [];
    iteration({ view: () => did.push(routes.view) }, () => did.push({ path: 'pause' }));
    equal(did.map(({ method = 'GET', path }) => [method, path]), [['POST', '/quote/view'], ['GET', 'pause']]);
    equal([facts.routes.view.requests_per_iteration, facts.pause_s], [1, 0]);
  },
  'it names no route that it does not ask for': () => equal(Object.keys(routes), ['view']),
  'its one request is a SELECT and an UPDATE': () =>
    equal([facts.routes.view.db_calls_per_request, facts.routes.view.db_queries_per_request], [1, 2]),
  'a counted view has an id and at least one view, whole numbers both': () => {
    const good = ['{"id": 1, "views": 1}', '{"id": 100000, "views": 7}'];
    const bad = [
      '{"id": 1, "views": 0}', '{"id": 0, "views": 1}', '{"id": 1}', '{"views": 1}', '{"id": "1", "views": 1}',
      '{"id": 1, "views": 1.5}', '{"error": "db"}', 'null', '7', '<html>', '', null,
    ];
    equal([...good, ...bad].map(isCountedView), [...good.map(() => true), ...bad.map(() => false)]);
  },
});
