"""`collect.py k6`: k6's own block of a cell or a trial."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from tripod.cli.cells import chosen
from tripod.cli.place import Place, placed
from tripod.cli.printing import complain, say
from tripod.report import harmless, rows
from tripod.report.k6_block import k6_block
from tripod.runs.documents import DamagedFileError, read_k6
from tripod.runs.results import read_plan, read_run


@click.command("k6", short_help="Print k6's full block of a cell or a trial.")
@click.argument("cell")
@placed
@click.pass_obj
def command(place: Place, *, cell: str) -> int:
    """Print k6's full block of a CELL, for each of its trials, or of one trial; for each load host.

    CELL is the number of a row, a name, or a glob.
    """
    run_dir = place.run_dir()
    plan = read_plan(run_dir)
    trials = _trials(plan, cell, place)
    hosts = plan["legs"]["load"]
    typed = {known["cell"]: known["command"] for known in plan["cells"]}
    code = 0
    for trial in sorted(trials, key=lambda trial: (trial["cell"], trial["repeat"])):
        for host in hosts:
            named = f"{trial['trial']}, {host}" if len(hosts) > 1 else trial["trial"]
            say(f"{harmless.terminal(named)}: {harmless.terminal(typed[trial['cell']])}\n")
            code = max(code, _block(run_dir, trial["trial"], host, hosts))
    return code


def _block(run_dir: Path, trial: str, host: str, hosts: Sequence[str]) -> int:
    """Print the block of one k6; return 1 where it cannot be read."""
    try:
        summary = read_k6(run_dir / "trials" / trial, run_dir, host, hosts)
    except DamagedFileError as error:
        complain(f"{error}; type: {shlex.join(['./collect.py', 'table', '--run', run_dir.name])}")
        return 1
    say(f"{k6_block(summary)}\n")
    return 0


def _trials(plan: Mapping[str, Any], name: str, place: Place) -> Sequence[Mapping[str, Any]]:
    """Return the planned trials of the cells that are meant, or the one trial of that name."""
    trials: list[Mapping[str, Any]] = [trial for trial in plan["trials"] if name == trial["trial"]]
    if trials:
        return trials
    # only a number needs the table, and with it all trials
    planned = {number: cell["cell"] for number, cell in enumerate(plan["cells"], 1)}
    known = rows.numbered(read_run(place.run_dir())) if name.isdigit() else planned
    cells = chosen([name], known, place, "k6 CELL")
    return [trial for trial in plan["trials"] if trial["cell"] in cells]
