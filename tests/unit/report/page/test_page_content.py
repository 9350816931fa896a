"""What a page says of a run, without a browser."""

from __future__ import annotations

import os
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import made_runs
import pytest
from run_files import OPEN, RunFiles, cell

from tripod.cli.main import run
from tripod.report import latency, table
from tripod.report.latency import PERCENTILES
from tripod.report.page import curves, make, shown, writing
from tripod.report.sheet import Section, Series, Sheet
from tripod.runs.results import Run, cells_of, read_run
from tripod.stats.quantiles import Distribution

MOST_BYTES = 2_000_000


class Parsed(HTMLParser):
    """The elements of a page: tags with their attributes, and the text below each id."""

    def __init__(self, page: str) -> None:
        """Read it."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._code = False
        self.feed(page)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))
        self._code = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        """Note that scripts and styles end."""
        self._code = self._code and tag not in {"script", "style"}

    def handle_data(self, data: str) -> None:
        """Keep what people read."""
        if not self._code:
            self.text += f" {data}"


@pytest.fixture(scope="module")
def made(made_run: Run) -> dict[str, Any]:
    """Return the table of the run."""
    return table.make(made_run)


@pytest.fixture(scope="module")
def parsed(made_run: Run, made: dict[str, Any]) -> Parsed:
    """Return its page."""
    return Parsed(make.page([(made_run, made)]))


def test_every_row_stands_in_the_order_with_its_verdict(parsed: Parsed, made: dict[str, Any]) -> None:
    """Each has an id to link to, its state as a class, and its details; void ones stand below."""
    rows = [told for tag, told in parsed.tags if tag == "tr" and (told.get("id") or "").endswith("-row")]
    assert [told["id"] for told in rows] == [f"cell-{row['cell']}-row" for row in made["rows"]]
    states = [str(told["class"]).split()[0] for told in rows]
    assert len(states) == 16
    for group in (states[:8], states[8:]):
        assert group[-2:] == ["void", "failed"]
        assert set(group[:-2]) <= {"placed", "bound"}
    assert states.count("bound") == 1
    ids = [told["id"] for _, told in parsed.tags if told.get("id")]
    assert len(ids) == len(set(ids))


def test_what_is_not_known_is_said(parsed: Parsed) -> None:
    """Bound rows are known as "at least", others are void or failed, and what was not judged is named."""
    for words in ("at least", "void", "failed", "not judged", "Not judged, which is not the same as fine"):
        assert words in parsed.text
    assert "rows have a place" in parsed.text


def test_it_tells_how_to_make_the_run_again(parsed: Parsed) -> None:
    """Commit, inventory, parameters and seed stand in commands to type; so does that the code was changed."""
    assert "git checkout 6cc2243f0d3b4b9a8c1f" in parsed.text
    again = ".venv/bin/ansible-playbook -i inventory/lab.yml bench.yml -e repeats=3 -e seed=7"
    assert again in parsed.text
    assert "uncommitted changes" in parsed.text


def test_findings_stand_first(made_run: Run, made: dict[str, Any]) -> None:
    """The first is the verdict; the rest and the contrasts follow, and each names its rows; text is text."""
    cells = [row["cell"] for row in made["rows"][:2]]
    told = made | {
        "findings": [
            {"sentence": "A <b>is</b> faster.", "kind": "faster", "cells": cells, "data": {}},
            {"sentence": "Six rows are bound.", "kind": "bound", "cells": cells, "data": {}},
        ],
        "contrasts": [
            {
                "claim": "async beats sync",
                "answer": answer,
                "ratio": 2.5,
                "interval": [2.25, 2.75],
                "why": None,
                "cells": cells,
            }
            for answer in ("confirmed", "contradicted", "cannot-be-told")
        ],
    }
    text = Parsed(make.page([(made_run, told)])).text
    assert text.index("A <b>is</b> faster.") < text.index("Six rows are bound.") < text.index("Rate")
    for words in ("confirmed", "contradicted", "cannot be told", "2.25 to 2.75", cells[0]):
        assert words in text


def test_ties_and_intervals_are_shown(made_run: Run, made: dict[str, Any]) -> None:
    """A shared place has `=`, the range of places stands below it, and the interval beside the rate."""
    known = {"place": 2, "tied": True, "places": [1, 3], "rps_interval": [90.0, 110.5], "rps_cv": 0.031}
    without = {"rps_interval": None}
    rows = [row | (without if at else known) for at, row in enumerate(made["rows"])]
    page = Parsed(make.page([(made_run, made | {"rows": rows})]))
    for words in ("2=", "1\u20133", "90.0\u2013110.5", "coefficient of variation 3%"):
        assert words in page.text
    assert sum(told.get("class") == "interval-line" for tag, told in page.tags if tag == "rect") == 1


def test_what_nobody_told_is_not_what_means_nothing(made_run: Run, made: dict[str, Any]) -> None:
    """As in the table: `n/a` where a host did not tell what requests cost, `-` where none was measured."""
    cells = {str(cell.planned["cell"]): cell for cell in cells_of(made_run)}
    told = {row["cell"]: shown.row(made_run, cells[row["cell"]], row, "a") for row in made["rows"]}
    for row in made["rows"]:
        found = told[row["cell"]]
        expected = "-" if row["status"] == "failed" else None if row["cost"] else "n/a"
        if expected:
            assert found["cpu"] == expected
            assert set(found["costs"]) == {expected}
    assert {"n/a", "-"} <= {found["cpu"] for found in told.values()}


def test_short_trials_tell_no_tail() -> None:
    """As in the table, nothing above the p95 is shown of trials shorter than 5 s, however many requests."""
    distribution = Distribution(1e6, 5.0, [(0.0, 1.0), (1.0, 10.0)])
    for window_s, told in ((5.0, True), (4.9, False)):
        texts = dict(zip(PERCENTILES, shown.percentile_texts(distribution, window_s), strict=True))
        assert texts["p95"] != "-"
        assert (texts["p99"] != "-") is (texts["p99.9"] != "-") is told
        values = dict(zip(curves.SHARES, curves.curve(distribution, window_s), strict=True))
        assert values[0.95] is not None
        assert all((value is not None) is told for share, value in values.items() if 0.95 < share < 0.9999)


def test_runs_stand_side_by_side(made_run: Run, made: dict[str, Any]) -> None:
    """Each cell has its rate in each run, and the ratio to the first where both may be believed."""
    faster = made | {
        "run_id": "faster",
        "rows": [row | {"rps": row["rps"] and 2 * row["rps"]} for row in made["rows"]],
    }
    page = Parsed(make.page([(made_run, made), (made_run, faster)]))
    assert "2 runs side by side" in page.text
    assert "\u00d72.00" in page.text
    ids = [told["id"] for _, told in page.tags if told.get("id")]
    assert len(ids) == len(set(ids))


def test_a_comparison_stands_above_both(made_run: Run, made: dict[str, Any]) -> None:
    """Its facts, sentences and tables come first; or why there is none."""
    columns = [Series("cell", ["one", "two"]), Series("B ÷ A", ["1.25", "<b>"], numeric=True)]
    found = Sheet(
        "B with A", [("shift", "x 1.1")], [Section("Each cell", columns, ["green", ""])], ["2 told"]
    )
    both = [(made_run, made), (made_run, made | {"run_id": "other"})]
    text = Parsed(make.page(both, found)).text
    assert [text.index(words) for words in ("B with A", "x 1.1", "2 told", "Each cell", "<b>")] == sorted(
        text.index(words) for words in ("B with A", "x 1.1", "2 told", "Each cell", "<b>")
    )
    assert text.index("<b>") < text.index("Rates side by side")
    assert "Not compared: other loads" in Parsed(make.page(both, why_not="other loads")).text


def test_a_curve_ends_where_too_few_values_lie(made_run: Run) -> None:
    """Nothing is drawn that fewer than ten values on either side support."""
    measured = next(cell for cell in cells_of(made_run) if cell.measured)
    distribution = latency.of_routes(measured)["home"]
    for share, value in zip(curves.SHARES, curves.curve(distribution, 60.0), strict=True):
        enough = round(min(share, 1 - share) * distribution.count, 6) >= 10
        assert (value is not None) is enough


def test_the_middle_trial_is_drawn(made_run: Run) -> None:
    """Of three it is the one in the middle; its hosts' cores and services are shares over the window."""
    measured = next(cell for cell in cells_of(made_run) if cell.planned["cell"] == "sync-gthread-w1-db25")
    drawn = curves.activity(made_run, measured)
    assert drawn is not None
    assert (drawn["trial"], drawn["seconds"]) == ("sync-gthread-w1-db25-r2", 60.0)
    app = next(host for host in drawn["hosts"] if host["legs"] == ["app"])
    assert app["busy"]["t"][0] == pytest.approx(-4)
    assert set(app["busy"]["share"]) == {0.675}
    assert set(app["services"]["app"]["share"]) == {0.45}


