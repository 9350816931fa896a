import { shapes } from '../lib/shapes.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

export default suite({
  'constant-vus takes VUs and duration, and drains for 30 s': () =>
    equal(shapes['constant-vus']({ vus: 10, durationS: 60 }), {
      executor: 'constant-vus',
      vus: 10,
      duration: '60000ms',
      gracefulStop: '30s',
    }),
  'parts of a second are kept': () => equal(shapes['constant-vus']({ vus: 1, durationS: 2.525 }).duration, '2525ms'),
});
