"""`collect.py report`: a run, or several side by side, as one HTML page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from tripod.cli.place import Place, placed
from tripod.cli.printing import complain, say
from tripod.cli.sides import named_runs, named_text
from tripod.report import harmless
from tripod.report.comparing import Text
from tripod.report.page import make, writing
from tripod.runs import files
from tripod.runs.results import read_run


def _page(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """Return where the page is to be, which may replace another page: no data of a run, no link or device."""
    if value is not None and (not value.name or (files.exists(value) and not _is_page(value))):
        named = value if value.name else ""
        why = f"'{named}' cannot be replaced; allowed: a new file, or a page that is no link"
        raise click.BadParameter(why, context, parameter)
    return value


def _is_page(path: Path) -> bool:
    """Whether there is an HTML page, or nothing in the file yet."""
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(make.BEGINNING)).lower() in {make.BEGINNING, b""}


@click.command("report", short_help="Write a run, or several side by side, as one HTML page.")
@click.argument("runs", nargs=-1, metavar="[RUN …]")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_page,
    help="The page; default: report.html in the run, or in the results where it stands beside others.",
)
@placed
@click.pass_obj
def command(place: Place, *, runs: tuple[str, ...], output: Path | None) -> int:
    """Write one HTML page that opens from disk and fetches nothing: of RUN (default: latest), or of several.

    Of two runs it says first what `compare` does, or `interference` where the legs of one share a host.
    Several runs of the same thing, separated by commas, are one side; more than two sides are not compared.
    One of two may be a write-up's published figures: published:poc, published:quotes or published:original.
    """
    sides = _sides(place, runs)
    paths = [path for side in sides if isinstance(side, list) for path in side]
    real = [os.path.realpath(path) for path in paths]
    twice = [path.name for at, path in enumerate(paths) if real[at] in real[:at]]
    if twice:
        raise click.UsageError(f"run {twice[0]} is named twice, allowed: each run once")
    alone = len(sides) == len(paths) == 1
    if output is None and not alone:  # runs that are named by their paths need none
        place.results.mkdir(parents=True, exist_ok=True)
    page = output or (paths[0] if alone else place.results) / writing.NAME
    why_not = writing.write(
        page, [[read_run(path) for path in side] if isinstance(side, list) else side for side in sides]
    )
    say(f"{harmless.terminal(str(page))}\n")
    if why_not is not None:
        complain(f"not compared: {why_not}")
    return 0


def _sides(place: Place, runs: Sequence[str]) -> list[list[Path] | Text]:
    """Return what the page is of: runs, or runs and published figures beside them."""
    sides = [named_text(place, named) or named_runs(place, named) for named in runs]
    texts = [named for named, side in zip(runs, sides, strict=True) if not isinstance(side, list)]
    if texts and (len(texts), len(sides)) != (1, 2):
        raise click.ClickException(
            f"{' and '.join(texts)}: published figures stand beside runs, allowed: one of two sides; type: "
            f"./collect.py report latest {texts[0]}"
        )
    return sides or [[place.run_dir()]]
