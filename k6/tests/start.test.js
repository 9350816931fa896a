import { untilS, waitUntil } from '../lib/start.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

export default suite({
  'what is past is not waited for': () => equal([untilS(1000, 1000), untilS(1000, 5000)], [0, 0]),
  'what is to come is waited for, in seconds': () => equal(untilS(2500, 1000), 1.5),
  'it goes on at the agreed time, and at once when that is past': () => {
    const atMs = Date.now() + 200;
    waitUntil(atMs);
    const lateMs = Date.now() - atMs;
    waitUntil(atMs);
    equal([lateMs >= 0 && lateMs < 500, Date.now() - atMs - lateMs < 200], [true, true]);
  },
});
