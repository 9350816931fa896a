"""Rules over what hosts and services did: each at its limit, and not judged where nobody could tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from activity_fixtures import CPUS, KEEPER, WINDOW_S, WORKER, activity
from evidence_made import APART, TOGETHER, evidence, spread
from run_files import counted, fakedb

from tripod.stats.activity import Activity
from tripod.stats.figures import Schedule
from tripod.verdicts import registry
from tripod.verdicts.evidence import Cell

CORES_S = CPUS * WINDOW_S


def codes(found: Cell) -> set[str]:
    """Return the codes that the cell has."""
    return set(registry.judge(found).codes)


def with_app(**changes: Any) -> dict[str, Activity]:
    """Return the activity of quiet hosts but for these figures of the app host."""
    return activity(app_changes=changes)


def test_a_quiet_host_gives_no_code() -> None:
    """Hosts that did nothing but their service, apart, leave nothing to say."""
    verdict = registry.judge(evidence(activity=activity()))
    assert verdict.codes == ()
    # one trial has no spread and no other to compare its calibration with, and one worker no other
    assert set(verdict.not_judged) == {"wide-spread", "noisy-host", "uneven"}


@pytest.mark.parametrize(
    ("code", "given", "fine"),
    [
        ("steal", with_app(core_steal=(0.04, 0.0)), with_app(core_steal=(0.038, 0.0))),
        ("listen-overflow", with_app(listen_overflows=1), with_app()),
        ("listen-overflow", with_app(listen_drops=1), with_app()),
        ("app-host-shared", with_app(cpu_s=0.5 * CORES_S), with_app(cpu_s=0.49 * CORES_S)),
        (
            "throttled",
            activity(service_changes={"throttled_s": 0.6}),
            activity(service_changes={"throttled_s": 0.5}),
        ),
        (
            "restarted",
            activity(service_changes={"pids_after": (KEEPER, 999)}),
            activity(service_changes={"pids_after": (KEEPER, WORKER, 999)}),
        ),
        ("restarted", activity(service_changes={"restarts": 1}), activity()),
        (
            "clock-step",
            activity(load_changes={"clock_step_s": -0.041}),
            activity(load_changes={"clock_step_s": 0.039}),
        ),
        ("load-saturated", activity(load=0.8), activity(load=0.79)),
        (
            "load-saturated",
            activity(load_changes={"pressure_cpu": 0.25}),
            activity(load_changes={"pressure_cpu": 0.24}),
        ),
        ("db-saturated", activity(db_process=0.9), activity(db_process=0.89)),
        ("db-saturated", activity(db=0.9), activity(db=0.89)),
    ],
)
def test_at_the_limit_and_below(code: str, given: dict[str, Activity], fine: dict[str, Activity]) -> None:
    """At its limit a rule is given, a little below it is judged and not given."""
    assert code in codes(evidence(activity=given))
    verdict = registry.judge(evidence(activity=fine))
    assert code not in verdict.codes
    assert code not in verdict.not_judged


@pytest.mark.parametrize(
    ("code", "unknown"),
    [
        ("steal", with_app(core_steal=None)),
        ("listen-overflow", with_app(listen_overflows=None, listen_drops=None)),
        ("app-host-shared", with_app(cpu_s=None)),
        ("app-host-shared", activity(service_changes={"cpu_s": None})),
        ("throttled", activity(service_changes={"throttled_s": None})),
        ("restarted", activity(service_changes={"pids_before": None})),
        ("clock-step", with_app(clock_step_s=None)),
        ("load-saturated", {"app": activity()["app"]}),
        ("db-saturated", {"app": activity()["app"]}),
    ],
)
def test_what_nobody_could_tell_is_not_judged(code: str, unknown: dict[str, Activity]) -> None:
    """A host without PSI, without cgroups, or without telemetry is never called fine."""
    verdict = registry.judge(evidence(activity=unknown))
    assert code in verdict.not_judged
    assert code not in verdict.codes


def test_without_any_telemetry_the_rules_of_hosts_are_not_judged() -> None:
    """An earlier record has none: all that needs it says so, and the rest is judged as ever."""
    lacking = {"steal", "throttled", "app-host-shared", "listen-overflow", "restarted", "clock-step"}
    lacking |= {"load-saturated", "db-saturated", "uneven", "below-concurrency", "capped"}
    verdict = registry.judge(evidence())
    assert lacking <= set(verdict.not_judged)
    assert verdict.codes == ()


def test_a_step_of_another_hosts_clock_is_a_note() -> None:
    """k6 takes its timings from the load host's clock alone."""
    verdict = registry.judge(evidence(activity=with_app(clock_step_s=5.0)))
    assert (verdict.void, verdict.notes) == ((), ("clock-step",))


def test_processes_of_other_legs_on_the_same_cores_are_no_strangers() -> None:
    """On one host k6 and the database are legs: only what is none of them counts."""
    busy = with_app(cpu_s=0.6 * CORES_S)  # 0.4 app, 0.1 k6 and 0.05 database
    assert "app-host-shared" in codes(evidence(activity=busy, separations=APART))
    assert "app-host-shared" not in codes(evidence(activity=busy, separations=TOGETHER))


