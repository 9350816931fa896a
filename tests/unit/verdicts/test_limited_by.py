"""What limited a cell: each name by its evidence, in order; and `unknown` where nothing is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from activity_fixtures import activity
from evidence_made import TOGETHER, evidence, spread

from tripod.stats.figures import Schedule
from tripod.verdicts import model, registry
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.limits import limited_by
from tripod.verdicts.stations import stations

# Ten users of an app without slots of its own, far from the load's ceiling.
ASYNC: dict[str, Any] = {"stack": "async-uvicorn", "duration_ms": 20}
BOTH_CORES: dict[str, Any] = {
    "app": 0.9,
    "app_workers": (0.9, 0.9),
    "app_changes": {"core_busy": (0.9, 0.9)},
}
IDLE = activity(app=0.2, app_workers=(0.4,))


def by(found: Cell) -> str:
    """Return what limited the cell."""
    limited = limited_by(found)
    assert limited
    assert limited.evidence
    return limited.by


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("errors", evidence(**ASYNC, activity=IDLE, failed_requests=1)),
        ("k6", evidence(**ASYNC, activity=activity(load=0.9))),
        ("load model", evidence(**ASYNC, activity=IDLE)),
        ("database", evidence(**ASYNC, activity=activity(db_process=0.95))),
        ("app CPU", evidence(**ASYNC, activity=activity(app_workers=(0.95,)))),
        ("app CPU", evidence(**ASYNC, activity=activity(**BOTH_CORES))),
        ("app slots", evidence(rps=76, duration_ms=95, activity=IDLE)),
        ("unknown", evidence(**ASYNC, activity=activity(app_workers=(0.8,)))),
        ("unknown", evidence(**ASYNC)),
    ],
)
def test_each_name_has_its_evidence(name: str, cell: Cell) -> None:
    """The station that the evidence shows to be full is named, and none without it."""
    assert by(cell) == name


def test_the_order_decides_where_several_hold() -> None:
    """Errors come before k6, k6 before the database, the database before the app's CPU."""
    full = {"load": 0.9, "db_process": 0.96, "app_workers": (0.96,)}
    assert by(evidence(**ASYNC, activity=activity(**full), failed_requests=1)) == "errors"
    assert by(evidence(**ASYNC, activity=activity(**full))) == "k6"
    assert by(evidence(**ASYNC, activity=activity(**full | {"load": 0.1}))) == "database"
    assert by(evidence(**ASYNC, activity=activity(**full | {"load": 0.1, "db_process": 0.1}))) == "app CPU"


def test_a_busy_load_host_proves_nothing_on_shared_cores() -> None:
    """There its cores are busy with the app, too."""
    assert by(evidence(**ASYNC, activity=activity(load=0.9, app=0.9), separations=TOGETHER)) != "k6"


def test_most_of_full_cores_is_named_and_no_less() -> None:
    """On one host it is whoever used more than all others together, strangers counted; else nobody."""
    full = (0.95, 0.95)
    for told, app, load, db in (
        ("app CPU", 0.5, 0.3, 0.1),
        ("database", 0.2, 0.1, 0.6),
        ("unknown", 0.4, 0.4, 0.1),
        ("unknown", 0.1, 0.06, 0.01),  # most of it by processes of no leg
    ):
        did = activity(app=app, app_workers=(0.8,), load=load, db=db, app_changes={"core_busy": full})
        did["db"] = replace(did["db"], core_busy=full)
        assert by(evidence(**ASYNC, activity=did, separations=TOGETHER)) == told


def test_strangers_that_fill_the_cores_are_told() -> None:
    """What the app did not use is no app CPU, and requests that wait for a core hold no slot by that."""
    did = activity(app=0.1, app_workers=(0.1,), app_changes={"core_busy": (0.95, 0.95)})
    limited = limited_by(evidence(rps=76, duration_ms=95, activity=did))
    assert limited
    assert limited.by == "unknown"
    assert "cores were 95 % busy: the app 10 %, others 85 %" in limited.evidence


def test_waiting_for_connections_is_named() -> None:
    """Users that wait longer for a connection than for the answer wait for connection handling."""
    latencies = {"duration_ms": spread(20, 6000), "blocked_ms": spread(21, 6000)}
    found = evidence(stack="async-uvicorn", latencies=latencies, activity=activity())
    assert by(found) == "connection handling"


@pytest.mark.parametrize(
    ("busiest", "capped", "judged"), [(0.69, True, True), (0.7, False, False), (0.9, False, True)]
)
def test_capped_is_judged_by_the_busiest_station(busiest: float, *, capped: bool, judged: bool) -> None:
    """Below 70 % the load is the limit, from 90 % on it is not; in between the evidence shows neither."""
    did = activity(app=busiest / 2, app_workers=(busiest,))
    verdict = registry.judge(evidence(**ASYNC, activity=did))
    assert ("capped" in verdict.bound) is capped
    assert ("capped" not in verdict.not_judged) is judged


