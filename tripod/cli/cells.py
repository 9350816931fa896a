"""How commands find the cells that a person names: by the number of a row, by name, or by a glob."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

import click

from tripod.cli.place import Place
from tripod.runs.explain import listed
from tripod.runs.finding import RunNotFoundError, find_run

_GLOB = re.compile(r"[*?\[]")


def chosen(words: Sequence[str], rows: Mapping[int, str], place: Place, command: str) -> list[str]:
    """Return the cells that are meant, in the order in which they are named, each once.

    Args:
        words: what was typed: numbers of rows, names of cells, globs such as `sync-*-w1-*`.
        rows: number of the row → name of its cell.
        place: the run, and where others are, for what is said where there is none.
        command: what to type instead, likewise.

    Raises:
        click.ClickException: if a word names nothing.

    """
    found: dict[str, None] = {}
    for word in words:
        if word in rows.values():
            names = [word]
        elif word.isascii() and word.isdigit():
            names = [rows[int(word)]] if int(word) in rows else []
        else:
            names = [name for name in rows.values() if _GLOB.search(word) and fnmatchcase(name, word)]
        if not names:
            raise no_such(word, list(rows.values()), place, command)
        found |= dict.fromkeys(names)
    return list(found)


def one(word: str, rows: Mapping[int, str], place: Place, command: str) -> str:
    """Return the cell that is meant; raises click.ClickException, also where a glob fits several."""
    names = chosen([word], rows, place, command)
    if len(names) > 1:
        run_id = place.run_dir().name
        raise click.ClickException(
            f"'{word}' fits {len(names)} cells of run {run_id}: {listed(names)}; type: one of them"
        )
    return names[0]


def no_such(name: str, cells: Sequence[str], place: Place, command: str) -> click.ClickException:
    """Return what is said of a name that no cell of the run has; `command` is what to type instead."""
    if _is_a_run(name, place):
        return click.ClickException(
            f"'{name}' is a run, no cell; type: ./collect.py {command} --run {shlex.quote(name)}"
        )
    near = get_close_matches(name, cells, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return click.ClickException(
        f"no cell '{name}' in run {place.run_dir().name}; {hint}valid: {listed(list(cells))}, a row's number "
        f"from 1 to {len(cells)}, or a glob; type: ./collect.py {command}"
    )


def _is_a_run(name: str, place: Place) -> bool:
    try:
        found = find_run(place.results, name)
    except RunNotFoundError:
        return False
    # names of runs begin with the year: a number that no row has is not meant as one
    return found.name == name or not name.isdigit()
