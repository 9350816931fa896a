import { KINDS, kindOf } from '../lib/failures.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

// k6's error code and the status of a failed request, by kind.
const FAILED = {
  timed_out: [[1050, 0], [1211, 0], [1050, 200]],
  refused: [[1212, 0]],
  no_connection: [[1101, 0], [1210, 0], [1213, 0]],
  broken: [[1000, 0], [1220, 0], [1201, 0], [1000, 200], [1701, 200]],
  wrong_status: [[1502, 502], [1404, 404], [0, 302], [0, 204]],
  wrong_answer: [[0, 200]],
};

export default suite({
  'every kind is told by code and status': () => {
    for (const [kind, ways] of Object.entries(FAILED)) {
      equal(ways.map(([code, status]) => kindOf({ status, error_code: code })), ways.map(() => kind));
    }
  },
  'there are no other kinds': () => equal([...KINDS].sort(), Object.keys(FAILED).sort()),
});
