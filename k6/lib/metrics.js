// Tripod's own metrics, named here and nowhere else in the scripts.

import { Counter, Gauge } from 'k6/metrics';

export const NAMES = {
  okInWindow: 'tripod_ok_requests', // successful, completed within `duration`: the rate is this ÷ duration
  okTotal: 'tripod_ok_requests_total', // successful, the drain included
  failed: 'tripod_failed_requests', // every request that was not successful, the drain included; tagged with its kind
};

// The window is counted in so many parts, too: the sub-metrics okInWindow{part:0} to {part:9}.
export const PARTS = 10;

// k6 lets counters be made while it loads the script only, hence at the top of the module.
const counters = Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, new Counter(name)]));

// When the window began, on this host's wall clock: what other hosts sampled is cut to it.
const started = new Gauge('tripod_started_ms');

export function tellStart(wallMs) {
  started.add(wallMs);
}

// Counts the requests of one virtual user. Failures go to k6 at once. Successes go once per iteration: two samples for
// each request cost k6 about a tenth of its CPU time, and the load host's CPU is what limits a load. So when k6 is
// stopped in mid-run, the successes of the iterations in flight are missing; such a trial is failed anyway.
export class Tally {
  constructor() {
    this.okTotal = 0;
    // By part of the window. An iteration lies in one of them, or in two, so that parts cost hardly a sample more.
    this.okInParts = new Map();
  }

  failed(kind) {
    counters.failed.add(1, { kind });
  }

  // `part` is that of the window, null in the drain.
  succeeded(part) {
    this.okTotal += 1;
    if (part !== null) {
      this.okInParts.set(part, (this.okInParts.get(part) || 0) + 1);
    }
  }

  // Hands the successes to k6 and starts anew.
  flush() {
    if (this.okTotal > 0) {
      counters.okTotal.add(this.okTotal);
      this.okTotal = 0;
    }
    for (const [part, count] of this.okInParts) {
      counters.okInWindow.add(count, { part: String(part) });
    }
    this.okInParts.clear();
  }
}
