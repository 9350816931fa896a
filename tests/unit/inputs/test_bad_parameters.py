"""Parameters and inventories that the plan refuses, each with one message that helps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plan_types import Make, Refused
from run_files import ROOT

from tripod.catalogue import formats

MATRICES = ", ".join(sorted(path.stem for path in (ROOT / "matrix").glob("*.yml")))
BAD_VALUES = [
    ("db_sleep", "abc", "whole milliseconds from 0 to 60000"),
    ("db_sleep", "-5", "whole milliseconds from 0 to 60000"),
    ("db_sleep", "2.5", "whole milliseconds from 0 to 60000"),
    ("db_sleep", 2.5, "whole milliseconds from 0 to 60000"),
    ("db_sleep", True, "whole milliseconds from 0 to 60000"),
    ("db_sleep", "25,abc", "whole milliseconds from 0 to 60000"),
    ("db_sleep", "25,25", "each value once"),
    ("db_sleep", [], "at least one value"),
    ("db_sleep", {"a": 1}, "whole milliseconds from 0 to 60000"),
    ("matrix", "nope", f"{MATRICES}, or the path of a matrix file that is there"),
    ("matrix", "./nope.yml", f"{MATRICES}, or the path of a matrix file that is there"),
    ("matrix", "~nobody-here/x.yml", f"{MATRICES}, or the path of a matrix file that is there"),
    ("matrix", "a" * 300, f"{MATRICES}, or the path of a matrix file that is there"),
    ("run_id", "latest", "not 'latest'"),
    ("run_id", float("inf"), "letters, digits"),
    ("workers", "0", "a whole number from 1 to 256"),
    ("workers", "9" * 5000, "a whole number from 1 to 256"),
    ("threads", "0", "a whole number from 1 to 1024"),
    ("only", "nomatch", "a glob over sync-gunicorn, sync-gthread"),
    ("only", "a b", "globs over names of stacks, frameworks or servers"),
    ("only", [], "globs over names of stacks, frameworks or servers"),
    ("load", "saturat", "poc, saturate, rate, capacity, of matrix poc"),
    ("load", "A b", "lower-case letters"),
    ("load", "poc,poc", "each value once"),
    ("rate", 60, "leave rate out, or a load that is open; type: -e load=rate"),
    ("rate", "0", "a whole number from 1 to 100000"),
    ("slo_ms", 100, "leave slo_ms out, or a load that is open; type: -e load=rate"),
    ("route", "ap", "home, api; type: -e route=api"),
    ("keepalive", "never", "true or false"),
    ("workers", "[1,2", "a whole number from 1 to 256, or a list of such"),
    ("workers", "1,2]", "a whole number from 1 to 256, or a list of such"),
    ("workers", "[", "a whole number from 1 to 256, or a list of such"),
    ("workers", "[[1]]", "a whole number from 1 to 256, or a list of such"),
    ("workers", [[1]], "a whole number from 1 to 256, or a list of such"),
    ("vus", "0", "a whole number from 1 to 20000"),
    ("vus", "１０", "a whole number from 1 to 20000"),  # noqa: RUF001 - digits that Python takes
    ("vus", "٣", "a whole number from 1 to 20000"),
    ("vus", "1e3", "a whole number from 1 to 20000"),
    ("vus", "1_0", "a whole number from 1 to 20000"),
    ("vus", 10.0, "a whole number from 1 to 20000"),
    ("vus", float("nan"), "a whole number from 1 to 20000"),
    ("vus", True, "a whole number from 1 to 20000"),
    ("vus", None, "a whole number from 1 to 20000"),
    ("vus", [10], "a whole number from 1 to 20000"),
    ("vus", "", "a whole number from 1 to 20000"),
    ("vus", "1" * 2_000_000, "a whole number from 1 to 20000"),
    ("duration", "１０s", "a duration with its unit, from 1s to 86400s"),  # noqa: RUF001 - likewise
    ("duration", "-5s", "a duration with its unit, from 1s to 86400s"),
    ("duration", "nans", "a duration with its unit, from 1s to 86400s"),
    ("duration", "infs", "a duration with its unit, from 1s to 86400s"),
    ("duration", "9" * 5000 + "s", "a duration with its unit, from 1s to 86400s"),
    ("duration", None, "a duration with its unit, from 1s to 86400s"),
    ("repeats", "2.0", "a whole number from 1 to 1000"),
    ("seed", "4294967296", "a whole number from 0 to 4294967295"),
    ("run_id", True, "letters, digits, '.', '_', '-'"),
    ("run_id", None, "letters, digits, '.', '_', '-'"),
    ("run_id", "a\n", "letters, digits, '.', '_', '-'"),
    ("run_id", "é", "letters, digits, '.', '_', '-'"),
    ("matrix", "poc\0", "the name of a file in matrix/, or a path to one"),
    ("matrix", "poc\n", "the name of a file in matrix/, or a path to one"),
    ("matrix", True, "the name of a file in matrix/, or a path to one"),
    ("duration", "10", "a duration with its unit, from 1s to 86400s (such as 10s"),
    ("duration", 10, "a duration with its unit, from 1s to 86400s (such as 10s"),
    ("duration", "0s", "a duration with its unit, from 1s"),
    ("duration", "500ms", "a duration with its unit, from 1s"),
    ("duration", "", "a duration with its unit, from 1s"),
    ("warmup", "0", "0s, or a duration with its unit, from 1s to 3600s"),
    ("warmup", "999ms", "0s, or a duration with its unit, from 1s to 3600s"),
    ("warmup", "2h", "0s, or a duration with its unit, from 1s to 3600s"),
    ("repeats", "0", "a whole number from 1 to 1000"),
    ("seed", "-1", "a whole number from 0 to 4294967295"),
    ("run_id", "../x", "letters, digits, '.', '_', '-'"),
]


@pytest.mark.parametrize(("name", "value", "allowed"), BAD_VALUES)
def test_a_bad_value_gives_one_message(refused: Refused, name: str, value: object, allowed: str) -> None:
    """The message names the parameter and the value found (long ones shortened), and says what is allowed."""
    (problem,) = refused(**{name: value})
    assert problem.startswith(f"{name} is {repr(value)[:70]}")
    assert allowed in problem.split("allowed: ", 1)[1]
    assert len(problem) < 400
    assert "\n" not in problem


def test_all_problems_come_at_once(refused: Refused) -> None:
    """Two bad values and a missing group are three problems of one refusal."""
    problems = refused({"load": ["a"], "app": ["b"]}, vus="x", workers="0")
    assert [problem.split(" ")[0] for problem in problems] == ["workers", "vus", "the"]


@pytest.mark.parametrize("missing", ["load", "app", "db"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_a_missing_group_is_named(refused: Refused, missing: str, how: str) -> None:
    """An inventory without one of the three groups, or with an empty one, is refused with a way out."""
    groups = {leg: [f"host-{leg}"] for leg in ("load", "app", "db")}
    if how == "empty":
        groups[missing] = []
    else:
        del groups[missing]
    (problem,) = refused(groups)
    assert f"no host in the group '{missing}'" in problem
    assert "allowed: one host in each of the groups load, app, db" in problem
    assert "inventory/sample.yml" in problem


def test_two_hosts_in_a_group_are_named(refused: Refused) -> None:
    """A leg is one host: a second one is refused, and both are named."""
    (problem,) = refused({"load": ["a"], "app": ["b", "x"], "db": ["c"]})
    assert problem == "the group 'app' has 2 hosts (b, x); allowed: one"


def test_one_of_several_load_hosts_is_no_other_leg(refused: Refused) -> None:
    """What k6 does there would be the app's, too."""
    (problem,) = refused({"load": ["a", "b"], "app": ["b"], "db": ["c"]})
    assert problem.startswith("the host b is in the group app, and one of 2 in the group load; allowed: ")


