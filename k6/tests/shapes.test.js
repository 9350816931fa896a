import { isOpen, shapes } from '../lib/shapes.js';
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
  'constant-arrival-rate takes requests a second, and has all its users from the start': () =>
    equal(shapes['constant-arrival-rate']({ rate: 100, vus: 34, durationS: 10, drainS: 30 }, 3), {
      executor: 'constant-arrival-rate',
      rate: 100,
      timeUnit: '3s',
      preAllocatedVUs: 34,
      maxVUs: 34,
      duration: '10000ms',
      gracefulStop: '30000ms',
    }),
  'one shape is open': () => equal(Object.keys(shapes).filter(isOpen), ['constant-arrival-rate']),
  'parts of a second are kept': () => equal(shapes['constant-vus']({ vus: 1, durationS: 2.525 }).duration, '2525ms'),
});
