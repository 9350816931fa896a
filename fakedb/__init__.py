"""The fake database: an HTTP server that answers after an exact latency."""
