"""The figures of a trial: those that are kept, or made anew of what k6 summed up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tripod.runs import kept, slim
from tripod.runs.documents import DamagedFileError, k6_content, k6_text, parse_document
from tripod.stats.figures import Figures, FiguresError, from_k6_summary, needs_quantiles


def figures_of(folder: Path, inside: Path, host: str = "", hosts: Sequence[str] = ("",)) -> Figures:
    """Return what one load host measured in the trial in `folder`.

    Args:
        folder: the trial's directory.
        inside: the run's, below which no link is followed.
        host: the load host; needed where there are several.
        hosts: the load hosts of the run.

    Raises:
        MissingFileError: if k6 left nothing.
        DamagedFileError: if what it left cannot be used.

    """
    path, content = k6_content(folder, inside, host, hosts)
    if path.suffix != ".gz":  # of runs from before; there are few
        return _made(path, content)
    found = kept.find(content)
    if found is None:
        found = _made(path, content)
        kept.keep(content, found)
    return found


def _made(path: Path, content: bytes) -> Figures:
    text = k6_text(path, content)
    summary = slim.decode(text, needs_quantiles) or parse_document(text, path, "k6")
    try:
        return from_k6_summary(summary)
    except FiguresError as error:
        raise DamagedFileError(path, str(error)) from None
