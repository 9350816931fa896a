// What one iteration does: the workload's own requests and pauses, or those that the load asks for instead.

// Returns what an iteration of the load does with the requests that it gets by route, and with `pause`: the workload's own,
// or one request of `route` and the pause.
export function iterationOf({ iteration }, route) {
  return route === null ? iteration : (requests, pause) => {
    requests[route]();
    pause();
  };
}

// The requests of such an iteration, from the workload's facts.
export function requestsPerIteration({ routes }, route) {
  return route === null ? Object.values(routes).reduce((sum, { requests_per_iteration: own }) => sum + own, 0) : 1;
}

// The routes that it asks for.
export function routesOf({ routes }, route) {
  return route === null ? routes : { [route]: routes[route] };
}
