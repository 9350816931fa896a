// Workload quote, as in the second write-up: GET /quote/ again and again, without a pause of its own.

// A quote, an empty line, its author.
export function isQuote(body) {
  return typeof body === 'string' && /^\S[^\n]*\n\n\S[^\n]*\n?$/.test(body);
}

export const routes = {
  quote: { path: '/quote/', checks: { 'body is a quote and its author': isQuote } },
};

export function iteration({ quote }, pause) {
  quote();
  pause();
}
