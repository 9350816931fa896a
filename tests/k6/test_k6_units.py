"""k6 itself runs the unit tests of the scripts."""

import asyncio
import re
from pathlib import Path

import pytest
from k6_process import ROOT, Outcome, run

TESTS = ROOT / "k6" / "tests"
FILES = sorted(path.name for path in TESTS.glob("*.test.js"))


def run_tests(script: Path) -> Outcome:
    """Run one file of tests."""
    return asyncio.run(run(script, {"K6_NO_USAGE_REPORT": "true"}))


def write_suite(path: Path, body: str) -> Path:
    """Write a file of tests like those in `k6/tests/`, with this table of tests."""
    helper = (TESTS / "assert.js").as_uri()
    path.write_text(
        f"import {{ equal, suite, throwsWith }} from '{helper}';\n"
        f"export {{ handleSummary, options }} from '{helper}';\n"
        f"export default suite({{ {body} }});\n"
    )
    return path


def test_every_helper_has_a_file_of_tests() -> None:
    """Each module in k6/lib that decides something has its unit tests, and each workload has."""
    # The other two do nothing without requests: the end-to-end tests are theirs.
    decided = {path.stem for path in (ROOT / "k6" / "lib").glob("*.js")} - {"client", "metrics"}
    workloads = {path.stem for path in (ROOT / "k6" / "workloads").glob("*.json")}
    assert {name.removesuffix(".test.js") for name in FILES} == decided | workloads


@pytest.mark.parametrize("name", FILES)
def test_the_scripts_unit_tests_pass(name: str) -> None:
    """k6 runs every test of the file, at least one, and none fails."""
    outcome = run_tests(TESTS / name)
    assert re.fullmatch(r"[1-9][0-9]* passed, 0 failed\n", outcome.stdout), outcome.log
    assert outcome.code == 0


@pytest.mark.parametrize(
    "body",
    [
        "'broken': () => equal(1, 2)",
        "'broken': () => equal([1], [1, 2])",
        "'broken': () => throwsWith(['a'], () => { throw new Error('b'); })",
        "'broken': () => throwsWith(['a'], () => {})",
        "'broken': () => nothing.of.the.kind()",
    ],
)
def test_a_broken_assertion_fails_the_run(tmp_path: Path, body: str) -> None:
    """One failing test among passing ones makes k6 exit with 99 and name the test."""
    outcome = run_tests(write_suite(tmp_path / "a.test.js", f"'fine': () => equal(1, 1), {body}"))
    assert outcome.code == 99
    assert outcome.stdout == "1 passed, 1 failed\n"
    assert "FAILED broken: " in outcome.log


def test_a_script_that_does_not_load_fails_the_run(tmp_path: Path) -> None:
    """An import of something that is not there is a failure, not an empty run."""
    script = tmp_path / "a.test.js"
    script.write_text("import { x } from './not-there.js';\nexport default function () {}\n")
    assert run_tests(script).code != 0
