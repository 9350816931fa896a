// Workload poc, as in the write-ups: GET /, a pause, GET /api, GET /.

export function isWholePage(body) {
  return typeof body === 'string' && body.includes('</html>');
}

export function hasWholeNumberValue(body) {
  try {
    return Number.isInteger(JSON.parse(body).value);
  } catch (_) {
    return false; // not JSON, or no body at all
  }
}

export const routes = {
  home: { path: '/', checks: { 'body is a whole page': isWholePage } },
  api: { path: '/api', checks: { 'body has a whole number as value': hasWholeNumberValue } },
};

export function iteration({ home, api }, pause) {
  home();
  pause();
  api();
  home();
}
