// When a request counts, and how long it may take: `duration` is the window, what follows it is the drain.

import exec from 'k6/execution';

import { tellStart } from './metrics.js';

// Kept free at the end of the drain, so that a timeout fires before k6 interrupts. A request's timeout is shorter than
// the drain by more than that, so that what began in the window is never cut off: k6 emits nothing at all for a request
// that it interrupts, and the worst latency would vanish from the tail.
export const MARGIN_S = 1;

// True for a request that completed within `duration` of the scenario's start: only these make the rate.
export function inWindow(elapsedS, durationS) {
  return elapsedS <= durationS;
}

// Which of `parts` equal parts of the window a request completed in, from 0; null in the drain.
export function partOf(elapsedS, durationS, parts) {
  return inWindow(elapsedS, durationS) ? Math.min(Math.max(Math.floor((parts * elapsedS) / durationS), 0), parts - 1) : null;
}

// The timeout in ms of a request that starts at `elapsedS`, or 0 when the drain has no room left for one. Only an
// iteration that a stalled app has held up for long in the drain ever gets less than the full timeout.
export function requestTimeoutMs(elapsedS, { durationS, requestTimeoutS, drainS }) {
  const roomS = durationS + drainS - MARGIN_S - elapsedS;
  return roomS < MARGIN_S ? 0 : Math.floor(1000 * Math.min(requestTimeoutS, roomS));
}

// k6 builds exec.instance anew at each access, which costs more than all the rest here: kept, with its time at the
// scenario's start.
let clock = null;

// Seconds since the scenario's start. The wall clock is read once for each virtual user, in its first iteration; from
// then on k6's own monotonic clock counts, so that a step of the wall clock cannot move requests out of the window.
export function elapsedS() {
  if (clock === null) {
    const instance = exec.instance;
    const { startTime } = exec.scenario;
    clock = { instance, startMs: instance.currentTestRunDuration - (Date.now() - startTime) };
    tellStart(startTime);
  }
  return (clock.instance.currentTestRunDuration - clock.startMs) / 1000;
}
