// Tripod's own metrics, named here and nowhere else in the scripts.

import { Counter, Gauge, Trend } from 'k6/metrics';

export const NAMES = {
  okInWindow: 'tripod_ok_requests', // successful, completed within `duration`: the rate is this ÷ duration; tagged with its route
  okTotal: 'tripod_ok_requests_total', // successful, the drain included
  failed: 'tripod_failed_requests', // every request that was not successful, the drain included; tagged with its kind
};

// Of closed loads, in which each user ends one iteration in the drain.
export const CLOSED_NAMES = {
  drainsMs: 'tripod_drains_ms', // sum over users of what that iteration took beyond `duration`
};

// The window is counted in so many parts, too: the sub-metrics okInWindow{part:0} to {part:9}.
export const PARTS = 10;

// Of open loads, which alone have a schedule. What follows the first dropped iteration has no lag that can be known, and
// the first counter then says too little, the second still what it says.
export const OPEN_NAMES = {
  withinSlo: 'tripod_within_slo', // successful, within slo_ms from when its iteration was due
  withinSloOfSend: 'tripod_within_slo_of_send', // successful, within slo_ms from when it was to be sent, lag left out
};

export const LAG = 'tripod_schedule_lag'; // ms from when an iteration was due to its begin

// k6 lets metrics be made while it loads the script only, hence at the top of the module.
const counters = Object.fromEntries(
  Object.entries({ ...NAMES, ...CLOSED_NAMES, ...OPEN_NAMES }).map(([key, name]) => [key, new Counter(name)]),
);
const lag = new Trend(LAG, true);

// When the window began, on this host's wall clock: what other hosts sampled is cut to it.
const started = new Gauge('tripod_started_ms');

export function tellStart(wallMs) {
  started.add(wallMs);
}

// How long k6 waited for the agreed time, in ms from the begin of its test; the length of the test has it in it.
const waited = new Gauge('tripod_waited_ms');

export function tellWaited(ms) {
  waited.add(ms);
}

// Counts the requests of one virtual user. Failures go to k6 at once. Successes go once per iteration: two samples for
// each request cost k6 about a tenth of its CPU time, and the load host's CPU is what limits a load. So when k6 is
// stopped in mid-run, the successes of the iterations in flight are missing; such a trial is failed anyway.
export class Tally {
  constructor() {
    this.sums = { okTotal: 0, withinSlo: 0, withinSloOfSend: 0 };
    // By route and part of the window. An iteration lies in one part, or in two, so that parts cost hardly a sample more.
    this.okInWindow = new Map();
  }

  failed(kind) {
    counters.failed.add(1, { kind });
  }

  // `part` is that of the window, null in the drain.
  succeeded(name, part) {
    this.sums.okTotal += 1;
    if (part !== null) {
      const key = `${part} ${name}`;
      this.okInWindow.set(key, (this.okInWindow.get(key) || 0) + 1);
    }
  }

  // Notes a success of an open load: what it took from its sending, how late that was, and what it may take, all in ms.
  took(tookMs, lagMs, sloMs) {
    this.sums.withinSlo += Number(lagMs + tookMs <= sloMs);
    this.sums.withinSloOfSend += Number(tookMs <= sloMs);
  }

  drained(beyondMs) {
    counters.drainsMs.add(beyondMs);
  }

  lagged(lagMs) {
    lag.add(lagMs);
  }

  // Hands the successes to k6 and starts anew.
  flush() {
    for (const [key, count] of this.okInWindow) {
      const space = key.indexOf(' ');
      counters.okInWindow.add(count, { part: key.slice(0, space), name: key.slice(space + 1) });
    }
    this.okInWindow.clear();
    for (const key of Object.keys(this.sums)) {
      if (this.sums[key] > 0) {
        counters[key].add(this.sums[key]);
        this.sums[key] = 0;
      }
    }
  }
}
