"""A cell as the plan has it, and a trial of it, for the tests of trials."""

from __future__ import annotations

from tripod.trial.told import Trial

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
TRIAL = Trial(
    name="sync-w1-db25-r1",
    repeat=1,
    number=1,
    of=1,
    cell=CELL,
    run_id="a-run",
    legs={"load": ("l",), "app": ("a",), "db": ("d",)},
    endpoints={
        "app": {"address": "198.18.0.12", "port": 8000},
        "db": {"address": "198.18.0.13", "port": 9000},
    },
)
