"""One trial: what its hosts are told, in which steps, and the record of what they said; no figures."""
