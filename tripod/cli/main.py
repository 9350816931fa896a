"""collect.py's command line: the group of commands, exit codes, and how errors are printed."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import click

from tripod.cli import compare, explain, interference, k6, latency, printing, pull, report, runs, table
from tripod.cli.place import Place, placed
from tripod.cli.printing import complain, hush, open_closed, show_output
from tripod.cli.pulling import PullError
from tripod.cli.pulling import pull as pull_files
from tripod.report.tabulate import write
from tripod.runs.documents import DamagedFileError
from tripod.runs.finding import RunNotFoundError
from tripod.runs.results import is_complete, read_run

FAILED = 1
INTERRUPTED = 130
# Click's: "Did you mean 'table'?", and "(Did you mean one of: '--format', '--sort'?)".
_MEANT = re.compile(r"\. \(?Did you mean (?:one of: )?((?:'[^']+'(?:, )?)+)\?\)?$")
_QUOTED = re.compile(r"'([^']+)'")


def run(root: Path, arguments: list[str] | None = None) -> int:
    """Run collect.py's command line for the checkout at `root` and return the exit code.

    0: all is well. 1: wrong usage, no such run, or nothing could be done. 2: a trial failed, a row is void,
    the run did not complete, or a file was refused. `compare --fail-on-regression`: 3 if a cell has one, 2 if
    no cell can be judged.
    """
    open_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=printing.SPELLED_OUT)
    code = _run(root, arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        hush()
    return code


def _run(root: Path, arguments: list[str] | None) -> int:
    try:
        result = commands.main(arguments, prog_name="collect.py", standalone_mode=False, obj=Place(root))
    except click.exceptions.Abort:
        return INTERRUPTED
    except SystemExit:  # click's, when nobody reads its help; all else that prints goes through `printing`
        hush()
        return 0
    except click.ClickException as error:
        complain(_in_our_words(error))
    except PullError as error:
        _complain_of_pull(error)
    except DamagedFileError as error:
        complain(f"{error}; type: ./collect.py runs")
    except RunNotFoundError as error:
        complain(str(error))
    except OSError as error:
        complain(f"{error.filename or 'the output'}: {error.strerror}; type: ./collect.py table")
    else:
        return int(result or 0)
    return FAILED


def _in_our_words(error: click.ClickException) -> str:
    """Return click's message in the form that ours have."""
    text = " ".join(error.format_message().split())
    if not isinstance(error, click.UsageError):
        return text
    command = error.ctx.command_path if error.ctx else "collect.py"
    told = _MEANT.sub(_suggested, f"{text[:1].lower()}{text[1:].rstrip('.')}")
    return f"{told}; type: ./{command} --help"


def _suggested(found: re.Match[str]) -> str:
    return f" (did you mean {' or '.join(_QUOTED.findall(found[1]))}?)"


def _complain_of_pull(error: PullError) -> None:
    if error.output:
        show_output(error.output)
    complain(f"not pulled: {error}")


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@placed
@click.pass_context
def commands(context: click.Context) -> int:
    """Pull what the latest run lacks from its hosts, and tabulate it.

    The exit code is 2 if a trial failed or a row is void, 1 if the command could not be carried out.
    """
    if context.invoked_subcommand:
        return 0
    place: Place = context.obj
    run_dir = place.run_dir()
    found, pulled = read_run(run_dir), True
    if not is_complete(found):
        pulled = _pull(place, run_dir)
        found = read_run(run_dir)
    code = table.show(write(found))
    return code or (0 if pulled else FAILED)


for module in (pull, table, report, explain, latency, compare, interference, k6, runs):
    commands.add_command(module.command)


def _pull(place: Place, run_dir: Path) -> bool:
    """Pull; where that fails say so and go on with what is there."""
    try:
        pull_files(place.root, run_dir)
    except PullError as error:
        _complain_of_pull(error)
        return False
    return True
