// The named load shapes: each turns the settings into one k6 scenario. A new shape is one more entry here.

export const shapes = {
  // A closed model: each virtual user starts its next iteration when its last one has ended.
  'constant-vus': ({ vus, durationS, drainS }) => ({
    executor: 'constant-vus',
    vus,
    // In ms, since k6 reads '2.5s' but a whole number of ms has no rounding to think about.
    duration: `${Math.round(durationS * 1000)}ms`,
    gracefulStop: `${Math.round(drainS * 1000)}ms`,
  }),
};
