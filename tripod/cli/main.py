"""collect.py's command line: the group of commands, exit codes, and how errors are printed."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click

from tripod.cli import k6, pull, runs, table
from tripod.cli.place import Place, complain, placed
from tripod.cli.pulling import PullError
from tripod.cli.pulling import pull as pull_files
from tripod.report.tabulate import write_tables
from tripod.runs.documents import DamagedFileError
from tripod.runs.results import RunNotFoundError

FAILED = 1
INTERRUPTED = 130


def run(root: Path, arguments: list[str] | None = None) -> int:
    """Run collect.py's command line for the checkout at `root` and return the exit code.

    0: all is well. 1: wrong usage, no such run, or nothing could be done. 2: a trial failed, a row is void,
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
        complain(str(error))
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}")
    else:
        return int(result or 0)
    return FAILED


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@placed
@click.pass_context
def commands(context: click.Context) -> int:
    """Pull the latest run's files from its hosts and tabulate them.

    The exit code is 2 if a trial failed or a row is void, 1 if the command could not be carried out.
    """
    if context.invoked_subcommand:
        return 0
    place: Place = context.obj
    run_dir = place.run_dir()
    pulled = _pull(place, run_dir)
    code = table.show(write_tables(run_dir))
    return code or (0 if pulled else FAILED)


for module in (pull, table, k6, runs):
    commands.add_command(module.command)


def _pull(place: Place, run_dir: Path) -> bool:
    """Pull; where that fails say so and go on with what is there."""
    try:
        pull_files(place.root, run_dir)
    except PullError as error:
        complain(f"not pulled: {error}\nthe table shows what the controller has")
        return False
    return True