@pytest.mark.parametrize("series", [None, "nonsense", ""])
def test_samples_that_cannot_be_read_cost_their_drawing_only(run_files: RunFiles, series: str | None) -> None:
    """The row says why there is nothing."""
    made_runs.began(run_files.k6)
    run_files.plan([cell("sync-gunicorn")])
    sampled = made_runs._sampled(0.5)  # noqa: SLF001 - the same samples
    sampled["tripod-app"]["series"] = series
    run_files.trial("sync-gunicorn-w1-db25-r1", telemetry=sampled)
    found = read_run(run_files.path)
    drawn = curves.activity(found, next(cells_of(found)))
    assert drawn is not None
    lost = [host.get("lost") for host in drawn["hosts"]]
    assert [bool(why) for why in lost] == [False, True, False]


def test_runs_of_other_kinds_have_a_page(run_files: RunFiles) -> None:
    """An open load, a run of which nothing was measured, and one without telemetry."""
    run_files.plan([cell("sync-gunicorn", load=OPEN, ceiling_rps=None), cell("async-uvicorn")])
    assert "not measured" in Parsed(make.page([_with_table(run_files.path)])).text
    run_files.trial("async-uvicorn-w1-db25-r1", rps=100)
    (run_files.path / "hosts.json").unlink()
    assert "1 of 2 rows has a place" in Parsed(make.page([_with_table(run_files.path)])).text


