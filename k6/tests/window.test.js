import { sleep } from 'k6';

import { GRACEFUL_STOP_S, REQUEST_TIMEOUT_S, elapsedS, inWindow, requestTimeoutMs } from '../lib/window.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

export default suite({
  'the window includes its end and nothing after it': () =>
    equal([59.999, 60, 60.001].map((t) => inWindow(t, 60)), [true, true, false]),
  'a request within the window may take the full timeout': () =>
    equal([0, 59.9, 60].map((t) => requestTimeoutMs(t, 60)), [20000, 20000, 20000]),
  'late in the drain the timeout is what is left of it, less a second': () =>
    equal([69, 70, 80, 88].map((t) => requestTimeoutMs(t, 60)), [20000, 19000, 9000, 1000]),
  'with less than a second left no request is sent': () =>
    equal([88.1, 89, 95].map((t) => requestTimeoutMs(t, 60)), [0, 0, 0]),
  'no request that was sent outlives the drain': () => {
    for (let tenths = 0; tenths <= 1000; tenths += 1) {
      const endS = tenths / 10 + requestTimeoutMs(tenths / 10, 60) / 1000;
      equal(requestTimeoutMs(tenths / 10, 60) === 0 || endS < 60 + GRACEFUL_STOP_S, true);
    }
  },
  'what starts in the window ends within the drain': () => equal(REQUEST_TIMEOUT_S < GRACEFUL_STOP_S, true),
  'elapsed time starts near zero and runs with the clock': () => {
    const before = elapsedS();
    sleep(0.2);
    const slept = elapsedS() - before;
    equal([before >= 0 && before < 1, slept >= 0.199 && slept < 1], [true, true]);
  },
});
