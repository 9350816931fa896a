"""Fixtures of the unit tests; each set stands in a module of its own."""

from plan_fixtures import make, matrix, postgres_matrix, refused, root, write_matrix
from postgres_fixtures import deployed, fresh, server
from run_fixtures import app_url, k6_summary, run_files

__all__ = [
    "app_url",
    "deployed",
    "fresh",
    "k6_summary",
    "make",
    "matrix",
    "postgres_matrix",
    "refused",
    "root",
    "run_files",
    "server",
    "write_matrix",
]
