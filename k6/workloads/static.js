// Workload static, the third scenario of the article that the second write-up answers: GET / of the quote apps again and
// again, which asks no database.

// A line of text; a page of the other family of apps would be HTML.
export function isText(body) {
  return typeof body === 'string' && /^[^<\n]+\n?$/.test(body);
}

export const routes = {
  static: { path: '/', checks: { 'body is a line of text': isText } },
};

export function iteration({ static: page }, pause) {
  page();
  pause();
}
