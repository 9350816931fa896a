"""The report: a run, or several, as one HTML page that opens from disk and fetches nothing."""
