"""Rules over a load that several load hosts shared: each of them is judged."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from activity_fixtures import activity
from evidence_made import evidence, figures, spread

from tripod.stats.activity import Activity
from tripod.stats.figures import Figures, Schedule, merged
from tripod.verdicts import limits, registry
from tripod.verdicts.evidence import Cell, Load
from tripod.verdicts.shares import service_share

IDLE, BUSY = activity(load=0.1)["load"], activity(load=0.9)["load"]
STARTED = {"skew_s": 0.6, "error_s": 0.0, "hosts": {}}


def shared(
    *hosts: Activity | None, told: dict[str, Any] | None = None, parts: tuple[Figures, ...] = ()
) -> Cell:
    """Return a cell whose load these hosts shared."""
    parts = parts or tuple(figures(50) for _ in hosts)
    one = evidence(activity=activity(), told={"start_skew": STARTED} | (told or {}))
    loads = tuple(
        Load(f"load-{number}", part, did)
        for number, (part, did) in enumerate(zip(parts, hosts, strict=True), 1)
    )
    trial = dataclasses.replace(one.trials[0], figures=merged(parts), shared=loads)
    return dataclasses.replace(one, trials=(trial,))


def test_a_short_load_host_is_named() -> None:
    """One of two that lacked CPU voids the row, and is what limited it."""
    cell = shared(IDLE, BUSY)
    assert "load-saturated" in registry.judge(cell).void
    found = limits.limited_by(cell)
    assert found == limits.Limited("k6", "load-2: k6 used 90 % of its cores")
    fine = registry.judge(shared(IDLE, IDLE))
    assert "load-saturated" not in (*fine.codes, *fine.not_judged)


def test_a_load_host_of_which_nothing_is_known_is_not_called_fine() -> None:
    """Its telemetry was lost: whether it was short, nobody can tell, unless the other one was."""
    lacking = registry.judge(shared(IDLE, None))
    assert {"load-saturated", "clock-step", "steal"} <= set(lacking.not_judged)
    assert "load-saturated" in registry.judge(shared(BUSY, None)).void


@pytest.mark.parametrize(
    ("code", "changes"), [("clock-step", {"clock_step_s": 1.0}), ("steal", {"core_steal": (0.1, 0.1)})]
)
def test_what_happens_to_the_second_load_host_counts(code: str, changes: dict[str, Any]) -> None:
    """Its clock was set, or its cores were given to others: as bad as on the first."""
    found = registry.judge(shared(IDLE, dataclasses.replace(IDLE, **changes)))
    assert code in found.codes
    if code == "clock-step":
        assert code in found.void


def test_each_k6_must_keep_the_schedule() -> None:
    """One that dropped iterations while its own users were free is named, busy as the others were."""
    kept, late = Schedule(0, 900, 900, spread(1.0, 900)), Schedule(30, 900, 900, spread(1.0, 900))
    # 10 users, 5 on each: 1,800 iterations of 0.16 s keep 4.8 of 5 busy, of 0.05 s they keep 1.5
    busy, free = ({"latencies": {"iteration_ms": spread(avg_ms, 1800)}} for avg_ms in (160.0, 50.0))
    parts = (figures(30, schedule=kept, **busy), figures(30, schedule=late, **free))
    cell = shared(IDLE, IDLE, parts=parts)
    assert "load-saturated" in registry.judge(cell).void
    found = limits.limited_by(cell)
    assert found is not None
    assert found.evidence == "load-2: k6 dropped 30 iterations while 70 % of its users were free"
    app_slow = (figures(30, schedule=kept, **free), figures(30, schedule=late, **busy))
    assert "load-saturated" not in registry.judge(shared(IDLE, IDLE, parts=app_slow)).codes


def test_what_the_load_hosts_used_and_opened_is_put_together() -> None:
    """Shares are of all their cores, connections are summed; with one of them unknown so is the sum."""
    idle = dataclasses.replace(IDLE, connections_opened=10)
    cost = shared(idle, dataclasses.replace(BUSY, connections_opened=5)).cost
    assert cost is not None
    assert cost["load_cpu_share"] == pytest.approx(0.5)
    assert cost["connections_opened"] == 15
    unknown = shared(idle, None).cost
    assert unknown is not None
    assert (unknown["load_cpu_share"], unknown["connections_opened"]) == (None, None)
    assert service_share(shared(IDLE, BUSY).trials[0], "load") == pytest.approx(0.9)
    assert service_share(shared(IDLE, None).trials[0], "load") is None


@pytest.mark.parametrize(
    ("started", "answer"),
    [
        ({"skew_s": 0.6, "error_s": 0.0}, "fine"),
        ({"skew_s": 0.601, "error_s": 0.0}, "void"),
        ({"skew_s": 0.601, "error_s": 5.0}, "void"),
        ({"skew_s": 0.5, "error_s": 0.2}, "not judged"),
        ({"skew_s": None, "error_s": None}, "not judged"),
        (None, "not judged"),
    ],
)
def test_load_hosts_begin_within_a_hundredth_of_the_duration(
    started: dict[str, float | None] | None, answer: str
) -> None:
    """Of 60 s that is 0.6 s; what the clocks leave open is not called fine."""
    told = registry.judge(shared(IDLE, IDLE, told={"start_skew": started}))
    assert ("load-skew" in told.void) is (answer == "void")
    assert ("load-skew" in told.not_judged) is (answer == "not judged")


def test_one_load_host_has_no_skew() -> None:
    """The record says nothing of it, or null, and nothing is amiss."""
    for told in ({}, {"start_skew": None}):
        found = registry.judge(evidence(activity=activity(), told=told))
        assert "load-skew" not in (*found.codes, *found.not_judged)
