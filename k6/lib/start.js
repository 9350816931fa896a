// Waits for the time at which all load hosts begin.

import { sleep } from 'k6';
import exec from 'k6/execution';

import { tellWaited } from './metrics.js';

// The longest that k6 may wait. Its own limit for setup() is a minute.
export const LONGEST_WAIT_S = 300;

// Seconds from now until then, both in ms since the epoch; 0 when it is past.
export function untilS(startAtMs, nowMs) {
  return Math.max(startAtMs - nowMs, 0) / 1000;
}

// For setup(), which k6 runs when all virtual users are made and before any scenario begins. A scenario's `startTime` would
// count from there, too: from a moment that depends on how long a host takes to make its users.
export function waitUntil(startAtMs) {
  for (let leftS = untilS(startAtMs, Date.now()); leftS > 0; leftS = untilS(startAtMs, Date.now())) {
    sleep(leftS);
  }
  tellWaited(exec.instance.currentTestRunDuration);
}
