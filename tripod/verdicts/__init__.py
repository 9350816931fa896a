"""Rules over evidence: what may be believed and why not; pure functions, no files and no layout."""
