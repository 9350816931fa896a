"""`make interference`: two runs on the same app host, one with the legs apart, one with all legs on it.

Both are deployed first. Then they are measured in turn, a block of each, so that what the machines do in the
course of an hour happens to both; and `collect.py interference` says what sharing one machine costs.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from tripod.catalogue.legs import LEGS
from tripod.catalogue.lengths import MOST_REPEATS
from tripod.cli import playbooks
from tripod.runs import made
from tripod.runs.documents import DamagedFileError
from tripod.runs.results import Run, can_be_made_up_for, read_run

ROOT = Path(__file__).resolve().parents[2]
ONE_HOST, APART = "one-host", "apart"

_OWN = {
    "repeats": "REPEATS=",
    "budget": "REPEATS=",
    "precision": "REPEATS=",
    "add_repeats": "REPEATS=",
    "run_id": "NAME=",
    "resume": "NAME=, with the name that was begun",
    "tripod_root": "the inventory",
    "tripod_user": "the inventory",
    "service_prefix": "the inventory",
}


class NotFitError(click.ClickException):
    """What was asked for cannot be measured; nothing was touched."""


@dataclass(frozen=True)
class Pair:
    """One of the two runs.

    Attributes:
        run_id: its name.
        inventory: of its hosts.
        given: what the user says to ansible-playbook.

    """

    run_id: str
    inventory: str
    given: tuple[str, ...]

    @property
    def directory(self) -> Path:
        """Where its files are."""
        return ROOT / "results" / self.run_id

    def next(self, repeats: int) -> tuple[str, ...] | None:
        """Return what measures its next block, or what is left of the last; None if it has them all."""
        if not (self.directory / "plan.json").is_file():
            return (*self.given, "-e", "repeats=1")
        try:
            run = read_run(self.directory)
        except DamagedFileError as error:
            raise NotFitError(str(error)) from None
        if can_be_made_up_for(run):
            return ("-e", "resume=true")
        return ("-e", "add_repeats=1") if _blocks(run) < repeats else None


def _blocks(run: Run) -> int:
    return max(int(trial["repeat"]) for trial in run.plan["trials"])


@click.command("interference", context_settings={"ignore_unknown_options": True})
@click.option("--inventory", required=True, help="The hosts, with the app host apart from load and DB.")
@click.option(
    "--repeats",
    type=click.IntRange(2, MOST_REPEATS),
    default=3,
    show_default=True,
    help="Blocks of each run.",
)
@click.option("--name", help="Of the two runs, to go on with them; default: the time.")
@click.argument("given", nargs=-1, type=click.UNPROCESSED)
def command(inventory: str, repeats: int, name: str | None, given: tuple[str, ...]) -> None:
    """Measure what it costs that load, app and database share one machine; GIVEN is for ansible-playbook."""
    _refuse(given)
    given = ("-e", "matrix=quick", *given)  # as make bench, unless the user names another after it
    name = name or f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    if not made.is_run_id(f"{name}-{ONE_HOST}"):
        raise NotFitError(f"NAME is {name!r}; allowed: letters, digits, '.', '_' and '-', at most 91 of them")
    apart = Pair(f"{name}-{APART}", inventory, given)
    one = Pair(f"{name}-{ONE_HOST}", one_host_inventory(inventory), given)
    for pair in (apart, one):
        for stage in ("provision", "deploy"):
            _play(pair.inventory, f"playbooks/{stage}.yml", "-e", "repeats=1", *given)
    for pair, more in turns(one, apart, repeats):
        typed = f"to go on, type: make interference INVENTORY={inventory} REPEATS={repeats} NAME={name}"
        _play(pair.inventory, "playbooks/measure.yml", *more, "-e", f"run_id={pair.run_id}", otherwise=typed)
    for pair in (apart, one):
        _play(pair.inventory, "playbooks/fetch.yml", "-e", f"run_id={pair.run_id}")
        _collect("table", "--write", "--run", pair.run_id)
    sys.exit(_collect("interference", one.run_id, apart.run_id))


def turns(one: Pair, apart: Pair, repeats: int) -> Iterator[tuple[Pair, tuple[str, ...]]]:
    """Give which run is measured next, and what says so, until both have all their blocks.

    The one that goes first changes from block to block, so that neither is always the later one.
    """
    for block in range(1, repeats + 1):
        for pair in (one, apart) if block % 2 else (apart, one):
            more = pair.next(block)
            while more is not None:
                yield pair, more
                more, before = pair.next(block), more
                if more == before:
                    raise NotFitError(f"{pair.run_id}: a block could not be measured to its end; see above")


def one_host_inventory(inventory: str) -> str:
    """Return the inventory that has the app host of another one as all legs; written below .made/.

    Raises:
        NotFitError: if the legs do not stand apart there.

    """
    listed = _listed(inventory)
    groups = {leg: listed.get(leg, {}).get("hosts", []) for leg in LEGS}
    shared = [leg for leg in LEGS if leg != "app" and set(groups[leg]) & set(groups["app"])]
    if len(groups["app"]) != 1 or not all(groups.values()):
        found = ", ".join(f"{leg}: {', '.join(hosts) or 'none'}" for leg, hosts in groups.items())
        raise NotFitError(
            f"INVENTORY is {inventory}, which has {found}; allowed: an app host, and others for load and db"
        )
    if shared:
        raise NotFitError(
            f"INVENTORY is {inventory}, in which app and {' and '.join(shared)} are one host; allowed: "
            "an app host apart from load and db, so that there is something to compare with; type: make "
            "lab-up; make interference"
        )
    path = Path(inventory).expanduser().resolve()
    folder = ROOT / made.FOLDER
    folder.mkdir(exist_ok=True)
    name = f"{ONE_HOST}-{path.stem}-{hashlib.sha256(str(path).encode()).hexdigest()[:6]}.yml"
    content = {"plugin": "tripod_one_host", "of": str(path)}
    (folder / name).write_text(f"# Made by make interference.\n{json.dumps(content)}\n", encoding="utf-8")
    return f"{made.FOLDER}/{name}"


def _refuse(given: Sequence[str]) -> None:
    """Refuse what would make two runs that are not to be compared, or other ones than are asked for."""
    words = " ".join(given)
    for name, where in _OWN.items():
        if any(word.startswith((f"{name}=", f"-e{name}=", f"--extra-vars={name}=")) for word in given) or (
            f'"{name}"' in words
        ):
            raise NotFitError(f"ARGS has {name}; allowed: leave it out; that is said by {where}")
    if any(word.startswith(("-i", "--inventory")) for word in given):
        raise NotFitError("ARGS has an inventory; allowed: INVENTORY=PATH, of which the other one is made")


def _listed(inventory: str) -> dict[str, dict[str, list[str]]]:
    """Return the groups of an inventory, as Ansible reads it."""
    if not Path(inventory).expanduser().exists():
        raise NotFitError(
            f"INVENTORY is {inventory}; allowed: the path of an inventory (inventory/sample.yml)"
        )
    program = playbooks.PROGRAM.with_name("ansible-inventory")
    done = subprocess.run(
        [program, "-i", inventory, "--list"],
        cwd=ROOT,
        env=playbooks.settings(ROOT),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotFitError(f"INVENTORY is {inventory}, which cannot be read: {done.stderr.strip()[-500:]}")
    return dict(json.loads(done.stdout))


def _play(inventory: str, *arguments: str, otherwise: str = "") -> None:
    """Run a playbook where it can be seen; one that fails ends this."""
    code = playbooks.shown(ROOT, ["-i", inventory, *arguments])
    if code:
        click.echo(f"ansible-playbook ended with {code}; {otherwise or 'see above'}", err=True)
        sys.exit(code)


def _collect(*arguments: str) -> int:
    return subprocess.run([sys.executable, "collect.py", *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    command(prog_name="make interference")