@pytest.mark.parametrize(
    "host", ["a\nb", "a\0b", "a b", "../a", "{{ a }}", "x" * 101, "漢" * 34, "", "app", "\x1b[31ma"]
)
def test_a_host_has_a_plain_name(refused: Refused, host: str) -> None:
    """What could end a line, leave a directory or be a template is no name; nor is that of a leg."""
    (problem,) = refused({"load": [host], "app": ["b"], "db": ["c"]})
    assert problem.startswith(f"the inventory has a host {host[:70]!r}"[:70])
    assert "allowed: a name of letters, digits and . _ - :" in problem


def test_the_matrix_that_was_meant_is_named(refused: Refused) -> None:
    """A slip of the fingers is told from a wrong idea."""
    (problem,) = refused(matrix="pco")
    assert problem.startswith("matrix is 'pco'; did you mean poc? allowed: ")


def test_a_plan_that_no_reader_would_take_is_refused(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    """plan.json is read up to a size: a plan beyond it is never written."""
    monkeypatch.setitem(formats.LIMITS, "plan", formats.MB // 8)
    (problem,) = refused(repeats="500")
    assert problem.startswith("repeats is 500, which makes ")
    assert "trials of " in problem


def test_a_run_id_that_exists_is_refused(make: Make, refused: Refused, tmp_path: Path) -> None:
    """A run never writes into another's directory."""
    made = make(run_id="mine")
    directory = tmp_path / "results" / "mine"
    directory.mkdir(parents=True)
    (directory / "plan.json").write_text(json.dumps(made), encoding="utf-8")
    (problem,) = refused(run_id="mine")
    assert problem.startswith("run_id is 'mine'; allowed: a name that results/ does not have yet")


@pytest.mark.parametrize(
    ("text", "seconds"), [("0s", 0), ("0ms", 0), ("1s", 1), ("1m30s", 90), ("1500ms", 1.5), ("1h", 3600)]
)
def test_durations_that_are_allowed(make: Make, text: str, seconds: float) -> None:
    """A warm-up is none at all or at least 1 s, k6's own minimum; units are told apart."""
    made = make(warmup=text)
    assert made["parameters"]["warmup"] == pytest.approx(seconds)
    assert made["cells"][0]["load"]["warmup_s"] == pytest.approx(seconds)
