// Sends a workload's requests: timeout, tags, checks, counts, and what to do when no answer comes.

import { check, sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';

import { BACK_OFF_S, Refusals } from './app_gone.js';
import { kindOf } from './failures.js';
import { PARTS, Tally } from './metrics.js';
import { lagNowMs } from './schedule.js';
import { elapsedS, partOf, requestTimeoutMs } from './window.js';

const EXPECTED_STATUS = 200;

// k6 would take every status from 200 to 399 for a success, in http_req_failed and in expected_response.
http.setResponseCallback(http.expectedStatuses(EXPECTED_STATUS));

// The checks of one route as k6 wants them: by name, predicates over the response.
function namedChecks(name, checks) {
  const named = { [`${name}: status is ${EXPECTED_STATUS}`]: ({ status }) => status === EXPECTED_STATUS };
  for (const [what, holds] of Object.entries(checks)) {
    named[`${name}: ${what}`] = ({ body }) => holds(body);
  }
  return named;
}

// One virtual user's way to the app.
export class Client {
  // `routes`: by name, {path, checks, method}; `checks` maps what must hold, in words, to a predicate over the body
  // (null when there is none); the method is GET unless it says otherwise. `everyS`: from one iteration's due time to the
  // next one's; null: iterations are not due at any time.
  constructor(settings, routes, everyS) {
    const { target, durationS } = settings;
    this.settings = settings;
    this.target = target;
    this.durationS = durationS;
    this.everyS = everyS;
    this.lagMs = 0;
    this.tally = new Tally();
    this.refusals = new Refusals();
    // By name, a function that sends one request without a body and returns when it has been answered, or has failed.
    this.requests = {};
    for (const [name, { path, checks, method = 'GET' }] of Object.entries(routes)) {
      const url = `${target}${path}`;
      const named = namedChecks(name, checks);
      this.requests[name] = () => this.send(method, url, name, named);
    }
  }

  send(method, url, name, checks) {
    const timeout = requestTimeoutMs(elapsedS(), this.settings);
    if (timeout === 0) {
      return; // The drain is over: a request sent now would be cut off and lost.
    }
    // A redirect is an unexpected status, not something to follow.
    const response = http.request(method, url, null, { timeout, redirects: 0, tags: { name } });
    const nowS = elapsedS();
    // Successful: the whole answer came (no error while it was read) and every check holds.
    const isSuccess = check(response, checks) && response.error_code === 0;
    if (isSuccess) {
      this.tally.succeeded(name, partOf(nowS, this.durationS, PARTS));
      if (this.everyS !== null) {
        // Blocked time has the connecting in it, the duration has neither.
        this.tally.took(response.timings.blocked + response.timings.duration, this.lagMs, this.settings.sloMs);
      }
    } else {
      this.tally.failed(kindOf(response));
    }
    const gone = this.refusals.note(response.error_code, nowS);
    if (gone !== null) {
      exec.test.abort(`${gone} (${this.target})`);
    }
    if (response.status === 0) {
      sleep(BACK_OFF_S);
    }
  }

  // Notes what an iteration that ended now took beyond the window: of a closed load it is its user's last.
  noteDrain(nowS) {
    if (this.everyS === null && nowS > this.durationS) {
      this.tally.drained(1000 * (nowS - this.durationS));
    }
  }

  // Runs one iteration of a workload and counts its requests, also when the iteration throws.
  run(iteration) {
    if (this.everyS !== null) {
      this.lagMs = lagNowMs(this.everyS);
      this.tally.lagged(this.lagMs);
    }
    try {
      iteration(this.requests);
    } finally {
      this.tally.flush();
      this.noteDrain(elapsedS());
    }
  }
}
