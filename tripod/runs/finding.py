"""Finds runs: by name, by the beginning of one, the latest and those before it, or by path."""

from __future__ import annotations

import os
import re
from difflib import get_close_matches
from pathlib import Path

from tripod.runs import files
from tripod.runs.documents import DamagedFileError, read_document, shown
from tripod.runs.explain import listed

LATEST = "latest"
# As git counts back: latest~1 was planned before the latest.
_BACK = re.compile(r"latest(?:~([0-9]{1,6}))?", re.ASCII)


class RunNotFoundError(Exception):
    """There is no such run, or none at all; the message says what there is and what to type next."""


def find_run(results: Path, run_id: str | None = None) -> Path:
    """Return the directory of a run.

    Args:
        results: the directory of all runs.
        run_id: its name; the beginning of its name if no other begins so; `latest`, which is the default, or
            `latest~N`, planned N runs before it; or the path of its directory, with a slash in it, which need
            not be in `results`.

    Raises:
        RunNotFoundError: if there is none, or more than one.

    """
    if run_id is not None and "/" in run_id:
        return _at(Path(run_id))
    names = _names(results)
    if not names:
        raise RunNotFoundError(f"no run in {shown(results)}: nothing was measured yet; type: make bench")
    back = _BACK.fullmatch(LATEST if run_id is None else run_id)
    if run_id is None or back:
        return _latest(results, names, before=int(back[1] or 0) if back else 0)
    begun = [run_id] if run_id in names else [name for name in names if run_id and name.startswith(run_id)]
    if len(begun) == 1:
        return results / begun[0]
    if begun:
        raise RunNotFoundError(
            f"'{run_id}' is the beginning of {len(begun)} runs in {shown(results)}: {listed(sorted(begun))}; "
            "type: more of the one that you mean"
        )
    near = get_close_matches(run_id, names, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    known = listed([path.name for path in run_paths(results)])
    raise RunNotFoundError(
        f"no run '{run_id}' in {shown(results)}; {hint}valid: {known}; type: ./collect.py runs"
    )


def _at(path: Path) -> Path:
    """Return a run's directory that was named by its path."""
    if not files.exists(path / "plan.json"):
        raise RunNotFoundError(f"no run at {shown(path)}: it has no plan.json; type: ./collect.py runs")
    # results/latest, typed as a path, is the run that it leads to
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _latest(results: Path, names: set[str], before: int) -> Path:
    """Return the latest run, or the one so many before it."""
    latest = _linked(results, names)
    if latest is not None and not before:
        return results / latest
    ordered = [path.name for path in run_paths(results)]
    place = (ordered.index(latest) if latest else len(ordered) - 1) - before
    if place < 0:
        raise RunNotFoundError(
            f"no run '{LATEST}~{before}' in {shown(results)}: there are {before + place} before the latest; "
            "type: ./collect.py runs"
        )
    return results / ordered[place]


def run_paths(results: Path) -> list[Path]:
    """Return the directories of all runs, oldest first."""
    return sorted((results / name for name in _names(results)), key=_age)


def _names(results: Path) -> set[str]:
    """Return the names of all runs: a link is none, since what is behind it may be anywhere."""
    try:
        found = list(results.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return set()
    return {
        path.name
        for path in found
        if path.name != LATEST and files.is_folder(path) and files.exists(path / "plan.json")
    }


def _linked(results: Path, names: set[str]) -> str | None:
    """Return the run that results/latest points to; None if it points to anything but a run beside it."""
    try:
        target = results / (results / LATEST).readlink()
    except OSError:
        return None
    # realpath: Path.resolve raises on a link that points to itself
    beside = os.path.realpath(target.parent) == os.path.realpath(results)
    return target.name if beside and target.name in names else None


def _age(run: Path) -> tuple[str, str]:
    """Order runs by when they were planned; by name where that cannot be read."""
    try:
        created = str(read_document(run / "plan.json", "plan")["created_at"])
    except DamagedFileError:
        created = ""
    return created, run.name