def _with_table(path: Path) -> tuple[Run, dict[str, Any]]:
    found = read_run(path)
    return found, table.make(found)


def test_the_command(run_files: RunFiles, capsys: pytest.CaptureFixture[str]) -> None:
    """It writes the page of the latest run, of one that is named, or of several, and says where."""
    root = run_files.path.parent.parent
    for name in ("one-run", "other-run"):
        files = RunFiles(run_files.path.parent / name, run_files.k6)
        files.plan([cell("sync-gunicorn")])
        files.trial("sync-gunicorn-w1-db25-r1")
    pages = {
        ("one",): run_files.path.parent / "one-run" / writing.NAME,
        ("one", "other"): run_files.path.parent / writing.NAME,
        ("one", "--output", str(root / "here.html")): root / "here.html",
    }
    for arguments, page in pages.items():
        assert run(root, ["report", *arguments]) == 0
        assert capsys.readouterr().out == f"{page}\n"
        assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    by_path = str(run_files.path.parent / "other-run/../one-run")
    for again in ("one-run", by_path):
        assert run(root, ["report", "one", again]) == 1
        assert "run one-run is named twice, allowed: each run once" in capsys.readouterr().err
    assert run(root, ["report", "neither"]) == 1
    assert "type: ./collect.py runs" in capsys.readouterr().err


