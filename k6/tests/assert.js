// The test helper: a suite is a table of named functions, a test fails by throwing. k6 runs it as a script of one
// iteration, says which tests failed, and exits with 99 (a crossed threshold) when one did.

import { check } from 'k6';

export const options = { vus: 1, iterations: 1, thresholds: { checks: ['rate==1'] } };

export function suite(tests) {
  return () => {
    for (const [name, test] of Object.entries(tests)) {
      let problem = null;
      try {
        test();
      } catch (error) {
        problem = error;
        console.error(`FAILED ${name}: ${error.message}`);
      }
      check(null, { [name]: () => problem === null });
    }
  };
}

export function handleSummary(data) {
  const checks = data.root_group.checks;
  const passed = checks.filter(({ fails }) => fails === 0).length;
  return { stdout: `${passed} passed, ${checks.length - passed} failed\n` };
}

export function equal(found, expected) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) {
    throw new Error(`found ${a}, expected ${b}`);
  }
}

// The function must throw an error whose message contains every one of the texts.
export function throwsWith(texts, run) {
  let message = null;
  try {
    run();
  } catch (error) {
    message = error.message;
  }
  if (message === null) {
    throw new Error('nothing was thrown');
  }
  for (const text of texts) {
    if (!message.includes(text)) {
      throw new Error(`the message lacks "${text}": ${message}`);
    }
  }
}
