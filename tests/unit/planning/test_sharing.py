"""Several load hosts share a load, or the plan says why they cannot."""

from __future__ import annotations

from typing import Any

import pytest
from plan_fixtures import ROOT
from plan_types import Make, Refused, Write

from tripod.inputs import inventory
from tripod.inputs.errors import InputError

TWO = {"load": ["a", "x"], "app": ["b"], "db": ["c"]}
THREE = TWO | {"load": ["a", "x", "y"]}


def test_several_load_hosts_are_planned(make: Make) -> None:
    """Each is a host of the run; users and rate stay those of the whole load."""
    made = make(TWO, matrix="quick")
    assert made["legs"]["load"] == ["a", "x"]
    assert made["hosts"]["x"]["legs"] == ["load"]
    assert made["cells"] == make(matrix="quick")["cells"]


def test_each_is_a_machine() -> None:
    """One machine under two names would have its cores counted twice."""
    addresses = {"a": "10.0.0.7", "x": "10.0.0.8", "y": "10.0.0.7", "b": "10.0.0.2", "c": "10.0.0.3"}
    given = {host: {"bench_address": address} for host, address in addresses.items()}
    with pytest.raises(InputError) as caught:
        inventory.resolve(THREE, given, ROOT)
    assert caught.value.problems == [
        "bench_address is '10.0.0.7' of 2 hosts of the group load, a, y; allowed: one of its own for each"
    ]


def test_each_has_a_user(refused: Refused, make: Make) -> None:
    """As many users as hosts will do, one fewer will not."""
    (problem,) = refused(THREE, vus="2")
    assert problem == (
        "vus is 2 in load poc, which the 3 hosts of the group load share; allowed: 3 or more, one for each, "
        "or fewer hosts; type: -e vus=3"
    )
    assert {cell["load"]["vus"] for cell in make(THREE, vus="3")["cells"]} == {3}
    assert {cell["load"]["vus"] for cell in make(vus="1")["cells"]} == {1}


OPEN = {
    "shape": "constant-arrival-rate",
    "script": "poc",
    "rate": 40,
    "slo_ms": 100,
    "duration": "5s",
    "warmup": "1s",
}


@pytest.mark.parametrize(
    ("rate", "duration", "least"),
    [
        (3, "60s", 4),  # one user for three requests a second
        (1, "2s", 4),  # one iteration of three requests in 2 s: the second is due after 3 s
    ],
)
def test_each_has_an_iteration(  # noqa: PLR0913, PLR0917 - fixtures among them
    refused: Refused,
    make: Make,
    write_matrix: Write,
    matrix: dict[str, Any],
    rate: int,
    duration: str,
    least: int,
) -> None:
    """A rate at which a host had no user, or nothing to begin, is refused with the lowest that will do."""
    path = write_matrix(matrix | {"load": OPEN})
    (problem,) = refused(TWO, matrix=path, rate=str(rate), duration=duration)
    assert problem.startswith(
        f"rate is {rate} in load poc, which the 2 hosts of the group load share; allowed: "
    )
    assert problem.endswith(f"type: -e rate={least}")
    for cell in make(TWO, matrix=path, rate=str(least), duration=duration)["cells"]:
        assert cell["load"]["vus"] >= 2
    assert make(matrix=path, rate=str(rate), duration=duration)["cells"]


def test_a_capacity_is_looked_for_by_one(
    refused: Refused, write_matrix: Write, matrix: dict[str, Any]
) -> None:
    """Its search goes on from what one k6 has found."""
    load = {"shape": "capacity", "script": "poc", "vus": 16, "slo_ms": 100, "duration": "5s", "warmup": "1s"}
    (problem,) = refused(TWO, matrix=write_matrix(matrix | {"load": load}))
    assert problem.startswith("load is 'poc', which looks for a capacity")
    assert "2 hosts in the group load; allowed: one host there" in problem
