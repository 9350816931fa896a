import { shapes } from '../lib/shapes.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

export default suite({
  'constant-vus takes VUs, duration and drain': () =>
    equal(shapes['constant-vus']({ vus: 10, durationS: 60, drainS: 30.25 }), {
      executor: 'constant-vus',
      vus: 10,
      duration: '60000ms',
      gracefulStop: '30250ms',
    }),
  'parts of a second are kept': () => equal(shapes['constant-vus']({ vus: 1, durationS: 2.525 }).duration, '2525ms'),
});
