import { readSettings } from '../lib/env.js';
import { equal, suite, throwsWith } from './assert.js';

export { handleSummary, options } from './assert.js';

const GOOD = {
  TRIPOD_TARGET: 'http://127.0.0.1:8000',
  TRIPOD_WORKLOAD: 'poc',
  TRIPOD_VUS: '10',
  TRIPOD_DURATION_S: '2.5',
  TRIPOD_REQUEST_TIMEOUT_S: '20.25',
  TRIPOD_DRAIN_S: '30',
  TRIPOD_SUMMARY: '/tmp/k6.json',
};

const WORKLOADS = { poc: { routes: { home: {}, api: {} } }, other: { routes: { only: {} } } };
const OPEN = { TRIPOD_SHAPE: 'constant-arrival-rate', TRIPOD_RATE: '60', TRIPOD_SLO_MS: '100' };

const read = (changes = {}) => readSettings(WORKLOADS, { ...GOOD, ...changes });

// One refused value of one variable: the message names the variable, the value, and what is allowed.
const refuses = (name, value, allowed) => throwsWith([name, `'${value}'`, allowed], () => read({ [name]: value }));

export default suite({
  'good values are read with their types': () =>
    equal(read(), {
      target: 'http://127.0.0.1:8000',
      workload: 'poc',
      shape: 'constant-vus',
      rate: null,
      sloMs: null,
      pauseS: null,
      route: null,
      keepalive: true,
      vus: 10,
      durationS: 2.5,
      requestTimeoutS: 20.25,
      drainS: 30,
      startAtMs: null,
      summaryPath: '/tmp/k6.json',
    }),
  'variables of other programs do not matter': () => equal(read({ HOME: '/', K6_X: '1' }).vus, 10),
  'names and IPv6 addresses are targets': () => {
    for (const target of ['http://app-1.lab:80', 'http://[fd00::1]:65535']) {
      equal(read({ TRIPOD_TARGET: target }).target, target);
    }
  },
  'every missing variable is named': () => throwsWith(Object.keys(GOOD).map((name) => `${name} is missing`), () => readSettings(WORKLOADS, {})),
  'an unknown variable is refused with the known ones': () =>
    throwsWith(["TRIPOD_DURATION is '60'", ...Object.keys(GOOD)], () => read({ TRIPOD_DURATION: '60' })),
  'an unknown workload is refused with the known ones': () => refuses('TRIPOD_WORKLOAD', 'pok', 'one of: poc, other'),
  "a name of JavaScript's own is no workload": () => refuses('TRIPOD_WORKLOAD', 'constructor', 'one of: poc, other'),
  'targets that are not http://ADDRESS:PORT are refused': () => {
    for (const target of ['', '127.0.0.1:80', 'https://a:443', 'http://a', 'http://a:0', 'http://a:65536', 'http://a:80/', 'http://a b:80']) {
      refuses('TRIPOD_TARGET', target, 'http://ADDRESS:PORT');
    }
  },
  'VUs that are not a whole number from 1 are refused': () => {
    for (const vus of ['', '0', '-1', '1.5', '1e3', 'ten', '01', '10 ']) {
      refuses('TRIPOD_VUS', vus, 'a whole number');
    }
  },
  'durations that are not a number of seconds from 1 are refused': () => {
    for (const duration of ['', '0', '0.999', '-5', '60s', '1.0001', 'NaN', 'Infinity', '1e9']) {
      refuses('TRIPOD_DURATION_S', duration, 'seconds, from 1');
    }
  },
  'timeouts that are no seconds, and a drain that ends before one, are refused': () => {
    for (const timeout of ['', '0', '-1', '20s', '1e3', '1.0001']) {
      refuses('TRIPOD_REQUEST_TIMEOUT_S', timeout, 'above 0');
    }
    for (const drain of ['', '-1', '22', '30s']) {
      refuses('TRIPOD_DRAIN_S', drain, 'more than TRIPOD_REQUEST_TIMEOUT_S');
    }
  },
  'an open load has its rate and its service level': () => {
    const { shape, rate, sloMs } = read(OPEN);
    equal([shape, rate, sloMs], ['constant-arrival-rate', 60, 100]);
    throwsWith(['TRIPOD_RATE is missing', 'TRIPOD_SLO_MS is missing'], () => read({ TRIPOD_SHAPE: OPEN.TRIPOD_SHAPE }));
  },
  'a closed load has neither': () => {
    refuses('TRIPOD_RATE', '60', 'nothing with this TRIPOD_SHAPE');
    refuses('TRIPOD_SLO_MS', '100', 'nothing with this TRIPOD_SHAPE');
  },
  'rates, shapes, pauses, routes and switches that there are not are refused': () => {
    for (const rate of ['0', '1.5', '-1', 'ten', '']) {
      throwsWith(['TRIPOD_RATE', `'${rate}'`, 'a whole number'], () => read({ ...OPEN, TRIPOD_RATE: rate }));
    }
    refuses('TRIPOD_SHAPE', 'ramping-vus', 'one of: constant-vus, constant-arrival-rate');
    refuses('TRIPOD_PAUSE_S', '100ms', 'seconds');
    refuses('TRIPOD_ROUTE', 'only', 'one of: home, api');
    refuses('TRIPOD_ROUTE', 'constructor', 'one of: home, api');
    refuses('TRIPOD_KEEPALIVE', 'no', 'true or false');
    refuses('TRIPOD_START_AT_MS', '1700000000', 'ms since the epoch');
  },
  'what a load may say besides is read with its type': () => {
    const { pauseS, route, keepalive } = read({ TRIPOD_PAUSE_S: '0.25', TRIPOD_ROUTE: 'api', TRIPOD_KEEPALIVE: 'false' });
    equal([pauseS, route, keepalive], [0.25, 'api', false]);
  },
  "k6's own streams are no summary file": () => {
    for (const path of ['', 'stdout', 'stderr']) {
      refuses('TRIPOD_SUMMARY', path, 'the path of the file');
    }
  },
});