def test_a_worker_that_gunicorn_killed_is_restarted() -> None:
    """Its master logs WORKER TIMEOUT; that is enough, with or without telemetry."""
    service = {"host": "a", "name": "a", "command": "g", "main_pid": 1, "ready": None}
    app = {**service, "log_tail": ["[CRITICAL] WORKER TIMEOUT (pid:9)"]}
    killed = evidence(told={"services": {"app": app, "db": None}})
    assert registry.judge(killed).void == ("restarted",)


def on_postgres(after: tuple[int, ...], main_pid: int | None = KEEPER) -> Cell:
    """Return a cell whose database is PostgreSQL, with these processes of it at the window's end."""
    did = activity()
    did["db"] = replace(
        did["db"], services={"db": replace(did["db"].services["db"], pids_after=after, restarts=None)}
    )
    service = {"host": "a", "name": "a", "command": "g", "main_pid": main_pid, "ready": None, "log_tail": []}
    told = {"fakedb": None, "database": counted(6500), "services": {"app": service, "db": service}}
    return evidence(activity=did, told=told, planned={"database": "postgres", "db_sleep_ms": None})


def test_sessions_of_postgresql_may_end() -> None:
    """A process of it is a session, which ends with its connection; only the main one must stay."""
    fine = registry.judge(on_postgres(after=(KEEPER, 998, 999)))
    assert "restarted" not in (*fine.codes, *fine.not_judged)
    assert "restarted" in registry.judge(on_postgres(after=(WORKER, 999))).void
    assert "restarted" in registry.judge(on_postgres(after=(KEEPER,), main_pid=None)).not_judged


def test_each_process_of_the_fake_database_must_stay() -> None:
    """It has no sessions: what is gone has died."""
    did = activity()
    did["db"] = replace(
        did["db"], services={"db": replace(did["db"].services["db"], pids_after=(KEEPER, 999))}
    )
    assert registry.judge(evidence(activity=did)).void == ("restarted",)


@pytest.mark.parametrize(
    ("slowest_ms", "given"),
    [(999, False), (1000, True), (1099, True), (1101, False), (3050, True), (6000, False), (15_010, True)],
)
def test_connects_near_a_retransmission(slowest_ms: float, *, given: bool) -> None:
    """A connect of 1, 2, 3 … s and up to a tenth of a second more waited for a SYN to be sent again."""
    latencies = {"duration_ms": spread(30, 6000), "blocked_ms": spread(0.1, 6000, slowest_ms)}
    assert ("connect-tail" in codes(evidence(latencies=latencies))) is given


@pytest.mark.parametrize(
    ("shares", "given"), [((0.5, 0.5), False), ((0.62, 0.38), False), ((0.63, 0.37), True)]
)
def test_the_busiest_of_several_workers(shares: tuple[float, ...], *, given: bool) -> None:
    """From 1.25 times its fair share on; the process that only keeps the workers is none of them."""
    found = evidence(stack="sync-gthread", workers=2, activity=activity(app_workers=shares))
    assert ("uneven" in codes(found)) is given


def test_uneven_is_not_judged_of_one_worker_or_without_kept_connections() -> None:
    """One worker has it all; gunicorn's sync worker takes a new connection for each request."""
    alone = evidence(stack="sync-gthread", activity=activity())
    sync = evidence(workers=2, activity=activity(app_workers=(0.9, 0.1)))
    assert all("uneven" in registry.judge(found).not_judged for found in (alone, sync))


@pytest.mark.parametrize(
    ("error", "given"),
    [({"mean": 2.25}, False), ({"mean": 2.26}, True), ({"early": 1}, True), ({"mean": None}, False)],
)
def test_the_latency_that_the_fake_database_gave(error: dict[str, Any], *, given: bool) -> None:
    """At 25 ms it may be late by 2.25 ms on average, and never early."""
    base = fakedb(2000)
    whole = {**base, "error_ms": {**base["error_ms"], **error}, "held_s": None}
    assert registry.judge(evidence(told={"fakedb": whole})).void == (("db-delay-off",) if given else ())
    window = {"early": error.get("early", 0), "mean_ms": error.get("mean")}
    in_window = registry.judge(evidence(told={"fakedb": {**base, "held_s": None, "window": window}}))
    assert in_window.void == (("db-delay-off",) if given else ())


def test_what_the_warm_up_saw_is_not_the_window_s() -> None:
    """An early and a late answer of the warm-up, with a window that kept its time, say nothing of the row."""
    base = fakedb(2000)
    late = {**base["error_ms"], "early": 1, "mean": 9.0}
    window = {"early": 0, "mean_ms": 0.1}
    found = registry.judge(
        evidence(told={"fakedb": {**base, "error_ms": late, "window": window, "held_s": None}})
    )
    assert found.void == ()


