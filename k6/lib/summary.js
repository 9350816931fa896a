// What k6's end-of-test summary holds, and where it goes.

import { KINDS } from './failures.js';
import { CLOSED_NAMES, LAG, NAMES, OPEN_NAMES, PARTS } from './metrics.js';

// The quantile grid: p(0.1), p(0.2) … p(99.9), and from there in steps of a hundredth to p(99.99), where a tail is steep and
// the p99.9 of several grids must be found. The keys in the summary are these strings, letter for letter, so they are built
// from whole numbers: 3 × 0.1 would give p(0.30000000000000004).
export function quantileGrid() {
  const grid = [];
  for (let tenths = 1; tenths <= 999; tenths += 1) {
    grid.push(`p(${tenths / 10})`);
  }
  for (let hundredths = 9991; hundredths <= 9999; hundredths += 1) {
    grid.push(`p(${hundredths / 100})`);
  }
  return grid;
}

export function trendStats() {
  return ['avg', 'min', 'med', 'max', 'count', ...quantileGrid()];
}

// The metrics that must be in the summary although nothing touched them (k6 leaves such out), and the sub-metrics,
// which exist only when named here. The lists are empty on purpose: a real threshold on a trend makes k6 sort all of
// its values every two seconds while it measures.
export function namedMetrics(routeNames, isOpen) {
  const names = [
    ...Object.values(NAMES),
    ...Array.from({ length: PARTS }, (_, part) => `${NAMES.okInWindow}{part:${part}}`),
    ...KINDS.map((kind) => `${NAMES.failed}{kind:${kind}}`),
    'http_req_duration{expected_response:true}',
    ...routeNames.map((name) => `http_req_duration{name:${name}}`),
    ...routeNames.map((name) => `${NAMES.okInWindow}{name:${name}}`),
    ...(isOpen ? [...Object.values(OPEN_NAMES), LAG] : Object.values(CLOSED_NAMES)),
  ];
  return Object.fromEntries(names.map((name) => [name, []]));
}

// k6's own data, untouched, as JSON.
export function writeSummary(path, data) {
  return { [path]: JSON.stringify(data) };
}
