"""`collect.py compare` and `collect.py interference`, started as a person starts them."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from comparison_runs import STACKS, made, one_host
from run_files import ROOT, cell

from tripod.cli.main import run
from tripod.report import harmless

RATES = dict(zip(STACKS, (70.0, 110.0, 150.0, 130.0), strict=True))
HOSTILE = "=cmd|' /C calc'!A0\x1b[31m\u202eevil <script>`|\n"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, k6_summary: dict[str, Any]) -> Path:
    """Return a results directory with runs of one thing, of which the last lost a third in one cell."""
    folder = tmp_path_factory.mktemp("results")
    for day, (name, rates) in enumerate(
        {"first": RATES, "second": RATES, "third": RATES | {"sync-gthread": 75.0}}.items(), start=1
    ):
        made(folder / name, k6_summary, rates, minutes=1000 * day, created_at=f"2026-11-0{day}T00:00:00Z")
    made(
        folder / "shared",
        k6_summary,
        {stack: 0.8 * rate for stack, rate in RATES.items()},
        seen=one_host(),
        created_at="2026-10-01T00:00:00Z",
        minutes=1010,
    )
    return folder


def collect(
    capsys: pytest.CaptureFixture[str], results: Path, *arguments: str, root: Path = ROOT
) -> tuple[int, str, str]:
    """Run the command line and return its exit code and what it printed."""
    code = run(root, [*arguments, "--results", str(results)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a terminal of 120 characters, unless a test says otherwise."""
    monkeypatch.setenv("COLUMNS", "120")


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize(
    "command",
    [
        ["compare", "latest~1", "latest"],
        ["compare", "published:poc", "first"],
        ["interference", "shared", "first"],
    ],
)
def test_a_terminal_is_not_overrun(
    results: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    command: list[str],
) -> None:
    """No line is longer than the terminal is wide; cells and answers stay, and what goes is named."""
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, err = collect(capsys, results, *command)
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.splitlines()) <= width
    assert "sync-gunicorn-w1-db25" in out
    assert ("left out for lack of width" in out) or width > 80 or "published" in command[1]


