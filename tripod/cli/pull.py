"""`collect.py pull`: fetch what the controller does not have yet."""

from __future__ import annotations

import click

from tripod.cli.place import Place, placed
from tripod.cli.pulling import pull
from tripod.runs.documents import shown


@click.command("pull")
@placed
@click.pass_obj
def command(place: Place) -> int:
    """Fetch what the controller does not have yet of the run."""
    run_dir = place.run_dir()
    pull(place.root, run_dir)
    print(f"{shown(run_dir)} is complete")
    return 0
