// The only reader of __ENV. What is missing, malformed or unknown throws, and k6 then exits with 107 before any
// request is sent.

import { isOpen, shapes } from './shapes.js';
import { MARGIN_S } from './window.js';

const PREFIX = 'TRIPOD_';

// k6 itself refuses a scenario shorter than one second.
const SHORTEST_S = 1;

// A timeout must fire within the drain, before k6 interrupts.
const DRAIN_EXTRA_S = 2 * MARGIN_S;

// Each variable: what is allowed, in words for the message, how to read it (undefined: refused), and what holds without it
// (`absent`; a variable that has none is required).
function variables(workloads, env) {
  const workloadNames = Object.keys(workloads);
  const routeNames = Object.keys(Object.hasOwn(workloads, env.TRIPOD_WORKLOAD) ? workloads[env.TRIPOD_WORKLOAD].routes : {});
  const open = isOpen(env.TRIPOD_SHAPE);
  const ofOpen = open ? {} : { absent: null };
  return {
    TRIPOD_TARGET: {
      key: 'target',
      allowed: 'http://ADDRESS:PORT without a path',
      read: (text) => (isTarget(text) ? text : undefined),
    },
    TRIPOD_WORKLOAD: {
      key: 'workload',
      allowed: `one of: ${workloadNames.join(', ')}`,
      read: (text) => (workloadNames.includes(text) ? text : undefined),
    },
    TRIPOD_SHAPE: {
      key: 'shape',
      allowed: `one of: ${Object.keys(shapes).join(', ')}`,
      absent: 'constant-vus',
      read: (text) => (Object.hasOwn(shapes, text) ? text : undefined),
    },
    TRIPOD_RATE: {
      key: 'rate',
      allowed: open ? 'a whole number of requests a second, from 1' : 'nothing with this TRIPOD_SHAPE, leave it out',
      ...ofOpen,
      read: (text) => (open ? whole(text) : undefined),
    },
    TRIPOD_SLO_MS: {
      key: 'sloMs',
      allowed: open ? 'a whole number of milliseconds, from 1' : 'nothing with this TRIPOD_SHAPE, leave it out',
      ...ofOpen,
      read: (text) => (open ? whole(text) : undefined),
    },
    TRIPOD_PAUSE_S: {
      key: 'pauseS',
      allowed: 'seconds, with at most three decimals',
      absent: null, // the workload's own
      read: (text) => (isSeconds(text) ? Number(text) : undefined),
    },
    TRIPOD_ROUTE: {
      key: 'route',
      allowed: `one of: ${routeNames.join(', ')}`,
      absent: null, // the workload's own iteration
      read: (text) => (routeNames.includes(text) ? text : undefined),
    },
    TRIPOD_KEEPALIVE: {
      key: 'keepalive',
      allowed: 'true or false',
      absent: true,
      read: (text) => ({ true: true, false: false })[text],
    },
    TRIPOD_VUS: {
      key: 'vus',
      allowed: 'a whole number of virtual users, from 1',
      read: whole,
    },
    TRIPOD_DURATION_S: {
      key: 'durationS',
      allowed: `seconds, from ${SHORTEST_S}, with at most three decimals, such as 60 or 2.5`,
      read: (text) => (isSeconds(text) && Number(text) >= SHORTEST_S ? Number(text) : undefined),
    },
    TRIPOD_REQUEST_TIMEOUT_S: {
      key: 'requestTimeoutS',
      allowed: 'seconds that a request may take, above 0, with at most three decimals',
      read: (text) => (isSeconds(text) && Number(text) > 0 ? Number(text) : undefined),
    },
    TRIPOD_DRAIN_S: {
      key: 'drainS',
      allowed: `seconds, at least ${DRAIN_EXTRA_S} more than TRIPOD_REQUEST_TIMEOUT_S, with at most three decimals`,
      read: (text, env) =>
        isSeconds(text) && !(Number(text) < Number(env.TRIPOD_REQUEST_TIMEOUT_S) + DRAIN_EXTRA_S) ? Number(text) : undefined,
    },
    TRIPOD_START_AT_MS: {
      key: 'startAtMs',
      allowed: 'when to begin, in ms since the epoch by the clock of this host, 13 digits',
      absent: null, // at once
      read: (text) => (/^[0-9]{13}$/.test(text) ? Number(text) : undefined),
    },
    TRIPOD_SUMMARY: {
      key: 'summaryPath',
      allowed: "the path of the file to write k6's summary to",
      // k6 takes these two names for its own streams.
      read: (text) => (text !== '' && text !== 'stdout' && text !== 'stderr' ? text : undefined),
    },
  };
}

function whole(text) {
  return /^[1-9][0-9]{0,5}$/.test(text) ? Number(text) : undefined;
}

function isSeconds(text) {
  return /^[0-9]{1,6}(\.[0-9]{1,3})?$/.test(text);
}

function isTarget(text) {
  const match = /^http:\/\/(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+):([0-9]{1,5})$/.exec(text);
  return match !== null && Number(match[2]) >= 1 && Number(match[2]) <= 65535;
}

// Returns the settings under the keys above. All problems are told at once. `workloads`: by name, with their `routes`.
export function readSettings(workloads, env = __ENV) {
  const known = variables(workloads, env);
  const settings = {};
  const problems = [];
  for (const [name, { key, allowed, absent, read }] of Object.entries(known)) {
    if (env[name] === undefined && absent !== undefined) {
      settings[key] = absent;
      continue;
    }
    if (env[name] === undefined) {
      problems.push(`${name} is missing; allowed: ${allowed}`);
      continue;
    }
    settings[key] = read(env[name], env);
    if (settings[key] === undefined) {
      problems.push(`${name} is '${env[name]}'; allowed: ${allowed}`);
    }
  }
  for (const name of Object.keys(env)) {
    if (name.startsWith(PREFIX) && known[name] === undefined) {
      problems.push(`${name} is '${env[name]}', but no such variable exists; known: ${Object.keys(known).join(', ')}`);
    }
  }
  if (problems.length > 0) {
    throw new Error(problems.join(' | '));
  }
  return settings;
}
