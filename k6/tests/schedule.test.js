import { lagMs, lagNowMs, periodS } from '../lib/schedule.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

export default suite({
  'the period is that of iterations, the rate that of requests': () => equal([periodS(60, 3), periodS(50, 1)], [0.05, 0.02]),
  'the first iteration is due at once, the others one after the other': () =>
    equal([[0, 0], [0, 0.25], [10, 0.5], [10, 0.75]].map(([index, atS]) => lagMs(index, atS, 0.05)), [0, 250, 0, 250]),
  'a clock that counts whole milliseconds makes none early': () => equal(lagMs(10, 0.4995, 0.05), 0),
  'the iteration that runs is the first, and began a moment ago': () => {
    const lag = lagNowMs(0.05);
    equal(lag >= 0 && lag < 1000, true);
  },
});
