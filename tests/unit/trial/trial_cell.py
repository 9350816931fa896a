"""A cell as the plan has it, for the tests of its trials."""

from __future__ import annotations

CELL = {
    "cell": "sync-w1-db25",
    "command": "gunicorn -w 1 sync_app:app",
    "database": "fakedb",
    "db_sleep_ms": 25,
    "service": "tripod-sync-w1",
    "db_service": "tripod-fakedb-db25",
    "expect": {"loop": "none"},
    "load": {"script": "poc", "vus": 10, "duration_s": 5.0, "warmup_s": 2.0},
}
