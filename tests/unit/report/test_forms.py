"""The table in its four forms."""

from __future__ import annotations

import csv
import io
import json
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from run_files import COMMANDS, RunFiles, cell, fakedb, telemetry

from tripod.catalogue import shapes
from tripod.report import forms, header
from tripod.report.columns import COLUMNS, Column, load_text, significant, split_constant
from tripod.report.tabulate import tabulate
from tripod.report.terminal import print_table
from tripod.runs.formats.declaration import keys_of
from tripod.runs.formats.table import Row, Table


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory, k6_summary: dict[str, Any]) -> dict[str, Any]:
    """Return the table of all stacks at 25 and 0 ms, twice each; one cell failed, one has errors."""
    cells = [cell(stack, workers, ms) for ms in (25, 0) for stack in COMMANDS for workers in (1, 2)]
    run_files = RunFiles(tmp_path_factory.mktemp("results") / "20261123T034500Z-poc", k6_summary)
    run_files.plan(cells, repeats=2)
    for repeat in (1, 2):
        for index, known in enumerate(cells):
            name = f"{known['cell']}-r{repeat}"
            if index == 1:
                run_files.failed_trial(name, "app-gone", message="refused since 12 s")
            else:
                run_files.trial(name, rps=60 + 9 * index + repeat, failed=int(index == 2) * 7)
    return tabulate(run_files.path)


