// Workload quote-view: POST /quote/view again and again, without a pause of its own. Each request picks a random quote under
// SELECT … FOR UPDATE and adds one to its views.

// The id of the quote, and its views, this one included.
export function isCountedView(body) {
  try {
    const { id, views } = JSON.parse(body);
    return Number.isInteger(id) && Number.isInteger(views) && id >= 1 && views >= 1;
  } catch (_) {
    return false; // not JSON, or no body at all
  }
}

export const routes = {
  view: { method: 'POST', path: '/quote/view', checks: { 'body has an id and its views': isCountedView } },
};

export function iteration({ view }, pause) {
  view();
  pause();
}