def test_piped_each_row_is_one_line(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal nothing is left out or broken."""
    monkeypatch.delenv("COLUMNS")
    command = [str(ROOT / "collect.py"), "compare", "second", "third", "--results", str(results)]
    out = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=True).stdout
    assert "left out" not in out
    [line] = [line for line in out.splitlines() if line.startswith("sync-gthread-w1-db25 ")]
    assert "slower" in line
    assert "[" in line


def test_every_form_tells_the_same(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON is the comparison as declared, CSV has a line for each cell, Markdown a table."""
    pair = ("compare", "second", "third")
    data = json.loads(collect(capsys, results, *pair, "--format", "json")[1])
    rows = list(csv.DictReader(io.StringIO(collect(capsys, results, *pair, "--format", "csv")[1])))
    assert [row["answer"] for row in rows] == [cell["answer"] for cell in data["cells"]]
    assert float(rows[0]["change_rate_to_shift"]) == data["cells"][0]["change"]["rate"]["to_shift"]
    low = data["cells"][0]["change"]["rate"]["to_shift_interval"][0]
    assert float(rows[0]["change_rate_to_shift_interval_low"]) == low
    page = collect(capsys, results, *pair, "--format", "markdown")[1]
    assert "| sync-gthread-w1-db25 |" in page
    assert "| slower |" in page
    shared = ("interference", "shared", "first")
    data = json.loads(collect(capsys, results, *shared, "--format", "json")[1])
    rows = list(csv.DictReader(io.StringIO(collect(capsys, results, *shared, "--format", "csv")[1])))
    assert float(rows[0]["cost_rate_ratio"]) == data["cells"][0]["cost"]["rate"]["ratio"]
    assert collect(capsys, results, *shared)[1].startswith(
        "That load, app and database share 2 cores (one-host)"
    )
    text = ("compare", "published:poc", "first")
    data = json.loads(collect(capsys, results, *text, "--format", "json")[1])
    rows = list(csv.DictReader(io.StringIO(collect(capsys, results, *text, "--format", "csv")[1])))
    assert [row["answer"] for row in rows] == [pair["answer"] for pair in data["pairs"]]


def test_runs_are_named_in_every_way(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By id, the beginning of one, latest and those before it, and path; several are separated by commas."""
    ways = [
        ("second", "third"),
        ("se", "th"),
        ("latest~1", "latest"),
        (str(results / "second"), str(results / "third")),
        ("latest~1", f"{results}/third"),
    ]
    told = {collect(capsys, results, "compare", *way, "--format", "json")[1] for way in ways}
    assert len(told) == 1
    several = json.loads(
        collect(capsys, results, "compare", "first,latest~1", "third", "--format", "json")[1]
    )
    assert [one["run_id"] for one in several["a"]["runs"]] == ["first", "second"]


def test_the_exit_code_tells_a_regression(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """3 where a cell surely lost more, with its name; 0 where none did; without the option 0."""
    code, out, _ = collect(capsys, results, "compare", "second", "third", "--fail-on-regression", "5%")
    assert code == 3
    assert "regressions: sync-gthread-w1-db25 surely lost more than 5 %" in out
    code, out, _ = collect(capsys, results, "compare", "first", "second", "--fail-on-regression", "5 %")
    assert code == 0
    assert "no cell surely lost more than 5 %" in out
    assert collect(capsys, results, "compare", "second", "third")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", "first", "fourth"], "no run 'fourth' in"),
        (["compare", "first", "latest~4"], "no run 'latest~4' in"),
        (["compare", "first", "./nowhere"], "no run at nowhere: it has no plan.json"),
        (
            ["compare", "first", "second,"],
            "'second,' has a run without a name; type: ./collect.py compare --help",
        ),
        (["compare", "first", "published:pco"], "did you mean published:poc?"),
        (["compare", "published:poc", "published:quotes"], "nothing tells two of them apart"),
        (
            ["compare", "first", "second", "--fail-on-regression", "5"],
            "'5' is no share; allowed: 0% to 99.999%",
        ),
        (["compare", "first", "published:poc", "--fail-on-regression", "5%"], "needs runs on both sides"),
        (
            ["compare", "first", "shared"],
            "separation differs: A (first) is shared-kernel, B (shared) is one-host",
        ),
        (["compare", "first,first", "second"], "A has a run twice"),
        (["compare", "first", "first"], "run first is on both sides"),
        (["compare", "first"], "missing argument 'B'"),
        (["interference", "first", "shared"], "the second run, shared, is the one on one host"),
        (["interference", "first", "published:poc"], "no run 'published:poc' in"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    results: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """An error ends with 1 and says what to type; nothing is printed as if it were a result."""
    code, out, err = collect(capsys, results, *arguments)
    assert (code, out) == (1, "")
    assert said in err
    assert "; type: " in err
    assert err.count("\n") == 1


def test_a_foreign_directory_is_refused(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory with a plan.json that is none, or of an unknown format, is named with the reason."""
    for content, said in (("{", "not JSON"), ('{"format": 9}', "format version is 9, known: 1, 2")):
        (tmp_path / "plan.json").write_text(content, encoding="utf-8")
        code, out, err = collect(capsys, results, "compare", "first", f"{tmp_path}/")
        assert (code, out) == (1, "")
        assert f"plan.json: {said}" in err


@pytest.mark.parametrize("form", ["terminal", "markdown", "csv", "json"])
def test_hostile_text_is_text(
    tmp_path: Path, k6_summary: dict[str, Any], capsys: pytest.CaptureFixture[str], form: str
) -> None:
    """A command, a kernel and a parameter that act on a terminal, a page or a spreadsheet are text."""
    for name in ("a", "b"):
        folder = made(tmp_path / name, k6_summary, RATES, blocks=2, minutes=1000 * ord(name))
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        plan["cells"][0]["command"] = f"{HOSTILE}{name}"
        plan["parameters"]["x"] = f"{HOSTILE}{name}"
        (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
        hosts = json.loads((folder / "hosts.json").read_text(encoding="utf-8"))
        hosts["hosts"]["tripod-app"]["kernel"] = f"{HOSTILE}{name}"
        (folder / "hosts.json").write_text(json.dumps(hosts), encoding="utf-8")
    code, out, _ = collect(capsys, tmp_path, "compare", "a", "b", "--format", form)
    assert code == 0
    assert out.replace("\n", "").isprintable()
    assert "evil" in out
    if form == "markdown":
        assert "<script>" not in out
    if form == "csv":
        assert "\n=cmd" not in out
        assert ",=cmd" not in out
        assert harmless.comma_separated(f"{HOSTILE}b") in {
            row["command"] for row in csv.DictReader(io.StringIO(out))
        }


def test_a_page_of_copied_runs_needs_no_results(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Runs that are named by their paths are compared before this checkout has measured anything."""
    page = tmp_path / "results" / "report.html"
    named = [str(results / name) for name in ("first", "second")]
    assert run(tmp_path, ["report", *named]) == 0
    assert capsys.readouterr().out.strip() == str(page)
    assert page.stat().st_size > 0


def test_a_page_sets_a_run_beside_published_figures(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says of every two rows what compare does; published figures alone have no page."""
    page = tmp_path / "page.html"
    named = ("report", "first", "published:poc")
    assert collect(capsys, results, *named, "--output", str(page))[0] == 0
    text = " ".join(page.read_text(encoding="utf-8").split())
    pairs = json.loads(collect(capsys, results, "compare", "first", "published:poc", "--format", "json")[1])[
        "pairs"
    ]
    assert pairs
    assert all(f"<td>{pair['one']}</td><td>{pair['other']}</td>" in text for pair in pairs)
    assert 'href="#compared"' in text
    assert text.index('id="compared"') < text.index('id="run"')
    assert collect(capsys, results, *named)[1].strip() == str(results / "report.html")
    assert collect(capsys, results, "report", "first,second", "published:poc")[0] == 0
    text = (results / "report.html").read_text(encoding="utf-8")
    assert "2 runs side by side" in text
    assert "Comparison of B with A" in text
    for wrong in (
        ["published:poc"],
        ["published:poc", "published:quotes"],
        ["first", "second", "published:poc"],
    ):
        code, _, err = collect(capsys, results, "report", *wrong)
        assert code == 1
        assert (
            "published figures stand beside runs, allowed: one of two sides; type: ./collect.py report" in err
        )
        assert err.count("type: ") == 1
    assert "did you mean published:poc?" in collect(capsys, results, "report", "first", "published:pco")[2]


def test_it_is_told_that_a_page_compares_nothing(
    tmp_path: Path, k6_summary: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside figures of another load a run has its page, and the terminal says why it has no comparison."""
    made(tmp_path / "other", k6_summary, RATES, load=cell("sync-gunicorn")["load"] | {"vus": 64})
    code, out, err = collect(capsys, tmp_path, "report", "other", "published:poc")
    assert (code, out.strip()) == (0, str(tmp_path / "report.html"))
    assert err.startswith("collect.py: not compared: ")
    assert "vus 10 against 64" in err
    assert err.count("\n") == 1
    assert "Not compared: " in (tmp_path / "report.html").read_text(encoding="utf-8")
