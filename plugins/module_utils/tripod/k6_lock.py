"""Whether a k6 of Tripod runs on this host; k6 runs under no service manager."""

from __future__ import annotations

from pathlib import Path

from .process_lock import ProcessLock


class K6Lock(ProcessLock):
    """The lock that k6 inherits."""

    def __init__(self, root: str) -> None:
        """Use the lock file under `root`."""
        super().__init__(Path(root) / "k6.lock", "k6")


def killed(root: str) -> tuple[bool, list[str]]:
    """Kill the k6 that runs under `root`; return whether there was one, and why it is still there."""
    try:
        return K6Lock(root).kill(), []
    except OSError as error:  # a TimeoutError, too
        return isinstance(error, TimeoutError), [str(error)]
