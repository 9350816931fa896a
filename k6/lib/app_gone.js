// Decides that the app is gone: nothing listens on its port any more. Only refused connections say so. A slow app, an
// app that answers 502, and connects that time out in an overflowing accept queue are results, not reasons to stop.

import { REFUSED } from './failures.js';

// A virtual user gives up after this long of nothing but refusals, which a short restart may survive.
export const GONE_AFTER_S = 1;

// At least so many refusals: with long pauses, two of them can be a second apart by themselves.
const GONE_AFTER_REFUSALS = 3;

// Waited after a request that got no answer, so that k6 does not spin: at most two failures a second and user.
export const BACK_OFF_S = 0.5;

// The refusals in a row of one virtual user.
export class Refusals {
  constructor() {
    this.count = 0;
    this.sinceS = 0;
  }

  // Takes the error code of a finished request (0: none) and the time; returns the reason to stop, or null.
  note(errorCode, nowS) {
    if (errorCode !== REFUSED) {
      this.count = 0;
      return null;
    }
    if (this.count === 0) {
      this.sinceS = nowS;
    }
    this.count += 1;
    const forS = nowS - this.sinceS;
    if (this.count < GONE_AFTER_REFUSALS || forS < GONE_AFTER_S) {
      return null;
    }
    return `app-gone: ${this.count} connections in a row refused, over ${forS.toFixed(1)} s`;
  }
}
