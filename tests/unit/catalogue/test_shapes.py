"""The arithmetic of load shapes."""

from __future__ import annotations

import pytest

from tripod.catalogue import shapes


@pytest.mark.parametrize(
    ("rate", "per_iteration", "duration_s", "requests"),
    [
        (60, 3, 10, 600),
        (100, 3, 10, 1002),
        (30, 1, 0.1, 3),
        (1, 1, 1, 1),
        (1, 3, 1, 3),
        (1, 10**12, 1, 10**12),
    ],
)
def test_iterations_that_are_due_are_scheduled_whole(
    rate: float, per_iteration: int, duration_s: float, requests: int
) -> None:
    """The first iteration is due at once, the last before the duration is over; each has all its requests."""
    assert shapes.scheduled_requests(rate, per_iteration, duration_s) == requests


def test_a_load_of_an_earlier_plan_is_closed_and_named_like_its_script() -> None:
    """What plans did not say, because there was no other load, is filled in; what they say stays."""
    earlier = {"script": "poc", "vus": 10, "duration_s": 60.0, "warmup_s": 5.0}
    whole = shapes.complete(earlier)
    assert whole.items() >= earlier.items()
    assert (whole["name"], whole["model"], whole["shape"], whole["keepalive"]) == (
        "poc",
        "closed",
        "constant-vus",
        True,
    )
    assert shapes.complete({**whole, "name": "mine", "pause_s": 0.0})["name"] == "mine"
