"""How a run is named on collect.py's command line, how errors read, and what a reader that leaves does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from run_files import ROOT, RunFiles, cell

from tripod.cli.main import run

NAME = "sync-gunicorn-w1-db25"


@pytest.fixture
def root(run_files: RunFiles) -> Path:
    """Return a checkout with three runs, two of which begin alike; the latest is the second."""
    for name in ("20261123T034500Z-poc", "20261123T040000Z-poc", "mine"):
        files = RunFiles(run_files.path.with_name(name), run_files.k6)
        files.plan([cell("sync-gunicorn")])
        files.trial(f"{NAME}-r1")
    (run_files.path.parent / "latest").symlink_to("20261123T040000Z-poc")
    return run_files.path.parent.parent


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("m", "mine"),
        ("20261123T03", "20261123T034500Z-poc"),
        ("20261123T040000Z-poc", "20261123T040000Z-poc"),
        ("latest", "20261123T040000Z-poc"),
    ],
)
def test_a_run_is_named_by_its_beginning(
    root: Path, named: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command takes the beginning of a name that no other run has, and `latest`."""
    for arguments in ([], ["table"], ["k6", NAME], ["runs"], ["pull", "--results", str(root / "results")]):
        code = run(root, [*arguments, "--run", named])
        told = capsys.readouterr()
        assert (code, told.err) == (0, ""), arguments
        assert found in told.out or arguments[:1] == ["k6"]
    others = {"mine", "20261123T034500Z-poc", "20261123T040000Z-poc"} - {found}
    run(root, ["runs", "--run", named])
    assert not any(other in capsys.readouterr().out for other in others)


@pytest.mark.parametrize("command", [[], ["table"], ["k6", NAME], ["runs"], ["pull"]])
@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("20261123T0", "2 runs in {}: 20261123T034500Z-poc, 20261123T040000Z-poc; type: more of the one"),
        ("nope", "no run 'nope' in {}; valid: "),
        ("", "no run '' in {}; valid: "),
    ],
)
def test_a_name_of_none_or_of_several_is_an_error(
    root: Path, command: list[str], named: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the candidates; no command ignores the option."""
    assert run(root, [*command, "--run", named]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert told.format(root / "results") in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["tabel"],
        ["table", "--format", "xml"],
        ["table", "--results", "/nowhere"],
        ["table", "--nope"],
        ["k6"],
        ["k6", "nope"],
        ["table", "--run", "nope"],
        ["table", "--run", "broken"],
        ["pull", "--run", "missing"],
    ],
)
def test_errors_have_one_form(root: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One line: who says it, what is wrong, what to type."""
    (root / "results" / "broken").mkdir()
    (root / "results" / "broken" / "plan.json").write_text("{")
    files = RunFiles(root / "results" / "missing", {})
    files.plan([cell("sync-gunicorn")])
    assert run(root, arguments) == 1
    err = capsys.readouterr().err
    assert err.startswith("collect.py: ")
    assert err.count("\n") == 1
    assert "; type: " in err
    assert not err.removeprefix("collect.py: ").startswith(("Error", "Usage"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["tabel"], "no such command 'tabel' (did you mean table?); type: ./collect.py --help"),
        (
            ["table", "--sotr"],
            "no such option '--sotr' (did you mean --sort?); type: ./collect.py table --help",
        ),
        (
            ["table", "--formt"],
            "'--formt' (did you mean --format or --sort?); type: ./collect.py table --help",
        ),
    ],
)
def test_clicks_suggestions_read_like_ours(
    root: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt command or option is followed by what is nearest, in the words of the other errors."""
    assert run(root, arguments) == 1
    assert capsys.readouterr().err.endswith(f"{told}\n")


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [
        (["table", "mine"], "table --run mine"),
        (["table", "latest~1"], "table --run 'latest~1'"),
        (["explain", "min"], "explain CELL --run min"),
        (["explain", NAME, "mine"], "explain CELL --run mine"),
        (["latency", "mine"], "latency CELL --run mine"),
        (["k6", "mine"], "k6 CELL --run mine"),
    ],
)
def test_a_run_in_the_place_of_a_cell_is_told_as_one(
    root: Path, arguments: list[str], typed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What names a run, and no cell, comes with the option that takes it."""
    assert run(root, arguments) == 1
    assert capsys.readouterr().err == (
        f"collect.py: '{arguments[-1]}' is a run, no cell; type: ./collect.py {typed}\n"
    )


def test_a_number_that_no_row_has_is_no_run(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Though it is the beginning of one's name, and of no other's."""
    (root / "results" / "20261123T034500Z-poc").rename(root / "results" / "7-poc")
    assert run(root, ["table", "7"]) == 1
    assert "no cell '7' in run 20261123T040000Z-poc; valid: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ({"outcome": "completed", "message": None}, "not-run (no record.json, although the run completed)"),
        ({"outcome": "interrupted"}, "not-run (no record.json: it was not reached, or the file was lost)"),
    ],
)
def test_a_lost_record_is_not_explained_away(
    root: Path, end: dict[str, object], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody knows why a record is not there, so nothing claims that the run ended before it."""
    files = RunFiles(root / "results" / "mine", {})
    files.change("end.json", **end)
    (files.path / "trials" / f"{NAME}-r1" / "record.json").unlink()
    assert run(root, ["table", "--run", "mine"]) == 2
    out = " ".join(capsys.readouterr().out.split())
    assert told in out
    assert "the run ended before" not in out.replace("not reached", "")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["table"], 2),
        (["table", "--format", "json"], 2),
        (["table", "--format", "csv"], 2),
        (["k6", NAME], 0),
        (["runs"], 0),
        (["--help"], 0),
    ],
)
def test_a_reader_that_leaves_changes_nothing(
    root: Path, run_files: RunFiles, arguments: list[str], code: int
) -> None:
    """With `| head` the exit code is that of the run, and nothing is said of a broken pipe."""
    run_files.change("end.json", outcome="failed")
    placed = arguments if arguments == ["--help"] else [*arguments, "--results", str(root / "results")]
    named = placed if arguments == ["--help"] else [*placed, "--run", run_files.path.name]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, str(ROOT / "collect.py"), *named],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (code, "")
