"""Whether a k6 of Tripod runs on this host; k6 runs under no service manager."""

from __future__ import annotations

from pathlib import Path

from .process_lock import ProcessLock


class K6Lock(ProcessLock):
    """The lock that k6 inherits."""

    def __init__(self, root: str) -> None:
        """Use the lock file under `root`."""
        super().__init__(Path(root) / "k6.lock", "k6")


def _mark(root: str) -> Path:
    return Path(root) / "k6.ended"


def end(root: str, trial: str) -> tuple[bool, list[str]]:
    """End a trial's k6, also one that is only about to be started; returns as `killed`.

    The mark is written before anybody is looked for, and read after a k6 has been started: one of both sees
    the other.
    """
    _mark(root).write_text(trial, encoding="utf-8")
    return killed(root)


def is_ended(root: str, trial: str) -> bool:
    """Whether somebody has ended this trial."""
    try:
        return _mark(root).read_text(encoding="utf-8") == trial
    except FileNotFoundError:
        return False


def forget(root: str) -> None:
    """Forget which trial was ended: the same one may be measured again."""
    _mark(root).unlink(missing_ok=True)


def killed(root: str) -> tuple[bool, list[str]]:
    """Kill the k6 that runs under `root`; return whether there was one, and why it is still there."""
    try:
        return K6Lock(root).kill(), []
    except OSError as error:  # a TimeoutError, too
        return isinstance(error, TimeoutError), [str(error)]
