"""What stands below the result of a run: where its files are, and what to type next."""

from __future__ import annotations

import shlex
from pathlib import Path

from tripod.catalogue import typed
from tripod.runs.documents import DamagedFileError, read_document
from tripod.runs.finding import RunNotFoundError, find_run


def lines(run_dir: Path, root: Path) -> list[str]:
    """Return one line each: the results, the report, the next command.

    Args:
        run_dir: of a run that was tabulated.
        root: the checkout.

    """
    place = run_dir.relative_to(root) if run_dir.is_relative_to(root) else run_dir
    found = [f"Results: {place}/"]
    if (run_dir / "report.html").is_file():
        found.append(f"Report:  {place / 'report.html'}")
    return [*found, f"Next:    {_next(run_dir)}"]


def _next(run_dir: Path) -> str:
    try:
        table = read_document(run_dir / "summary.json", "summary")
    except DamagedFileError:
        return "./collect.py table"
    if table["outcome"] != "completed":
        return f"{typed.resume(run_dir.name, table['inventory'])}   # measures what is left"
    which = [] if _is_latest(run_dir) else ["--run", run_dir.name]
    command = shlex.join(["./collect.py", "explain", "1", *which])
    return f"{command}   # why row 1 is as fast as it is"


def _is_latest(run_dir: Path) -> bool:
    try:
        return find_run(run_dir.parent).name == run_dir.name
    except RunNotFoundError:
        return False
