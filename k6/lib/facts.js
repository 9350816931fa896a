// Reads a workload's facts, the JSON file beside its script.

// Takes the URL that import.meta.resolve() gives. It is percent-encoded, and open() does not decode: a checkout in
// a directory whose name has a space would not be found.
export function readFacts(url) {
  return JSON.parse(open(pathOf(url)));
}

// The path of a file:// URL, as the file system has it.
export function pathOf(url) {
  return decodeURIComponent(url.replace(/^file:\/\//, ''));
}
