"""The commands of collect.py."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from tripod.cli.pull import PullError, pull
from tripod.report import tables
from tripod.report.k6_block import k6_block
from tripod.report.tabulate import exit_code, tabulate, write_tables
from tripod.report.terminal import print_table
from tripod.runs.documents import DamagedFileError, read_document, shown
from tripod.runs.listing import list_runs
from tripod.runs.results import RunNotFoundError, find_run, read_plan

FAILED = 1
INTERRUPTED = 130
# Where there is no terminal to ask, e.g. in a pipe or a log.
_WIDTH_ELSEWHERE = 120

_WRITERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "markdown": tables.markdown,
    "csv": tables.comma_separated,
    "json": tables.to_json,
}


class Place:
    """The run that the command is about."""

    def __init__(self, root: Path) -> None:
        """Start from the checkout's `results/` and the latest run."""
        self.root = root
        self.results = root / "results"
        self.run_id: str | None = None

    def run_dir(self) -> Path:
        """Return the run's directory; raises RunNotFoundError."""
        return find_run(self.results, self.run_id)


def run(root: Path, arguments: list[str] | None = None) -> int:
    """Run collect.py's command line for the checkout at `root` and return the exit code.

    0: all is well. 1: wrong usage, no such run, or nothing could be done. 2: a trial failed or has errors,
    the run did not complete, or a file was refused.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # k6's blocks have ✓ and µ, which an ASCII terminal lacks
    try:
        result = commands.main(arguments, prog_name="collect.py", standalone_mode=False, obj=Place(root))
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
    except (RunNotFoundError, DamagedFileError, PullError) as error:
        _say(str(error))
    except OSError as error:
        _say(f"{error.filename}: {error.strerror}")
    else:
        return int(result or 0)
    return FAILED


def _placed(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options that say which run is meant, before or after the command's name."""

    def note_run(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.obj.run_id = value

    def note_results(context: click.Context, _: click.Parameter, value: Path | None) -> None:
        if value is not None:
            context.obj.results = value

    folder = click.Path(exists=True, file_okay=False, path_type=Path)
    quiet: dict[str, Any] = {"expose_value": False, "is_eager": True}
    with_run = click.option(
        "--run", metavar="ID", callback=note_run, help="The run; default: the latest.", **quiet
    )
    with_results = click.option(
        "--results", metavar="DIR", type=folder, callback=note_results, help="Default: results/.", **quiet
    )
    return with_run(with_results(command))


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@_placed
@click.pass_context
def commands(context: click.Context) -> int:
    """Pull the latest run's files from its hosts and tabulate them.

    The exit code is 2 if a trial failed or has errors, 1 if the command could not be carried out.
    """
    if context.invoked_subcommand:
        return 0
    place: Place = context.obj
    run_dir = place.run_dir()
    pulled = _pull(place, run_dir)
    code = _show(write_tables(run_dir), "terminal")
    return code or (0 if pulled else FAILED)


@commands.command("pull")
@_placed
@click.pass_obj
def pull_command(place: Place) -> int:
    """Fetch what the controller does not have yet of the run."""
    run_dir = place.run_dir()
    pull(place.root, run_dir)
    print(f"{shown(run_dir)} is complete")
    return 0


@commands.command("table")
@click.option(
    "--format", "form", type=click.Choice(["terminal", *_WRITERS]), default="terminal", show_default=True
)
@click.option("--write", is_flag=True, help="Also write summary.json, table.md and table.csv into the run.")
@_placed
@click.pass_obj
def table_command(place: Place, *, form: str, write: bool) -> int:
    """Tabulate what the controller has of the run."""
    run_dir = place.run_dir()
    return _show(write_tables(run_dir) if write else tabulate(run_dir), form)


@commands.command("k6", short_help="Print k6's full block of a cell or a trial.")
@click.argument("cell")
@_placed
@click.pass_obj
def k6_command(place: Place, *, cell: str) -> int:
    """Print k6's full block of a CELL, for each of its trials, or of one trial."""
    run_dir = place.run_dir()
    plan = read_plan(run_dir)
    trials = [trial for trial in plan["trials"] if cell in (trial["cell"], trial["trial"])]
    if not trials:
        cells = [known["cell"] for known in plan["cells"]]
        near = get_close_matches(cell, cells, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise click.ClickException(f"no cell '{cell}' in run {run_dir.name}. {hint}Valid: {', '.join(cells)}")
    command = next(known["command"] for known in plan["cells"] if known["cell"] == trials[0]["cell"])
    code = 0
    for trial in sorted(trials, key=lambda trial: trial["repeat"]):
        print(f"{trial['trial']}: {command}")
        try:
            print(k6_block(read_document(run_dir / "trials" / trial["trial"] / "k6.json", "k6")))
        except DamagedFileError as error:
            _say(str(error))
            code = FAILED
    return code


@commands.command("runs")
@_placed
@click.pass_obj
def runs_command(place: Place) -> int:
    """List the runs, oldest first."""
    runs = list_runs(place.results)
    if not runs:
        place.run_dir()  # says that there is none, and what to type
    table = Table("run", "matrix", "planned at", "trials", "measured", "outcome", box=None, pad_edge=False)
    for line in runs:
        table.add_row(
            line.run_id, line.matrix, line.created_at, str(line.planned), str(line.measured), line.outcome
        )
    _console().print(table)
    return 0


def _pull(place: Place, run_dir: Path) -> bool:
    """Pull; where that fails say so and go on with what is there."""
    try:
        pull(place.root, run_dir)
    except PullError as error:
        _say(f"not pulled: {error}\nthe table shows what the controller has")
        return False
    return True


def _show(summary: dict[str, Any], form: str) -> int:
    if form == "terminal":
        print_table(summary, _console())
    else:
        sys.stdout.write(_WRITERS[form](summary))
    return exit_code(summary)


def _console() -> Console:
    asked = os.environ.get("COLUMNS") or sys.stdout.isatty()
    return Console(width=None if asked else _WIDTH_ELSEWHERE, highlight=False)


def _say(text: str) -> None:
    print(f"collect.py: {text}", file=sys.stderr)
