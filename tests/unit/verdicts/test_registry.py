"""The registry: what holds for every rule, and what a severity does to a row of a real run directory."""

from __future__ import annotations

from typing import Any

import pytest
from run_files import RunFiles, cell, counted, quote_cell

from tripod.report import table
from tripod.report.tabulate import tabulate
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
    {"rps": rps, "database": counted(500 + 60 * rps, views_added=500 + 60 * rps)} for rps in (20, 10)
)
# What the faster cell's trials have otherwise, so that it gets the code.
PROVOKED: dict[str, list[dict[str, Any]]] = {
    "capped": [{"rps": 230, "database": None}],
    "errors": [{"failed": 3}],
    "slept": [
        {"seconds": {"start": 0.5, "ready": 0.4, "warmup": 5.0, "measure": 60.0, "stop": 0.2, "slept": 90.0}}
    ],
    "wide-spread": [{}, {"rps": 60, "database": None}],
    "queries-off": [{"database": FAST["database"] | {"queries": 9}}],
    "noisy-host": [{"calibration": {"tripod-app": {"before_s": 0.0006, "after_s": 0.0008}}}],
    "views-off": [{"database": FAST["database"] | {"views_added": 1699}}],
}


def made_of(run_files: RunFiles, code: str) -> dict[str, Any]:
    """Return the table of a run of two cells, whose faster one has the code."""
    changes = PROVOKED.get(code, [{}])
    stacks = ("fastapi-sqlalchemy-uvicorn", "django-async-uvicorn")
    load = {"script": "quote", "vus": 64, "duration_s": 60.0, "warmup_s": 5.0}
    faster, slower = (quote_cell(name, views_per_request=1, load=load, ceiling_rps=240) for name in stacks)
    run_files.plan([faster, slower], repeats=len(changes))
    for repeat, change in enumerate(changes, start=1):
        if BY_CODE[code].severity is Severity.FAILED:
            run_files.failed_trial(f"{faster['cell']}-r{repeat}", code)
        else:
            run_files.trial(f"{faster['cell']}-r{repeat}", **FAST | change)
        run_files.trial(f"{slower['cell']}-r{repeat}", **SLOW)
    return tabulate(run_files.path)


@pytest.mark.parametrize("code", BY_CODE)
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
