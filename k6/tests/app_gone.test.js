import { BACK_OFF_S, GONE_AFTER_S, Refusals } from '../lib/app_gone.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

const REFUSED = 1212;

// Feeds [code, time in s] pairs; returns whether each was a reason to stop.
function stops(events) {
  const refusals = new Refusals();
  return events.map(([code, nowS]) => refusals.note(code, nowS) !== null);
}

export default suite({
  'refusals for a second stop the test': () =>
    equal(stops([[REFUSED, 5], [REFUSED, 5.5], [REFUSED, 6]]), [false, false, true]),
  'the reason says app-gone, how often and for how long': () => {
    const refusals = new Refusals();
    refusals.note(REFUSED, 5);
    refusals.note(REFUSED, 5.6);
    equal(refusals.note(REFUSED, 6.2), 'app-gone: 3 connections in a row refused, over 1.2 s');
  },
  'many refusals within a second do not': () =>
    equal(stops([[REFUSED, 0], [REFUSED, 0.1], [REFUSED, 0.2], [REFUSED, 0.9]]), [false, false, false, false]),
  'two refusals far apart do not': () => equal(stops([[REFUSED, 0], [REFUSED, 9]]), [false, false]),
  'an answer in between starts the count anew': () =>
    equal(stops([[REFUSED, 0], [REFUSED, 0.5], [0, 0.9], [REFUSED, 1], [REFUSED, 1.5]]), [false, false, false, false, false]),
  'other failures never do: 502, request timeout, dial timeout, reset, no route or no port left': () => {
    for (const code of [1502, 1050, 1211, 1220, 1213]) {
      equal(stops([[code, 0], [code, 1], [code, 2], [code, 30]]), [false, false, false, false]);
    }
  },
  'with the back-off it is decided within two seconds': () => equal(GONE_AFTER_S + BACK_OFF_S < 2, true),
});
