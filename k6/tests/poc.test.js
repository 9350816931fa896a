import { readFacts } from '../lib/facts.js';
import { workloads } from '../workloads/index.js';
import { hasWholeNumberValue, isWholePage } from '../workloads/poc.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

const facts = readFacts(import.meta.resolve('../workloads/poc.json'));

const { iteration, routes } = workloads.poc;

// Which routes one iteration asks for, and how long it takes when answers cost nothing.
function recordIteration() {
  const asked = [];
  const startMs = Date.now();
  iteration({ home: () => asked.push('home'), api: () => asked.push('api') });
  return { asked, tookS: (Date.now() - startMs) / 1000 };
}

export default suite({
  'an iteration is GET /, GET /api, GET /': () =>
    equal(recordIteration().asked.map((name) => routes[name].path), ['/', '/api', '/']),
  'the facts beside the script are true of it': () => {
    const { asked, tookS } = recordIteration();
    equal(asked.length, facts.requests_per_iteration);
    equal(asked.filter((name) => name === 'api').length, facts.db_calls_per_iteration);
    equal(tookS >= facts.pause_s - 0.002 && tookS < facts.pause_s + 0.5, true);
  },
  'it names no route that it does not ask for': () =>
    equal([...new Set(recordIteration().asked)], Object.keys(routes)),
  'a page is whole when it reaches its closing tag': () =>
    equal(['<html></html>\n', '<html>', '', null].map(isWholePage), [true, false, false, false]),
  'a value is a whole number in a JSON object': () => {
    const bodies = ['{"value": 7}', '{"value": 7.5}', '{"value": "7"}', '{"v": 7}', '{"error": "db"}', '7', 'null', '<html>', '', null];
    equal(bodies.map(hasWholeNumberValue), [true, ...Array(9).fill(false)]);
  },
});
