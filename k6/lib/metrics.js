// Tripod's own metrics, named here and nowhere else in the scripts.

import { Counter, Gauge } from 'k6/metrics';

export const NAMES = {
  okInWindow: 'tripod_ok_requests', // successful, completed within `duration`: the rate is this ÷ duration
  okTotal: 'tripod_ok_requests_total', // successful, the drain included
  failed: 'tripod_failed_requests', // every request that was not successful, the drain included; tagged with its kind
};

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
    this.okInWindow = 0;
    this.okTotal = 0;
  }

  failed(kind) {
    counters.failed.add(1, { kind });
  }

  succeeded(isInWindow) {
    this.okTotal += 1;
    if (isInWindow) {
      this.okInWindow += 1;
    }
  }

  // Hands the successes to k6 and starts anew.
  flush() {
    for (const key of ['okInWindow', 'okTotal']) {
      if (this[key] > 0) {
        counters[key].add(this[key]);
        this[key] = 0;
      }
    }
  }
}
