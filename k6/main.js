// One k6 process: the warm-up or the measurement of a trial. What it does is set by TRIPOD_* variables, see README.md.

import { Client } from './lib/client.js';
import { readSettings } from './lib/env.js';
import { shapes } from './lib/shapes.js';
import { namedMetrics, trendStats, writeSummary } from './lib/summary.js';
import { workloads } from './workloads/index.js';

const settings = readSettings(Object.keys(workloads));
const workload = workloads[settings.workload];
const client = new Client(settings, workload.routes);

export const options = {
  scenarios: { load: shapes['constant-vus'](settings) },
  summaryTrendStats: trendStats(),
  thresholds: namedMetrics(Object.keys(workload.routes)),
};

export default function () {
  client.run(workload.iteration);
}

export function handleSummary(data) {
  return writeSummary(settings.summaryPath, data);
}
