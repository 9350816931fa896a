import { readFacts } from '../lib/facts.js';
import { workloads } from '../workloads/index.js';
import { hasWholeNumberValue, isWholePage } from '../workloads/poc.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

const facts = readFacts(import.meta.resolve('../workloads/poc.json'));

const { iteration, routes } = workloads.poc;

// What one iteration does, in its order: the routes that it asks for, and pauses.
function recordIteration() {
  const did = [];
  iteration({ home: () => did.push('home'), api: () => did.push('api') }, () => did.push('pause'));
  return did;
}

export default suite({
  'an iteration is GET /, a pause, GET /api, GET /': () => {
    equal(recordIteration(), ['home', 'pause', 'api', 'home']);
    equal([routes.home.path, routes.api.path], ['/', '/api']);
  },
  'the facts beside the script are true of it': () => {
    const did = recordIteration();
    const counted = Object.keys(routes).map((name) => did.filter((one) => one === name).length);
    equal(counted, Object.keys(routes).map((name) => facts.routes[name].requests_per_iteration));
    equal([facts.routes.home.db_calls_per_request, facts.routes.api.db_calls_per_request, facts.pause_s], [0, 1, 0.1]);
  },
  'it names no route that it does not ask for, and none without facts': () => {
    equal([...new Set(recordIteration().filter((one) => one !== 'pause'))], Object.keys(routes));
    equal(Object.keys(facts.routes), Object.keys(routes));
  },
  'a page is whole when it reaches its closing tag': () =>
    equal(['<html></html>\n', '<html>', '', null].map(isWholePage), [true, false, false, false]),
  'a value is a whole number in a JSON object': () => {
    const bodies = ['{"value": 7}', '{"value": 7.5}', '{"value": "7"}', '{"v": 7}', '{"error": "db"}', '7', 'null', '<html>', '', null];
    equal(bodies.map(hasWholeNumberValue), [true, ...Array(9).fill(false)]);
  },
});