def test_near_its_ceiling_telemetry_decides_where_there_is_any() -> None:
    """A station used 70 to 90 % leaves it open there, too; only what no telemetry tells the ceiling shows."""
    idle, half, full = (activity(app=share / 2, app_workers=(share,)) for share in (0.6, 0.8, 0.92))
    app_alone = {"app": idle["app"]}
    for did, capped, judged in (
        (None, True, True),
        (idle, True, True),
        (app_alone, True, True),
        (half, False, False),
        (full, False, True),
    ):
        found = registry.judge(evidence(rps=220, stack="async-uvicorn", duration_ms=10, activity=did))
        assert (found.bound == ("capped",)) is capped
        assert ("capped" not in found.not_judged) is judged


def test_a_core_that_strangers_fill_is_no_station_of_the_app() -> None:
    """A full core that the app used little of leaves the limit open; near the ceiling it is the load."""
    did = activity(app=0.1, app_workers=(0.2,), app_changes={"core_busy": (0.95, 0.3)})
    far = registry.judge(evidence(**ASYNC, activity=did))
    near = registry.judge(evidence(rps=220, stack="async-uvicorn", duration_ms=10, activity=did))
    assert "capped" in far.not_judged
    assert near.bound == ("capped",)


def test_an_open_load_that_got_what_it_offered_is_the_limit() -> None:
    """98 of 100 requests/s were answered: the server may do more; at 97 it is the server's own rate."""
    load = {"script": "poc", "vus": 100, "rate": 100, "duration_s": 60.0, "warmup_s": 5.0}
    for rps, name in ((98, "load model"), (97, "unknown")):
        planned = {"load": load, "ceiling_rps": None}
        found = evidence(rps, stack="async-uvicorn", planned=planned, activity=IDLE)
        assert by(found) == name
        assert registry.judge(found).bound == ()


@pytest.mark.parametrize(
    ("late", "dropped", "name"),
    [(600, 0, "load model"), (588, 0, "load model"), (586, 0, "unknown"), (600, 1, "unknown")],
)
def test_what_is_in_flight_at_the_end_was_offered_and_kept(late: int, dropped: int, name: str) -> None:
    """Answers that take 3 s each lack in the first tenth alone; what the server cannot do lacks in all."""
    load = {"script": "poc", "vus": 400, "rate": 100, "duration_s": 60.0, "warmup_s": 5.0}
    parts = (300, *(late,) * 9)
    found = evidence(
        sum(parts) / 60,
        stack="async-uvicorn",
        planned={"load": load, "ceiling_rps": None},
        activity=IDLE,
        duration_ms=3000,
        told={"fakedb": None},
        parts=parts,
        schedule=Schedule(dropped, within_slo=0, within_slo_of_send=0, lag=None),
    )
    assert by(found) == name


def test_more_than_a_core_is_not_the_gils_limit() -> None:
    """Python runs on one core at a time in a process: above that, and the error of sampling, others ran."""
    for share, why in (
        (1.05, "used 105 % of a core: the GIL's limit"),
        (1.3, "130 % of a core, by more"),
    ):
        limited = limited_by(evidence(**ASYNC, activity=activity(app=share / 2, app_workers=(share,))))
        assert limited
        assert limited.by == "app CPU"
        assert why in limited.evidence


def test_several_workers_that_keep_connections_prove_no_full_slots_by_their_queue() -> None:
    """Requests may wait for one worker while others are idle: neither capped nor limited by slots."""
    found = evidence(rps=150, stack="sync-gthread", workers=2, duration_ms=50, activity=IDLE)
    verdict = registry.judge(found)
    assert by(found) == "unknown"
    assert "capped" in verdict.not_judged


def test_a_trial_that_lost_a_sampler_leaves_the_verdicts_of_the_others() -> None:
    """Figures are the mean over the trials that know them; the columns of cost do the same."""
    seen = evidence(rps=76, duration_ms=95, activity=IDLE)
    lost = replace(seen.trials[0], activity={"load": IDLE["load"]})
    found = replace(seen, trials=(*seen.trials, lost))
    assert by(found) == by(seen) == "app slots"
    for one, other in zip(stations(found), stations(seen), strict=True):
        assert one == replace(other, share=pytest.approx(other.share, abs=0.001))
    assert model.rps(found) == pytest.approx(model.rps(seen))


def test_nothing_limited_what_was_not_measured() -> None:
    """A cell without a good trial has no limit."""
    assert limited_by(Cell(evidence().planned, (Trial("a-r1", "a", None, failure=("app-gone",)),))) is None
