// Says of a failed request how it failed, by k6's error code and the answer's status.

// k6's error codes for "dial: connection refused", for a dial that took too long, and for a request that did.
export const REFUSED = 1212;
const TIMED_OUT = [1211, 1050];

// The kinds, each once: sub-metrics of the counter of failures are named by them.
export const KINDS = ['timed_out', 'refused', 'no_connection', 'broken', 'wrong_status', 'wrong_answer'];

// The kind of a request that was not successful. `status` is 0 where no answer began.
export function kindOf({ status, error_code: code }) {
  if (TIMED_OUT.includes(code)) {
    return 'timed_out';
  }
  if (code === REFUSED) {
    return 'refused';
  }
  // k6 takes 1000 + status for the code of an answer whose status is 400 or more.
  if (status !== 0 && (code === 0 || code === 1000 + status)) {
    return status === 200 ? 'wrong_answer' : 'wrong_status';
  }
  // DNS, and every other way in which no connection was made: no route, or no port left on the load host.
  const isDial = (code >= 1100 && code < 1200) || (code >= 1210 && code < 1220);
  return isDial ? 'no_connection' : 'broken';
}
