import { iterationOf, requestsPerIteration, routesOf } from '../lib/iteration.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

const WORKLOAD = {
  routes: { a: { path: '/a' }, b: { path: '/b' } },
  iteration: ({ a, b }, pause) => [a, pause, b, a].forEach((step) => step()),
};
const FACTS = { routes: { a: { requests_per_iteration: 2 }, b: { requests_per_iteration: 1 } } };

function recorded(route) {
  const did = [];
  iterationOf(WORKLOAD, route)({ a: () => did.push('a'), b: () => did.push('b') }, () => did.push('pause'));
  return did;
}

export default suite({
  "without a route the workload's own iteration runs": () => {
    equal(recorded(null), ['a', 'pause', 'b', 'a']);
    equal([requestsPerIteration(FACTS, null), Object.keys(routesOf(WORKLOAD, null))], [3, ['a', 'b']]);
  },
  'with one it is that request and the pause': () => {
    equal(recorded('b'), ['b', 'pause']);
    equal([requestsPerIteration(FACTS, 'b'), routesOf(WORKLOAD, 'b')], [1, { b: { path: '/b' } }]);
  },
});
