"""How far hosts stand apart, from what was observed of them."""

from __future__ import annotations

from typing import Any

import pytest

from tripod.hosts import separation


def seen(
    *, offset: float | None = 100.0, boot: str = "1", net: str | None = "net:[1]", kernel: str = "6.1"
) -> Any:
    """Return what is observed of a host's kernel and clocks."""
    return {
        "kernel": kernel,
        "clock": {"offset_s": offset, "boot_time": boot, "network_namespace": net},
    }


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (seen(), seen(), separation.ONE_HOST),
        (seen(), seen(net="net:[2]"), separation.SHARED_KERNEL),
        (seen(), seen(net="net:[2]", offset=100.0009), separation.SHARED_KERNEL),
        (seen(), seen(net="net:[2]", offset=100.002), separation.SEPARATE_KERNELS),
        (seen(), seen(boot="2"), separation.SEPARATE_KERNELS),
        (seen(), seen(kernel="6.2"), separation.SEPARATE_KERNELS),
        (seen(offset=None), seen(boot="2"), separation.ONE_HOST),  # not measured: never claimed
    ],
)
def test_separation(one: Any, other: Any, expected: str) -> None:
    """Release, boot time and clocks tell kernels apart, networks containers; doubt counts as one host."""
    assert separation.separation(one, other) == expected
    assert separation.separation(other, one) == expected


def test_the_worst_pair_counts() -> None:
    """Two legs on one host make the whole run `one-host`, however far the third stands."""
    plan = {
        "database": "fakedb",
        "hosts": {"x": {"legs": ["load", "app"]}, "y": {"legs": ["db"]}},
        "legs": {"load": ["x"], "app": ["x"], "db": ["y"]},
    }
    observed = {"x": seen(), "y": seen(boot="2")}
    reached = {
        "x": [
            {"from": "load", "to": "app", "to_host": "x", "round_trip_ms": {"min": 0.1, "med": 0.2}},
            {"from": "app", "to": "db", "to_host": "y", "round_trip_ms": {"min": 0.1, "med": 0.2}},
        ],
        "y": [],
    }
    document = separation.document(plan, observed, reached)
    assert document["separation"] == separation.ONE_HOST
    assert [pair["separation"] for pair in document["pairs"]] == [
        separation.ONE_HOST,
        separation.SEPARATE_KERNELS,
    ]


@pytest.mark.parametrize(
    ("kind", "host", "told"),
    [("postgres", "y", {"version": "18.4"}), ("postgres", "x", None), ("fakedb", "y", None)],
)
def test_a_database_server_is_told_of_in_runs_on_it(kind: str, host: str, told: Any) -> None:
    """What deploy noted of a server may be of an older run: it holds on the DB host of a run on that kind."""
    plan = {
        "database": kind,
        "hosts": {"x": {"legs": ["load", "app"]}, "y": {"legs": ["db"]}},
        "legs": {"load": ["x"], "app": ["x"], "db": ["y"]},
    }
    observed = {name: seen() | {"database": {"version": "18.4"}} for name in ("x", "y")}
    assert separation.document(plan, observed, {})["hosts"][host]["database"] == told
