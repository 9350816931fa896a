"""The registry: what holds for every rule, and what a severity does to a row of a real run directory."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from activity_fixtures import CPUS, KEEPER, WINDOW_S, activity
from run_files import RunFiles, cell, counted, fakedb, hosts, quote_cell, searched

from tripod.report import table
from tripod.runs.results import read_run
from tripod.stats.activity import Activity
from tripod.verdicts import registry
from tripod.verdicts.evidence import Cell, Trial
from tripod.verdicts.rule import Rule, Severity

ROW = {"cell": "a-w1", "load": {"vus": 10, "duration_s": 20.0}, "trials": 1, "failures": {}}
BY_CODE = {rule.code: rule for rule in registry.RULES}
every_rule = pytest.mark.parametrize("rule", registry.RULES, ids=lambda rule: rule.code)


@every_rule
def test_every_rule_explains_itself(rule: Rule) -> None:
    """The note below the table says what a code means and what to do."""
    note = registry.note(rule.code, [ROW])
    assert rule.meaning in note
    assert rule.remedy in note
    assert rule.needs


@every_rule
def test_every_limit_has_unit_and_source(rule: Rule) -> None:
    """A rule that compares figures says with what, in which unit, and where that comes from."""
    assert rule.limits or rule.severity is Severity.FAILED
    assert all(limit.name and limit.unit and limit.source for limit in rule.limits)


def test_codes_are_unique() -> None:
    """A code means one thing."""
    assert len(BY_CODE) == len(registry.RULES)


def test_an_unknown_code_points_to_the_record() -> None:
    """A code that an earlier or a later version gave is shown with where to look."""
    assert "record.json" in registry.note("interrupted", [ROW])


@every_rule
def test_without_a_measurement_nothing_is_called_fine(rule: Rule) -> None:
    """Of a cell whose only trial failed, the rules that need figures are not judged."""
    nothing = cell("sync-gunicorn", queries_per_request=1, views_per_request=1)
    verdict = registry.judge(Cell(nothing, (Trial("a-r1", "a", None, failure=("from-elsewhere",)),)))
    assert verdict.codes == ("from-elsewhere",)
    assert verdict.severity is Severity.FAILED
    assert (rule.code in verdict.not_judged) is (rule.severity is not Severity.FAILED)


# A trial of `run_files` has 500 requests in its warm-up, and so many more over the 60 s of its rate.
FAST, SLOW = (
    {"rps": rps, "database": counted(500 + 60 * rps, views_added=500 + 60 * rps)} for rps in (40, 20)
)
SECONDS = {"start": 0.5, "ready": 0.4, "warmup": 5.0, "measure": 60.0, "stop": 0.2}
LATE = {"early": 0, "min": 0.1, "mean": 9.0, "max": 40.0, "quantiles": {"p50": 8.0}}
# What the faster cell's trials have otherwise, so that it gets the code.
PROVOKED: dict[str, list[dict[str, Any]]] = {
    "capped": [{"rps": 230, "database": None}],
    "capacity-capped": [{"capacity": searched(6_000, vus=20_000)}],
    "errors": [{"failed": 3}],
    "slept": [{"seconds": SECONDS | {"slept": 90.0}}],
    "load-skew": [{"start_skew": {"skew_s": 0.601, "error_s": 0.001, "hosts": {}}}],
    "wide-spread": [{}, {"rps": 60, "database": None}],
    "queries-off": [{"database": FAST["database"] | {"queries": 9}}],
    "noisy-host": [
        {"calibration": {"tripod-app": {"before_s": before_s, "after_s": 0.0008}}}
        for before_s in (0.0006, 0.0007)
    ],
    "views-off": [{"database": FAST["database"] | {"views_added": 2899}}],
    "littles-law": [{"seconds": SECONDS | {"drain": 0.0}}],
    "unsteady": [{"parts": (0, 0, 0, 800, 800, 800, 0, 0, 0, 0)}],
    "few-samples": [{"samples": 999}],
    "db-delay-off": [{"database": None, "fakedb": fakedb(2900, error_ms=LATE, held_s=None)}],
    "below-concurrency": [{"rps": 39, "database": None, "fakedb": fakedb(2840, in_flight_max=1)}],
}
# The same for what its hosts did.
ACTIVE: dict[str, dict[str, Activity]] = {
    "load-saturated": activity(load=0.85),
    "db-saturated": activity(db=0.95),
    "app-host-shared": activity(app_changes={"cpu_s": 0.51 * CPUS * WINDOW_S}),
    "steal": activity(app_changes={"core_steal": (0.04, 0.0)}),
    "throttled": activity(service_changes={"throttled_s": 0.6}),
    "listen-overflow": activity(app_changes={"listen_overflows": 1}),
    "restarted": activity(service_changes={"pids_after": (KEEPER, 999)}),
    "clock-step": activity(load_changes={"clock_step_s": -1.0}),
    "uneven": activity(app_workers=(0.8, 0.4)),
    "below-concurrency": activity(app=0.0, app_workers=(0.0,)),
}
# What asks the fake database instead.
ON_FAKEDB = {"db-delay-off", "below-concurrency"}


def made_of(run_files: RunFiles, code: str, separation: str = "separate-kernels") -> dict[str, Any]:
    """Return the table of a run of two cells, whose faster one has the code."""
    changes = PROVOKED.get(code, [{}])
    stacks = ("fastapi-sqlalchemy-uvicorn", "django-async-uvicorn")
    load = {"script": "quote", "vus": 64, "duration_s": 60.0, "warmup_s": 5.0}
    planned: dict[str, Any] = {"views_per_request": 1, "load": load, "ceiling_rps": 240}
    planned["workers"] = 2 if code == "uneven" else 1
    if code in ON_FAKEDB:
        planned |= {"database": "fakedb", "db_sleep_ms": 25, "pool": None}
        planned |= dict.fromkeys(("queries_per_request", "views_per_request"))
    faster, slower = (quote_cell(name, **planned) for name in stacks)
    run_files.plan([faster, slower], repeats=len(changes))
    pairs = [pair | {"separation": separation} for pair in hosts()["separations"]]
    run_files.change("hosts.json", separations=pairs, separation=separation)
    for repeat, change in enumerate(changes, start=1):
        if BY_CODE[code].severity is Severity.FAILED:
            run_files.failed_trial(f"{faster['cell']}-r{repeat}", code)
        else:
            run_files.trial(f"{faster['cell']}-r{repeat}", **FAST | change)
        run_files.trial(f"{slower['cell']}-r{repeat}", **SLOW)
    if code == "connect-tail":
        retransmitted(run_files, f"{faster['cell']}-r1")
    run = read_run(run_files.path)
    done = ACTIVE.get(code, {})
    trials = (
        replace(trial, activity=done) if trial.cell == faster["cell"] else trial for trial in run.trials
    )
    return table.make(replace(run, trials=tuple(trials)))


def retransmitted(run_files: RunFiles, trial: str) -> None:
    """Let the slowest connect of a trial take 3.05 s."""
    path = run_files.path / "trials" / trial / "k6.json"
    k6 = json.loads(path.read_text(encoding="utf-8"))
    k6["metrics"]["http_req_blocked"]["values"]["max"] = 3050.0
    path.write_text(json.dumps(k6), encoding="utf-8")


# A row of fewer than a hundred requests is slower than any other and has few samples, too: see test_window.
@pytest.mark.parametrize("code", sorted(set(BY_CODE) - {"short"}))
def test_severity_decides_place_order_and_exit_code(run_files: RunFiles, code: str) -> None:
    """A note keeps the place, a bound row stands there without one, void and failed ones stand below."""
    made = made_of(run_files, code)
    having, other = sorted(made["rows"], key=lambda row: code not in row["reasons"])
    assert (having["reasons"], other["reasons"]) == ([code], [])
    severity = BY_CODE[code].severity
    ranks = {
        Severity.NOTE: (1, 2),
        Severity.BOUND: (None, 2),
        Severity.VOID: (None, 1),
        Severity.FAILED: (None, 1),
    }
    assert (having["rank"], other["rank"]) == ranks[severity]
    below = severity in {Severity.VOID, Severity.FAILED}
    assert made["rows"] == ([other, having] if below else [having, other])
    assert table.exit_code(made) == (2 if below else 0)
    lists = {Severity.VOID: "void", Severity.BOUND: "bound", Severity.NOTE: "notes"}
    for found, key in lists.items():
        assert having[key] == ([code] if found is severity else [])
    assert code not in having["not_judged"]


@pytest.mark.parametrize("code", ["load-saturated", "littles-law", "db-delay-off"])
@pytest.mark.parametrize("separation", ["one-host", "shared-kernel"])
def test_legs_that_share_cores_make_it_a_note(run_files: RunFiles, code: str, separation: str) -> None:
    """Where legs share a machine another cause is likely: the row keeps its place."""
    (having,) = [row for row in made_of(run_files, code, separation)["rows"] if code in row["reasons"]]
    assert (having["notes"], having["void"], having["rank"]) == ([code], [], 1)


@every_rule
def test_a_milder_severity_says_where(rule: Rule) -> None:
    """A rule that can be given mildly says where that is, for the documents."""
    assert bool(rule.milder) is bool(rule.mild_where)
    assert rule.severities[0] is rule.severity