def terminal(table: dict[str, Any], width: int) -> list[str]:
    """Return the lines of the terminal's table."""
    console = Console(file=io.StringIO(), width=width)
    print_table(table, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_a_column_must_be_declared() -> None:
    """A column of a key that no row has is refused when it is declared, not when a table is printed."""
    with pytest.raises(ValueError, match=r"column 'load\.users' is no key"):
        Column("load.users", "users")


def test_rows_have_the_keys_that_are_declared(table: dict[str, Any]) -> None:
    """Every key of the table and of its rows is declared, and every declared one is there."""
    assert list(table) == [name for name in keys_of(Table) if "." not in name]
    for row in table["rows"]:
        assert set(row) == {name for name in keys_of(Row) if "." not in name}


@pytest.mark.parametrize("width", [80, 120, 250])
def test_terminal_fits_its_width(table: dict[str, Any], width: int) -> None:
    """No line is longer than the terminal is wide, and every command stands verbatim on one line."""
    lines = terminal(table, width)
    assert max(len(line) for line in lines) <= width
    for row in table["rows"]:
        assert any(row["command"] in line for line in lines)


@pytest.mark.parametrize("width", [180, 300])
def test_terminal_shows_all_columns_from_180_on(table: dict[str, Any], width: int) -> None:
    """At 180 characters nothing is left out, and each row has its figures."""
    lines = terminal(table, width)
    assert not any(line.startswith("left out") for line in lines)
    for row in table["rows"]:
        if row["status"] == "ok":
            spread = f"{row['rps_per_trial'][0]:.1f}-{row['rps_per_trial'][1]:.1f}"
            found = [line for line in lines if spread in line]
            assert any(f"{row['rps']:.1f}" in line and str(row["requests"]) in line for line in found)


@pytest.mark.parametrize("width", [80, 120, 250])
def test_costs_give_way_where_there_is_no_room(
    tmp_path: Path, k6_summary: dict[str, Any], width: int
) -> None:
    """CPU per request is shown from 120 on; what does not fit is named, and other forms have all of it."""
    run_files = RunFiles(tmp_path / "results" / "20261123T034500Z-poc", k6_summary)
    run_files.plan([cell("sync-gunicorn"), cell("async-uvicorn")], repeats=2)
    for known in ("sync-gunicorn-w1-db25", "async-uvicorn-w1-db25"):
        for repeat in (1, 2):
            run_files.trial(f"{known}-r{repeat}", rps=60 + repeat, telemetry=telemetry())
    made = tabulate(run_files.path)
    lines = terminal(made, width)
    assert max(len(line) for line in lines) <= width
    text = "\n".join(lines)
    assert ("app CPU" in text or any("ms/req" in line for line in lines)) or width == 80
    columns = [column.name for column in COLUMNS if column.key.startswith("cost.")]
    left_out = " ".join(line for line in lines if line.startswith("left out"))
    assert not left_out or width < 250
    markdown = forms.markdown(made)
    assert all(name in markdown for name in columns)
    assert "| app memory |" in markdown
    assert "| 50 MB |" in markdown
    [first, _] = csv.DictReader(io.StringIO(forms.comma_separated(made)))
    assert first["cost_app_memory_peak_bytes"] == str(50 * 2**20)


def row_cells(markdown: str, title: str) -> list[str]:
    """Return what a table in Markdown has under a heading, of each row."""
    lines = [line.strip("| ").split(" | ") for line in markdown.splitlines() if line.startswith("| ")]
    place = next(at for at, name in enumerate(lines[0]) if name.partition(" [")[0] == title)
    return [line[place] for line in lines[2:]]


def test_what_nobody_could_tell_is_not_what_means_nothing(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """A sampler died, a failed row, no bound on slots: n/a, and twice a dash; a note says what n/a is."""
    run_files = RunFiles(tmp_path / "results" / "20261123T034500Z-poc", k6_summary)
    run_files.plan([cell("sync-gunicorn"), cell("async-uvicorn"), cell("sync-gthread")])
    lost = {"activity": None, "lost": "the sampler had died"}
    run_files.trial("sync-gunicorn-w1-db25-r1", rps=60, fakedb=fakedb(4100), telemetry=telemetry())
    run_files.trial("async-uvicorn-w1-db25-r1", rps=50, fakedb=fakedb(3500), telemetry=telemetry(**lost))
    run_files.failed_trial("sync-gthread-w1-db25-r1", "app-gone")
    made = tabulate(run_files.path)
    text = forms.markdown(made)
    assert row_cells(text, "app CPU") == ["8.33", "n/a", "-"]
    assert row_cells(text, "all threads") == ["3", "n/a", "-"]
    assert row_cells(text, "model rate")[1:] == ["n/a", "-"]
    assert row_cells(text, "slots seen") == ["10", "10", "-"]
    assert "- n/a in 1 of 2 rows: a host or the database did not tell" in text
    assert "n/a in 1 of 2 rows" in " ".join(terminal(made, 120))
    for row in made["rows"]:
        row["cost"] = row["model_rps"] = None  # as with -e telemetry=false
    text = forms.markdown(made)
    assert "app CPU" not in text
    assert "n/a" not in text


def test_what_no_host_tells_stands_in_the_header(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """On a Mac without psutil no row has threads: the header says n/a once, and there is no such column."""
    run_files = RunFiles(tmp_path / "results" / "20261123T034500Z-poc", k6_summary)
    run_files.plan([cell("sync-gunicorn"), cell("async-uvicorn")])
    for known in ("sync-gunicorn-w1-db25", "async-uvicorn-w1-db25"):
        seen = telemetry()
        seen["tripod-app"]["activity"]["services"]["app"]["threads"] = None
        run_files.trial(f"{known}-r1", fakedb=fakedb(3500), telemetry=seen)
    made = tabulate(run_files.path)
    assert "all threads n/a" in dict(header.facts(made))["every row"]
    assert "- n/a in every row: " in forms.markdown(made)


def test_narrow_terminal_names_what_it_left_out(table: dict[str, Any]) -> None:
    """At 80 characters the least important columns go, by name; rate, tail, failures and reasons stay."""
    text = "\n".join(terminal(table, 80))
    assert "left out for lack of width: iterations, requests" in text
    for heading in ("rate", "range", "p99", "max", "failed", "reasons"):
        assert heading in text


def test_the_framework_stands_beside_the_command_where_that_has_room(table: dict[str, Any]) -> None:
    """A command does not name it, and findings do."""
    named = [
        row | {"framework": f"{framework} 3.1.3"}
        for row, framework in zip(table["rows"], cycle(("flask", "fastapi")), strict=False)
    ]
    lines = terminal(table | {"rows": named}, 90)
    for row in named:
        assert any(row["command"] in line and row["framework"] in line for line in lines)


def test_numbers_are_aligned_to_the_right(table: dict[str, Any]) -> None:
    """The rates of all rows end in the same place, below the end of their heading's unit."""
    lines = terminal(table, 400)
    heading = next(line for line in lines if "req/s" in line and line.lstrip().startswith("#"))
    place = heading.index("req/s") + len("req/s")
    for row in table["rows"]:
        rate = "-" if row["rps"] is None else f"{row['rps']:.1f}"
        line = next(line for line in lines if row["command"] in line and f" {rate} " in line)
        assert line[:place].endswith(f" {rate}")


def test_header_counts_one_cpu(table: dict[str, Any]) -> None:
    """A host of one core has a CPU, not CPUs."""
    small = table | {"hosts": [host | {"cpus": 1} for host in table["hosts"]]}
    assert "load: tripod-load (198.18.0.11, 1 CPU, AMD EPYC" in "\n".join(terminal(small, 200))


def test_header_tells_where_the_numbers_come_from(table: dict[str, Any]) -> None:
    """Above the table stand run, hosts, separation, round trips, k6, seed, commit and harness time."""
    text = "\n".join(terminal(table, 200))
    for part in (
        "20261123T034500Z-poc",
        "load: tripod-load (198.18.0.11, 2 CPUs, AMD EPYC, Debian GNU/Linux 12)",
        "shared-kernel",
        "load to app 0.070 ms, app to db 0.051 ms",
        "k6 v1.1.0, seed 7, git 6cc2243f0d (dirty)",
        "s per trial beside warm-up and measurement",
        "fakedb at 25 ms, load poc: 10 VUs, 60 s after 5 s of warm-up",
        "fakedb at 0 ms",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("legs", "separation", "said"),
    [
        (["load", "db"], "one-host", "one-host: load and db on one machine, where they compete"),
        (["app", "load"], "shared-kernel", "shared-kernel: load and app are hosts on one machine"),
        (["app", "load", "db"], "one-host", "one-host: all legs on one machine"),
        (["load", "db"], "separate-kernels", "separate-kernels: no two legs share a kernel"),
        ([], None, "unknown: there is no usable hosts.json, or"),
    ],
)
def test_header_names_the_legs_that_share(
    table: dict[str, Any], legs: list[str], separation: str | None, said: str
) -> None:
    """The legs that stand least apart are named; where it is not known, nothing is claimed."""
    pairs = [{"legs": legs, "separation": separation}]
    if separation != "separate-kernels":
        pairs.append({"legs": ["load", "app"], "separation": "separate-kernels"})
    changed = table | {"separation": separation, "separations": pairs}
    assert said in "\n".join(terminal(changed, 200))


def test_notes_explain_what_occurs(table: dict[str, Any]) -> None:
    """Below the table each code that occurs is explained, and no other; failed trials have their message."""
    lines = terminal(table, 200)
    starts = [line.split(":")[0] for line in lines]
    occurring = {code for row in table["rows"] for code in row["reasons"]}
    assert {"errors", "app-gone"} <= occurring
    assert occurring <= set(starts)
    assert "damaged" not in starts
    both = "sync-gunicorn-w2-db25-r1, sync-gunicorn-w2-db25-r2"
    assert f"failed: 2 trials: {both}: app-gone (refused since 12 s)" in lines


def test_a_thousand_trials_that_failed_alike_are_one_note(table: dict[str, Any]) -> None:
    """A run that was cut off early lists a few, and how many more; what failed otherwise has its own line."""
    alike = [
        {"trial": f"c-r{n}", "cell": "c", "reasons": ["not-run"], "message": "lost"} for n in range(1000)
    ]
    other = {"trial": "d-r1", "cell": "d", "reasons": ["app-gone"], "message": None}
    notes = header.notes(table | {"failures": [*alike, other]})
    told = [note for note in notes if note.startswith("failed: ")]
    assert len(told) == 2
    assert told[0].startswith("failed: 1000 trials: c-r0, c-r1, ")
    assert told[0].endswith("more: not-run (lost)")
    assert len(told[0]) < 300
    assert told[1] == "failed: d-r1: app-gone"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_what_is_too_long_goes_on_indented(table: dict[str, Any], width: int) -> None:
    """Facts stand below each other, notes are told apart by their beginnings, and no line ends in blanks."""
    lines = terminal(table, width)
    assert not [line for line in lines if line != line.rstrip()]
    [hosts] = [at for at, line in enumerate(lines) if line.startswith("hosts ")]
    margin = len(lines[hosts]) - len(lines[hosts].removeprefix("hosts").lstrip())
    assert lines[hosts + 1].startswith(" " * margin)
    starts = [note.split(":")[0] for note in header.notes(table)]
    below = lines[lines.index("findings") :]
    assert [line for line in below if not line.startswith(("  ", "- "))]
    assert all(
        line.startswith((*(start[:20] for start in starts), "findings", "claims", "- ", "  ", "left out"))
        for line in below
        if line
    )


def test_an_order_that_was_asked_for_is_not_called_the_trials(table: dict[str, Any]) -> None:
    """Rows that a person sorted by something else get no note on why they do not come by their rates."""
    turned = table | {"rows": [*reversed(table["rows"])]}
    assert not [note for note in header.notes(turned) if note.startswith("order: ")]


def test_what_is_not_to_be_believed_says_so_without_colours(table: dict[str, Any]) -> None:
    """In place of a place stands `void` or `failed`; a row that is true only as "at least" has its sign."""
    text = {row["cell"]: {c.key: c.text(row) for c in COLUMNS} for row in table["rows"]}
    for row in table["rows"]:
        expected = "failed" if row["status"] == "failed" else "void" if row["void"] else None
        shown = text[row["cell"]]["place"]
        assert (shown == expected) if expected else (shown not in {"void", "failed"})
    assert {"void", "failed"} <= {texts["place"] for texts in text.values()}


def test_the_header_has_the_cells_of_the_run(table: dict[str, Any]) -> None:
    """Where rows were chosen it says how many are shown, and does not call them the run's."""
    cells, trials = len(table["rows"]), table["trials"]
    assert dict(header.facts(table))["matrix"] == f"poc, {cells} cells, {trials} trials"
    chosen = dict(header.facts(table | {"rows": table["rows"][:1]}))
    assert chosen["matrix"] == f"poc, {cells} cells, {trials} trials; 1 of the rows is shown"


def test_what_never_varies_moves_to_the_header(table: dict[str, Any]) -> None:
    """The number of trials is the same in every row, so it is told once; workers vary and stay."""
    varying, constant = split_constant(table["rows"])
    assert {"trials", "failed_checks"} <= {column.key for column, _ in constant}
    assert {"workers", "mode", "ceiling_rps", "failed_requests", "trials_failed"} <= {c.key for c in varying}
    assert any(line.startswith("every row") and "trials 2" in line for line in terminal(table, 120))


def test_one_row_keeps_its_columns(table: dict[str, Any]) -> None:
    """With a single row nothing moves away: there is nothing to compare with."""
    varying, constant = split_constant(table["rows"][:1])
    assert not constant
    assert "workers" in {column.key for column in varying}


def test_csv_has_every_column_in_full(table: dict[str, Any]) -> None:
    """Each cell is a line whose numbers are those of the table, digit for digit."""
    lines = list(csv.DictReader(io.StringIO(forms.comma_separated(table))))
    assert len(lines) == len(table["rows"])
    for line, row in zip(lines, table["rows"], strict=True):
        assert line["command"] == row["command"]
        assert (float(line["rps"]) if line["rps"] else None) == row["rps"]
        assert [float(rps) for rps in line["rps_per_trial"].split()] == row["rps_per_trial"]
        if row["duration_ms"]:
            assert float(line["duration_ms_p99"]) == row["duration_ms"]["p99"]
        assert line["reasons"] == " ".join(row["reasons"])
        assert None not in line.values()


def test_markdown_is_one_table_per_group(table: dict[str, Any]) -> None:
    """Each group has a heading and a table whose lines all have the same number of cells."""
    text = forms.markdown(table)
    assert text.count("\n## ") == 2
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == len(table["rows"]) + 4
    assert len({line.count("|") for line in lines}) == 1
    assert "| duration p95 [ms] |" in text
    for row in table["rows"]:
        assert f"| `{row['command']}` |" in text


def test_markdown_survives_bars(table: dict[str, Any]) -> None:
    """A bar in a command does not break the table."""
    row = table["rows"][0] | {"command": "sh -c 'a | b'"}
    text = forms.markdown(table | {"rows": [row, *table["rows"][1:]]})
    lines = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1


def test_json_is_the_summary(table: dict[str, Any]) -> None:
    """The JSON form is the table itself."""
    assert json.loads(forms.to_json(table)) == table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0123, "0.012"),
        (0.9994, "0.999"),
        (0.9996, "1.00"),
        (7.1249, "7.12"),
        (9.996, "10.0"),
        (71.25, "71.2"),
        (99.96, "100"),
        (4550.4, "4550"),
    ],
)
def test_times_have_three_digits(value: float, text: str) -> None:
    """A time is printed with three significant digits, and never in exponents."""
    assert significant(value) == text


def test_load_is_told_in_words() -> None:
    """The load of a group reads as a sentence."""
    load = shapes.complete({"script": "poc", "vus": 10, "duration_s": 2.5, "warmup_s": 0})
    assert load_text(load) == "load poc: 10 VUs, 2.5 s after 0 s of warm-up"
    hard = load | {"name": "saturate", "pause_s": 0.0, "route": "api", "keepalive": False}
    assert load_text(hard) == (
        "load saturate: 10 VUs, without a pause, route api alone, a connection for each request, "
        "2.5 s after 0 s of warm-up"
    )
    open_load = load | {"name": "rate", "model": "open", "rate": 60, "slo_ms": 100, "vus": 20}
    assert load_text(open_load) == (
        "load rate: 60 requests/s, each due within 100 ms (20 VUs), 2.5 s after 0 s of warm-up"
    )
