import { KINDS } from '../lib/failures.js';
import { CLOSED_NAMES, LAG, NAMES, OPEN_NAMES } from '../lib/metrics.js';
import { namedMetrics, quantileGrid, trendStats, writeSummary } from '../lib/summary.js';
import { equal, suite } from './assert.js';

export { handleSummary, options } from './assert.js';

export default suite({
  'the grid has 1008 different quantiles': () => equal([quantileGrid().length, new Set(quantileGrid()).size], [1008, 1008]),
  'the grid rises from p(0.1) to p(99.99)': () => {
    const values = quantileGrid().map((key) => Number(key.slice(2, -1)));
    equal([values[0], values[998], values[999], values[1007]], [0.1, 99.9, 99.91, 99.99]);
    equal(values, [...values].sort((a, b) => a - b));
  },
  'every key is written as a person would': () =>
    equal(quantileGrid().filter((key) => !/^p\((0|[1-9][0-9]?)(\.[1-9])?\)$/.test(key)).join(' '), 'p(99.91) p(99.92) p(99.93) p(99.94) p(99.95) p(99.96) p(99.97) p(99.98) p(99.99)'),
  'whole quantiles carry no decimals': () => {
    for (const key of ['p(0.3)', 'p(10)', 'p(50)', 'p(90)', 'p(95)', 'p(99)']) {
      equal(quantileGrid().includes(key), true);
    }
  },
  'average, extremes, median and count come with the grid': () => {
    equal(trendStats().slice(0, 5), ['avg', 'min', 'med', 'max', 'count']);
    equal(trendStats().length, 1013);
  },
  'counters, parts of the window, kinds of failure and routes are named, with nothing to evaluate': () =>
    equal(namedMetrics(['home'], false), {
      [NAMES.okInWindow]: [],
      [NAMES.okTotal]: [],
      [NAMES.failed]: [],
      ...Object.fromEntries([...'0123456789'].map((part) => [`tripod_ok_requests{part:${part}}`, []])),
      ...Object.fromEntries(KINDS.map((kind) => [`tripod_failed_requests{kind:${kind}}`, []])),
      'http_req_duration{expected_response:true}': [],
      'http_req_duration{name:home}': [],
      'tripod_ok_requests{name:home}': [],
      [CLOSED_NAMES.drainsMs]: [],
    }),
  'an open load has its schedule named, and no drains of users': () => {
    const [closed, open] = [false, true].map((isOpen) => Object.keys(namedMetrics(['home'], isOpen)));
    equal(open.filter((name) => !closed.includes(name)), [...Object.values(OPEN_NAMES), LAG]);
    equal(closed.filter((name) => !open.includes(name)), Object.values(CLOSED_NAMES));
  },
  'the summary is written as it came': () => {
    const data = { metrics: { a: { values: { 'p(0.1)': 0.30000000000000004 } } } };
    equal(JSON.parse(writeSummary('/x', data)['/x']), data);
  },
});
