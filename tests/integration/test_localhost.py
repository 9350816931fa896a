"""The whole benchmark on this machine: real k6, real servers, supervisor, no root needed."""

from __future__ import annotations

import re

import pytest
import spare_machine
from localhost_processes import PORTS, processes
from playbook_runs import ROOT, Bench, placed
from terminals import Terminal

pytestmark = pytest.mark.localhost

SHORT = ("-e", "workers=1", "-e", "warmup=0s", *PORTS)


def test_measures_several_cells(bench: Bench) -> None:
    """Three cells end in a table with exit code 0, async well ahead of one blocking worker, nothing left.

    In a terminal it shows how far it is, and in the end where everything is.
    """
    pictures: set[str] = set()
    terminal = Terminal(100, 30)
    command, environment = placed(
        bench.command("-e", "only=sync-gunicorn,async-[gu]*corn", "-e", "duration=4s", *SHORT)
    )
    environment = {**environment, "TERM": "xterm-256color"}
    environment.pop("COLUMNS", None)
    terminal.run(command, environment, ROOT, look=lambda lines: pictures.add("\n".join(lines)))
    spare_machine.refuse_strange()
    printed = terminal.all
    assert terminal.returncode == 0, "\n".join(printed[-60:])
    check_progress("\n".join(pictures), "\n".join(printed), bench.run_id)
    assert not terminal.screen.cursor.hidden
    rows = {row["stack"]: row for row in bench.read("summary.json")["rows"]}
    assert set(rows) == {"sync-gunicorn", "async-uvicorn", "async-gunicorn"}
    assert all(row["status"] == "ok" and row["failed_requests"] == 0 for row in rows.values())
    # One worker that blocks serves one request at a time; the write-up's ratio is 3.24, with a pause.
    assert rows["async-uvicorn"]["rps"] > 1.5 * rows["sync-gunicorn"]["rps"]
    assert {row["load"]["name"] for row in rows.values()} == {"saturate"}
    for row in rows.values():
        assert sum(route["rps"] for route in row["routes"].values()) == pytest.approx(row["rps"])
        assert (row["framework"] or "").split(" ")[0] == ("flask" if row["mode"] == "sync" else "fastapi")
    assert bench.read("hosts.json")["separation"] == "one-host"
    record = bench.read("trials/async-uvicorn-w1-db25-r1/record.json")
    assert record["services"]["app"]["ready"]["loop"] == "uvloop"
    assert processes() == {}


def check_progress(pictures: str, printed: str, run_id: str) -> None:
    """See each trial begin, times that get less, a table that fills; nothing of it is left in the end."""
    for number in (1, 2, 3):
        assert f"Trial {number} of 3: " in pictures
    assert re.search(r"  trial ━+─+ [1-7] s left of \d+ s", pictures)
    assert re.search(r"  run   ━+─+ \d+ s left of \d+ s", pictures)
    assert re.search(r"async-uvicorn-w1-db25 +1/1 +\d+\.\d", pictures)
    assert "Trial 1 of" not in printed
    assert re.search(r"^  3 trials in \d+ s$", printed, re.MULTILINE)
    last = [line for line in printed.splitlines() if line][-3:]
    assert [line.split()[:2] for line in last] == [
        ["Results:", f"results/{run_id}/"],
        ["Report:", f"results/{run_id}/report.html"],
        ["Next:", "./collect.py"],
    ]
    assert "PLAY RECAP" not in printed


@pytest.mark.long
def test_several_loads_share_a_service(bench: Bench) -> None:
    """A closed and an open load on one cell: two groups, a rate that is kept, and one service for both."""
    loads = ("-e", "load=poc,rate", "-e", "rate=30", "-e", "slo_ms=500", "-e", "route=api")
    done = bench.run("-e", "only=async-uvicorn", *loads, "-e", "duration=3s", *SHORT)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    closed, opened = bench.read("summary.json")["rows"]
    assert [row["cell"] for row in (closed, opened)] == [
        f"async-uvicorn-w1-db25-{load}" for load in ("poc", "rate")
    ]
    assert closed["service_level"] is None
    kept = opened["service_level"]
    assert (kept["dropped_iterations"], kept["lag_known"]) == (0, True)
    assert 90 <= kept["scheduled_requests"] <= 91
    assert opened["rps"] == pytest.approx(30, rel=0.1)
    assert list(opened["routes"]) == ["api"]
    assert (bench.directory / "table.csv").read_text().splitlines()[0].count("routes_api_") == 7
    assert processes() == {}


def test_refuses_bad_parameters(bench: Bench) -> None:
    """Bad parameters end the command, each named with what is allowed, before a run exists."""
    wrong = {
        "db_sleep=abc": "whole milliseconds",
        "duration=10": "with its unit",
        "db_sleeep=25": "did you mean db_sleep?",
        "tripod_plan=mine": "bench.yml takes no such name",
    }
    done = bench.run(*(part for argument in wrong for part in ("-e", argument)))
    assert done.returncode != 0
    for argument, allowed in wrong.items():
        name, value = argument.split("=")
        [line] = [line for line in done.stdout.splitlines() if f"{name} is '{value}'" in line]
        assert allowed in line
    assert not bench.directory.exists()
