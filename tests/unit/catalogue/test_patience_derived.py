"""Who waits how long, from the latency."""

from __future__ import annotations

import pytest

from tripod.catalogue import patience
from tripod.catalogue.patience import Patience
from tripod.catalogue.servers import bind_environment, own_timeout_s


def test_a_user_waits_for_the_calls_of_all_others() -> None:
    """On top of what does without a latency; k6's drain is longer, and what is a hang longer still."""
    assert patience.users(64, None) == Patience() == Patience(20, 30)
    assert patience.users(10, 25) == Patience(20.25, 30.25)
    assert patience.users(10, 60_000) == patience.users(20_000, 60_000) == Patience(620, 630)
    assert patience.users(3, 6000).limit_s(60) == 60 + 38 + 10 + 15


def test_an_app_waits_for_the_latency() -> None:
    """A call gets five seconds beside it, up to the largest latency that is allowed."""
    assert [patience.call_s(ms) for ms in (None, 0, 25, 60_000)] == [5, 5, 5.025, 65]


@pytest.mark.parametrize(
    ("call_s", "more"), [(5.025, ""), (29, ""), (29.5, " --timeout 31"), (65, " --timeout 66")]
)
def test_gunicorn_waits_for_a_worker_that_waits(call_s: float, more: str) -> None:
    """Its 30 s are raised where a call may take longer; the row's command stays as it is."""
    bound = bind_environment("gunicorn -w 1 sync_app:app", "10.0.0.2", 8000, call_s)
    assert bound == {"GUNICORN_CMD_ARGS": f"--bind 10.0.0.2:8000 --no-control-socket{more}"}
    assert "timeout" not in str(bind_environment("uvicorn x:app", "10.0.0.2", 8000, call_s))


@pytest.mark.parametrize(
    ("command", "own_s"),
    [
        ("gunicorn -w 1 x:app", None),
        ("gunicorn --timeout 10 x:app", 10),
        ("gunicorn -t 10 x:app", 10),
        ("gunicorn -t10 -k sync x:app", 10),
        ("gunicorn --timeout=0 x:app", 0),
        ("gunicorn --timeout 10 --threads 4 x:app", None),
        ("gunicorn --timeout 10 -k gevent x:app", None),
        ("granian --interface wsgi x:app", None),
    ],
)
def test_what_a_row_says_itself(command: str, own_s: int | None) -> None:
    """Only a worker that blocks while it waits is killed by its row's own timeout."""
    assert own_timeout_s(command) == own_s