@pytest.mark.parametrize(("dropped", "busy_users", "given"), [(1, 5, True), (0, 5, False), (1, 9.1, False)])
def test_iterations_are_dropped_for_k6s_sake_only_while_users_are_free(
    dropped: int, busy_users: float, *, given: bool
) -> None:
    """Where nearly all users wait for answers the app is too slow for an open load, which is a result."""
    latencies = {"duration_ms": spread(30, 6000), "iteration_ms": spread(busy_users * 60_000 / 2000, 2000)}
    schedule = Schedule(dropped, within_slo=0, within_slo_of_send=0, lag=spread(500, 2000))
    if not dropped:
        schedule = replace(schedule, lag=spread(9.9, 2000))
    found = evidence(activity=activity(), latencies=latencies, schedule=schedule)
    assert ("load-saturated" in codes(found)) is given


@pytest.mark.parametrize(("late_ms", "given"), [(9.9, False), (10.0, True)])
def test_iterations_that_began_late_are_k6s_own_fault(late_ms: float, *, given: bool) -> None:
    """With a user for each iteration nothing but k6 keeps one from beginning on time."""
    schedule = Schedule(0, within_slo=0, within_slo_of_send=0, lag=spread(late_ms, 2000))
    assert ("load-saturated" in codes(evidence(activity=activity(), schedule=schedule))) is given


@pytest.mark.parametrize(
    ("drains_s", "total_s", "given"),
    [
        (20.0, 607.7, False),
        (20.0, 607.5, True),
        (20.0, 632.3, False),
        (20.0, 632.5, True),
        # earlier summaries: the longest drain is 3 s
        (None, 588.1, False),
        (None, 587.9, True),
        (None, 642.5, False),
        (None, 642.7, True),
    ],
)
def test_drains_count_in_littles_law(drains_s: float | None, total_s: float, *, given: bool) -> None:
    """Ten users in 60 s whose drains are 20 s in all: their iterations last 620 s, give or take 2 %."""
    latencies = {"iteration_ms": spread(total_s, 1000), "duration_ms": spread(30, 6000)}
    seconds = {"start": 0.5, "ready": 0.4, "warmup": 5.0, "measure": 63.5, "stop": 0.2, "drain": 3.0}
    told = {"seconds": seconds, "fakedb": None}
    found = evidence(latencies=latencies, told=told, drains_s=drains_s)
    assert ("littles-law" in codes(found)) is given


# 6000 requests of the window and 500 of the warm-up, of which every third calls the database.
ASKED = fakedb(2167)


@pytest.mark.parametrize(
    ("times", "abandoned", "given"),
    [(0.981, 0, False), (0.979, 0, True), (1.019, 0, False), (1.021, 0, True), (1.021, 10, False)],
)
def test_the_databases_mean_in_flight_obeys_littles_law(times: float, abandoned: int, *, given: bool) -> None:
    """What it had in flight is 2 % off the time of k6's calls; abandoned ones may have waited, too."""
    told = {"fakedb": {**ASKED, "held_s": times * ASKED["held_s"], "abandoned": abandoned}}
    assert registry.judge(evidence(told=told)).void == (("littles-law",) if given else ())


def test_littles_law_is_a_note_on_one_machine() -> None:
    """There a busy core may have kept either from counting in time."""
    twice = {"fakedb": {**ASKED, "held_s": 2 * ASKED["held_s"]}}
    assert registry.judge(evidence(told=twice)).void == ("littles-law",)
    together = evidence(told=twice, separations=TOGETHER)
    assert registry.judge(together).notes == ("littles-law",)


def test_littles_law_at_the_database_needs_all_counts() -> None:
    """Earlier records have no sum of times; calls of failed requests, and of a route, may be unknown."""
    unheard = evidence(told={"fakedb": {**ASKED, "held_s": None}})
    failed = evidence(told={"fakedb": ASKED}, failed_requests=1)
    silent = evidence(told={"fakedb": ASKED}, planned={"db_calls_per_request": None})
    assert all("littles-law" in registry.judge(found).not_judged for found in (unheard, failed, silent))


def test_fewer_at_the_database_than_the_slots() -> None:
    """Four slots that are the limit, of which the database saw three; with four all is well."""
    planned = {"command": "gunicorn -k gthread --threads 4 -w 1 sync_app:app"}
    for seen, given in ((3, True), (4, False)):
        calls = fakedb((6000 + 500) // 3, in_flight_max=seen)
        found = evidence(planned=planned, told={"fakedb": calls}, activity=activity(), duration_ms=80)
        verdict = registry.judge(found)
        assert ("below-concurrency" in verdict.codes) is given
        assert "below-concurrency" not in verdict.not_judged


def test_a_trial_says_it_of_any() -> None:
    """Of several trials one is enough."""
    quiet = evidence(activity=activity())
    stolen = replace(quiet.trials[0], activity=with_app(core_steal=(0.5, 0.5)))
    assert "steal" in codes(replace(quiet, trials=(*quiet.trials, stolen)))
