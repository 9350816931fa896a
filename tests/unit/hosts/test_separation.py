"""How far hosts stand apart, from what was observed of them."""

from __future__ import annotations

from typing import Any

import pytest

from tripod.catalogue.legs import LEGS
from tripod.hosts import separation


def seen(
    offset: float | None = 100.0, *, window: float = 1e-7, net: str | None = "net:[1]", boot: str = "a"
) -> Any:
    """Return what is observed of a host's clocks."""
    return {
        "clock": {
            "offset_s": offset,
            "window_s": None if offset is None else window,
            "boot_id": boot,
            "network_namespace": net,
        }
    }


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (seen(), seen(), separation.ONE_HOST),
        (seen(), seen(net="net:[2]"), separation.SHARED_KERNEL),
        (seen(), seen(100.009, net="net:[2]", boot="b"), separation.SHARED_KERNEL),
        (seen(), seen(100.011, boot="b"), separation.SEPARATE_KERNELS),
        (seen(), seen(100.011, net="net:[2]"), separation.SHARED_KERNEL),  # one boot is one kernel
        (seen(), seen(100.2, window=0.3, boot="b"), separation.ONE_HOST),  # no sample was good enough
        (seen(None), seen(9.0, boot="b"), separation.ONE_HOST),  # not measured: never claimed
    ],
)
def test_separation(one: Any, other: Any, expected: str) -> None:
    """Clocks tell kernels apart, networks containers; whatever is in doubt is shared."""
    assert separation.separation(one, other) == expected
    assert separation.separation(other, one) == expected


# By leg: where load, app and database are.
@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ("xxx", ("one-host", "one-host", "one-host")),
        ("xxy", ("one-host", "separate-kernels", "separate-kernels")),
        ("xyx", ("separate-kernels", "one-host", "separate-kernels")),
        ("xyy", ("separate-kernels", "separate-kernels", "one-host")),
        ("xyz", ("separate-kernels", "separate-kernels", "separate-kernels")),
        ("cyd", ("separate-kernels", "shared-kernel", "separate-kernels")),
        ("cde", ("shared-kernel", "shared-kernel", "shared-kernel")),
    ],
)
def test_every_two_legs_are_compared(places: str, expected: tuple[str, ...]) -> None:
    """Load and app, load and database, app and database: the worst of the three is the run's."""
    # x, y and z are machines; c, d and e containers on another.
    kernels = {"x": 1.0, "y": 2.0, "z": 3.0}
    legs = {leg: [place] for leg, place in zip(LEGS, places, strict=True)}
    names = dict.fromkeys(places)
    observed = {name: seen(kernels.get(name, 4.0), net=name, boot=name) for name in names}
    plan = {"database": "fakedb", "hosts": {name: {"legs": []} for name in names}, "legs": legs}
    reached = {places[0]: [{"from": "load", "to": "app", "to_host": places[1]}]}
    document = separation.document(plan, observed, reached)
    assert tuple(found["separation"] for found in document["separations"]) == expected
    assert [found["hosts"] for found in document["separations"]] == [
        [places[0], places[1]],
        [places[0], places[2]],
        [places[1], places[2]],
    ]
    assert document["separation"] == min(
        expected, key=["one-host", "shared-kernel", "separate-kernels"].index
    )
    assert document["pairs"][0]["from_host"] == places[0]


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
