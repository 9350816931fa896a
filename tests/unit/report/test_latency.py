"""Latencies of a cell in the terminal, from grids of a real k6."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from typing import Any

import pytest
from rich.console import Console
from run_files import RunFiles, cell

from tripod.report import latency
from tripod.runs.results import cells_of, read_run
from tripod.stats.quantiles import Distribution

NAME = "sync-gunicorn-w1-db25"
STEPS = tuple((share / 1000, 1 + share / 10) for share in range(1001))  # 1 to 101 ms, all alike


def shown(run_files: RunFiles, width: int = 80, encoding: str = "utf-8") -> str:
    """Return what is printed of the only cell."""
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, encoding=encoding, errors="replace"), width=width)
    [only] = cells_of(read_run(run_files.path))
    latency.print_latency(only, console)
    console.file.flush()
    return raw.getvalue().decode(encoding)


@pytest.fixture
def measured(run_files: RunFiles) -> RunFiles:
    """Return a run of one cell, measured twice."""
    run_files.plan([cell("sync-gunicorn")], repeats=2)
    for repeat in (1, 2):
        run_files.trial(f"{NAME}-r{repeat}")
    return run_files


@pytest.mark.parametrize("width", [80, 120, 200])
def test_each_route_has_its_percentiles(measured: RunFiles, width: int) -> None:
    """The first row is that of all, then each route; a bar's share is beside it; together they are 100 %."""
    lines = shown(measured, width).splitlines()
    assert lines[0] == f"{NAME}: gunicorn -w 1 sync_app:app"
    assert {"ms", "requests", "p50", "p95", "p99", "p99.9", "max"} <= set(lines[1].split())
    assert width == 80 or {"mean", "min", "p75", "p90"} <= set(lines[1].split())
    assert [line.split()[0] for line in lines[2:5]] == ["all", "api", "home"]
    assert max(map(len, lines)) <= width
    shares = [float(line.split()[-2]) for line in lines if line.endswith(" %")]
    assert sum(shares) == pytest.approx(100, abs=0.1)


def test_nothing_is_printed_of_which_there_are_too_few() -> None:
    """A p99.9 needs ten values beyond it; above the p95 a window of 5 s."""
    few, many = (Distribution(count, 51.0, STEPS) for count in (9999, 10000))
    assert latency.percentiles(few, 10)["p99.9"] is None
    assert latency.percentiles(many, 10)["p99.9"] == pytest.approx(100.9)
    assert latency.percentiles(many, 4.9)["p99"] is None
    assert latency.percentiles(many, 4.9)["p95"] == pytest.approx(96)


@pytest.mark.parametrize(
    "points",
    [
        STEPS,
        ((0.0, 25.0), (0.5, 25.2), (0.999, 26.0), (1.0, 900.0)),
        ((0.0, 3.0), (1.0, 3.0)),
        ((0.0, 0.0), (1.0, 0.0)),
        ((0.0, 0.001), (0.5, 2.0), (1.0, 60000.0)),
    ],
    ids=["even", "narrow with an outlier", "all equal", "all zero", "eight decades"],
)
def test_bars_hold_every_value(points: tuple[tuple[float, float], ...]) -> None:
    """Bars follow each other without a gap, are few, and their shares are 1 together."""
    found = latency.histogram(Distribution(1000, 1.0, points))
    assert 1 <= len(found) <= 22
    assert sum(share for *_, share in found) == pytest.approx(1)
    assert all(high == low for (_, high, _), (low, _, _) in pairwise(found))
    assert all(share >= 0 for *_, share in found)


def test_a_terminal_without_blocks_has_bars_too(measured: RunFiles) -> None:
    """In ASCII a bar is made of #."""
    assert "#####" in shown(measured, encoding="ascii")
    assert "█████" in shown(measured)


def test_hostile_names_are_text(run_files: RunFiles, k6_summary: dict[str, Any]) -> None:
    """A route that k6 was told of by a stranger moves no cursor."""
    run_files.plan([cell("sync-gunicorn")])
    run_files.trial(f"{NAME}-r1")
    trend = k6_summary["metrics"]["http_req_duration{name:api}"]
    path = f"trials/{NAME}-r1/k6.json"
    metrics = {
        **json.loads((run_files.path / path).read_text())["metrics"],
        "http_req_duration{name:\x1b[2J[red]x}": trend,
    }
    run_files.change(path, metrics=metrics)
    text = shown(run_files)
    assert "\x1b" not in text
    assert "\\x1b[2J[red]x" in text


def test_a_cell_without_a_trial_says_so(run_files: RunFiles) -> None:
    """Nothing is drawn of nothing."""
    run_files.plan([cell("sync-gunicorn")])
    assert "no trial was measured to its end" in shown(run_files)