def test_it_replaces_files_only(run_files: RunFiles, capsys: pytest.CaptureFixture[str]) -> None:
    """The page is put in a file's place: never in that of a link, such as /dev/stdout, or of a device."""
    run_files.plan([cell("sync-gunicorn")])
    run_files.trial("sync-gunicorn-w1-db25-r1")
    root = run_files.path.parent.parent
    link, pipe = root / "link", root / "pipe"
    link.symlink_to(root / "page.html")
    os.mkfifo(pipe)
    plan = run_files.path / "plan.json"
    before = plan.read_bytes()
    for place in (str(link), str(pipe), str(plan), ""):
        assert run(root, ["report", "--output", place]) == 1
        told = f"'{place}' cannot be replaced; allowed: a new file, or a page that is no link; type: "
        assert told in capsys.readouterr().err
    assert plan.read_bytes() == before
    for _ in range(2):  # a page is replaced
        assert run(root, ["report", "--output", str(root / "twice.html")]) == 0
    assert link.is_symlink()
    assert pipe.is_fifo()
    assert not (root / "page.html").exists()
    nowhere = root / "nowhere" / "page.html"
    assert run(root, ["report", "--output", str(nowhere)]) == 1
    assert f"collect.py: {nowhere}: No such file or directory; type: " in capsys.readouterr().err


def test_two_runs_are_compared(run_files: RunFiles, capsys: pytest.CaptureFixture[str]) -> None:
    """What compare finds stands first; interference where the legs of one share a host; else why not."""
    root, results = run_files.path.parent.parent, run_files.path.parent
    made_runs.began(run_files.k6)
    for name, rps in (
        ("one-run", 100.0),
        ("other-run", 150.0),
        ("third-run", 90.0),
        ("shared-run", 80.0),
        ("far-run", 80.0),
    ):
        files = RunFiles(results / name, run_files.k6)
        cells = [cell("sync-gunicorn"), cell("sync-gthread"), cell("async-uvicorn")]
        if name == "far-run":
            cells = [cell("async-worker")]
        files.plan(cells, repeats=3, created_at=f"2026-11-23T03:{len(name) + 30}:00Z")
        for at, known in enumerate(cells):
            for repeat in (1, 2, 3):
                files.trial(f"{known['cell']}-r{repeat}", rps=rps + 10 * at + repeat)
    files = RunFiles(results / "shared-run", run_files.k6)
    files.change("hosts.json", separation="one-host")

    told = ""

    def page(*arguments: str) -> str:
        nonlocal told
        assert run(root, ["report", *arguments, "--output", str(root / "page.html")]) == 0
        told = capsys.readouterr().err
        return Parsed((root / "page.html").read_text(encoding="utf-8")).text

    text = page("one-run", "other-run")
    assert text.index("Comparison of B with A") < text.index("Rates side by side")
    assert "Not compared" not in text
    assert told == ""
    assert "3 runs side by side" in page("one-run", "other-run", "shared-run")
    assert "Not compared: no cell in common" in page("one-run", "far-run")
    assert told.startswith("collect.py: not compared: no cell in common")
    assert told.count("\n") == 1
    assert "one-run (9 of 9 trials), other-run (9 of 9 trials)" in page("one-run,other-run", "third-run")
    assert "2 runs side by side That load, app and database share" in page("one-run", "shared-run")
    assert run(root, ["report", "one-run,", "other-run"]) == 1
    assert "'one-run,' has a run without a name" in capsys.readouterr().err


def test_a_page_of_64_cells_is_no_larger_than_it_may_be(run_files: RunFiles) -> None:
    """With telemetry and three trials each."""
    files = made_runs.make(RunFiles(run_files.path, made_runs.began(run_files.k6)), db_sleeps=tuple(range(8)))
    page = make.page([_with_table(files.path)])
    assert 500_000 < len(page.encode()) <= MOST_BYTES
