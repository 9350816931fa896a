// The named load shapes: each turns the settings into one k6 scenario. A new shape is one more entry here, and one in
// tripod/catalogue/shapes.py.

// In ms, since k6 reads '2.5s' but a whole number of ms has no rounding to think about.
function ms(seconds) {
  return `${Math.round(seconds * 1000)}ms`;
}

export const shapes = {
  // A closed model: each virtual user starts its next iteration when its last one has ended.
  'constant-vus': ({ vus, durationS, drainS }) => ({
    executor: 'constant-vus',
    vus,
    duration: ms(durationS),
    gracefulStop: ms(drainS),
  }),
  // An open model: iterations begin by the clock. `rate` counts requests; k6's counts iterations and must be whole, hence
  // the unit of time. All users are there from the start: k6 drops iterations while it makes more.
  'constant-arrival-rate': ({ rate, vus, durationS, drainS }, requestsPerIteration) => ({
    executor: 'constant-arrival-rate',
    rate,
    timeUnit: `${requestsPerIteration}s`,
    preAllocatedVUs: vus,
    maxVUs: vus,
    duration: ms(durationS),
    gracefulStop: ms(drainS),
  }),
};

// Whether iterations of this shape are due at times of their own.
export function isOpen(shape) {
  return shape === 'constant-arrival-rate';
}
