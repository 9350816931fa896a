import { sleep } from 'k6';

import { elapsedS, inWindow, partOf, requestTimeoutMs } from '../lib/window.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

const USUAL = { durationS: 60, requestTimeoutS: 20, drainS: 30 };

export default suite({
  'the window includes its end and nothing after it': () =>
    equal([59.999, 60, 60.001].map((t) => inWindow(t, 60)), [true, true, false]),
  'the window has ten parts, the last with its end, and the drain is none of them': () =>
    equal([-0.001, 0, 5.999, 6, 59.999, 60, 60.001].map((t) => partOf(t, 60, 10)), [0, 0, 0, 1, 9, 9, null]),
  'a request within the window may take the full timeout': () =>
    equal([0, 59.9, 60].map((t) => requestTimeoutMs(t, USUAL)), [20000, 20000, 20000]),
  'late in the drain the timeout is what is left of it, less a second': () =>
    equal([69, 70, 80, 88].map((t) => requestTimeoutMs(t, USUAL)), [20000, 19000, 9000, 1000]),
  'with less than a second left no request is sent': () =>
    equal([88.1, 89, 95].map((t) => requestTimeoutMs(t, USUAL)), [0, 0, 0]),
  'no request that was sent outlives the drain': () => {
    for (let tenths = 0; tenths <= 1000; tenths += 1) {
      const endS = tenths / 10 + requestTimeoutMs(tenths / 10, USUAL) / 1000;
      equal(requestTimeoutMs(tenths / 10, USUAL) === 0 || endS < 60 + USUAL.drainS, true);
    }
  },
  'who waits for a slow database waits longer': () => {
    const patient = { durationS: 60, requestTimeoutS: 80, drainS: 90 };
    equal([0, 60, 69, 140, 148.1].map((t) => requestTimeoutMs(t, patient)), [80000, 80000, 80000, 9000, 0]);
  },
  'elapsed time starts near zero and runs with the clock': () => {
    const before = elapsedS();
    sleep(0.2);
    const slept = elapsedS() - before;
    equal([before >= 0 && before < 1, slept >= 0.199 && slept < 1], [true, true]);
  },
});
