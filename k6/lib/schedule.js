// How late an iteration of an open load begins: k6 has no record of when it was due.

import exec from 'k6/execution';

import { elapsedS } from './window.js';

// Seconds from one iteration's due time to the next one's, at so many requests a second.
export function periodS(rate, requestsPerIteration) {
  return requestsPerIteration / rate;
}

// The lag in ms of the iteration with this index, the first of which is due at 0 s.
export function lagMs(index, atS, everyS) {
  return Math.max(0, 1000 * (atS - index * everyS));
}

// As exec.instance (see window.js), kept for its cost.
let scenario = null;

// The lag in ms of the iteration that begins now, to the ms in which the wall clock counts. True until k6 drops an
// iteration: k6 numbers only those that it begins, so that all later ones seem later than they are.
export function lagNowMs(everyS) {
  if (scenario === null) {
    scenario = exec.scenario;
  }
  return lagMs(scenario.iterationInTest, elapsedS(), everyS);
}
