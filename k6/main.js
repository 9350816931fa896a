// One k6 process: the warm-up or the measurement of a trial. What it does is set by TRIPOD_* variables, see README.md.

import { sleep } from 'k6';

import { Client } from './lib/client.js';
import { readSettings } from './lib/env.js';
import { readFacts } from './lib/facts.js';
import { iterationOf, requestsPerIteration, routesOf } from './lib/iteration.js';
import { periodS } from './lib/schedule.js';
import { isOpen, shapes } from './lib/shapes.js';
import { LONGEST_WAIT_S, waitUntil } from './lib/start.js';
import { namedMetrics, trendStats, writeSummary } from './lib/summary.js';
import { workloads } from './workloads/index.js';

const settings = readSettings(workloads);
const { rate, route, shape, workload: name } = settings;
const workload = workloads[name];
const facts = readFacts(import.meta.resolve(`./workloads/${name}.json`));
const routes = routesOf(workload, route);
const requests = requestsPerIteration(facts, route);
const everyS = isOpen(shape) ? periodS(rate, requests) : null;
const pauseS = settings.pauseS === null ? facts.pause_s : settings.pauseS;
const iteration = iterationOf(workload, route);
const client = new Client(settings, routes, everyS);

export const options = {
  scenarios: { load: shapes[shape](settings, requests) },
  noConnectionReuse: !settings.keepalive,
  setupTimeout: `${LONGEST_WAIT_S}s`,
  summaryTrendStats: trendStats(),
  thresholds: namedMetrics(Object.keys(routes), isOpen(shape)),
};

export function setup() {
  if (settings.startAtMs !== null) {
    waitUntil(settings.startAtMs);
  }
}

function pause() {
  if (pauseS > 0) {
    sleep(pauseS);
  }
}

export default function () {
  client.run((byRoute) => iteration(byRoute, pause));
}

export function handleSummary(data) {
  return writeSummary(settings.summaryPath, data);
}
