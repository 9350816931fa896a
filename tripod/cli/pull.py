"""`collect.py pull`: fetch what the controller does not have yet."""

from __future__ import annotations

import click

from tripod.cli.place import Place, placed
from tripod.cli.printing import say
from tripod.cli.pulling import ForeignRunError, pull
from tripod.report import harmless
from tripod.runs.documents import shown
from tripod.runs.results import is_complete, read_run


@click.command("pull")
@placed
@click.pass_obj
def command(place: Place) -> int:
    """Fetch what the controller does not have yet of the run."""
    run_dir = place.run_dir()
    try:
        pull(place.root, run_dir)
    except ForeignRunError:
        if not is_complete(read_run(run_dir)):
            raise
    state = "is complete" if is_complete(read_run(run_dir)) else "lacks trials that no host has"
    say(f"{harmless.terminal(shown(run_dir))} {state}\n")
    return 0
