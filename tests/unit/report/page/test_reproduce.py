"""The command that plans a run again, as the page has it."""

from __future__ import annotations

import pytest

from tripod.report.page.reproduce import asked_again


@pytest.mark.parametrize("by", [{"budget": 1200.0}, {"precision": 0.05}])
def test_what_chose_the_repeats_is_not_said_beside_them(by: dict[str, float]) -> None:
    """A plan takes one of the three; the number of trials is what makes the run the same."""
    parameters = {"matrix": "poc", "repeats": 8, "budget": None, "precision": None, "duration": 10.0} | by
    told = asked_again({"parameters": parameters, "seed": 7, "inventory": ["inventory/lab.yml"]})
    assert told.endswith("bench.yml -e matrix=poc -e repeats=8 -e duration=10s -e seed=7")
