"""What a trial's start and stop do with a host's sampler: start it where none runs, read it; and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ..lease import place
from . import files, samples

# A first sample is there within 0.2 s of the sampler's start, one that is asked for within 5 ms.
_STARTED_S = 3.0
_ASKED_S = 1.0
_LOOK_S = 0.001


def watch(root: str, lease: str, trial: str, services: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    """Have a trial's services sampled from now on.

    Args:
        root: Tripod's directory.
        lease: name of the lease; the sampler ends with it.
        trial: name of the trial.
        services: leg → name and main PID of the service that runs here.

    Returns:
        `started`: whether a sampler had to be started; `lost`: why nothing is sampled, or None: whatever goes
        wrong costs the samples, and never the trial.

    """
    try:
        return _watch(files.Files(root), root, {"trial": trial, "lease": lease, "services": services})
    except Exception as error:  # noqa: BLE001 - as promised
        return {"started": False, "lost": _failed("no sampler could be told what to watch", error)}


def _watch(there: files.Files, root: str, watched: dict[str, Any]) -> dict[str, Any]:
    # Only who runs trials has to read it: it tells of all processes of the services.
    there.directory.mkdir(mode=0o700, exist_ok=True)
    there.watch(watched)
    lock = there.lock()
    pid = lock.holder()
    try:
        if pid is None:
            _start(there, root)
        else:
            os.kill(pid, signal.SIGUSR1)
    except OSError as error:
        return {"started": pid is None, "lost": f"no sampler could be started: {error}"}
    begun = time.monotonic()
    while not _samples_of(there, watched["trial"]):
        if lock.holder() is None or time.monotonic() > begun + _STARTED_S:
            return {"started": pid is None, "lost": _why(there, "the sampler did not begin")}
        time.sleep(_LOOK_S)
    return {"started": pid is None, "lost": None}


def read(root: str, trial: str) -> dict[str, Any]:
    """Return what was sampled of a trial, up to now.

    Returns:
        `series`: the samples, packed, None where there are none; `lost`: why there are none of the trial's
        end, or None. What cannot be read is lost, whatever stands there: after it the trial is to be stopped.

    """
    try:
        return _read(files.Files(root), trial)
    except Exception as error:  # noqa: BLE001 - as promised
        return {"series": None, "lost": _failed("the samples cannot be read", error)}


def _read(there: files.Files, trial: str) -> dict[str, Any]:
    from . import packing  # noqa: PLC0415 - a trial's start does without

    lost = None if _asked(there) else _why(there, "the sampler had died")
    if not _samples_of(there, trial):
        return {"series": None, "lost": lost or "nothing was sampled of this trial"}
    return {"series": packing.packed(samples.lines(there.samples)), "lost": lost}


def end(root: str) -> None:
    """End the sampler, if there is one; raises TimeoutError as `ProcessLock.kill`."""
    files.Files(root).lock().kill()


def ended(root: str) -> list[str]:
    """End the sampler, if there is one; return why it is still there."""
    try:
        end(root)
    except OSError as error:  # a TimeoutError, too
        return [str(error)]
    return []


def _start(there: files.Files, root: str) -> None:
    """Start a sampler in a session of its own, which the end of this one does not end."""
    from .. import program  # noqa: PLC0415 - needed once for each measure stage
    from . import sampler  # noqa: PLC0415 - likewise

    there.program.write_bytes(program.packed(sampler.__name__))
    there.samples.unlink(missing_ok=True)
    held = there.lock().hold()
    try:
        with there.log.open("wb") as log:
            # Inherited, so that no look at it kills a sampler that does not listen yet.
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)
            process = subprocess.Popen(
                [sys.executable, "-I", str(there.program), root, str(place.LOCK)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                pass_fds=(held,),
            )
        os.write(held, str(process.pid).encode())
    finally:
        os.close(held)


def _samples_of(there: files.Files, trial: str) -> bool:
    """Return whether there is a sample of the whole host in this trial; reads no further than that."""
    with suppress(OSError, ValueError):
        found: Iterator[list[Any]] = samples.lines(there.samples)
        return next(found, [])[:2] == ["trial", trial] and any(line[0] == "host" for line in found)
    return False


def _asked(there: files.Files) -> bool:
    """Ask the sampler for a sample, and wait until it is there; return whether there is a sampler."""
    asked_us = time.monotonic_ns() // 1000
    pid = there.lock().holder()
    if pid is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGUSR1)
    end_s = time.monotonic() + _ASKED_S
    while time.monotonic() < end_s:
        with suppress(OSError):
            last_us = samples.last_host_us(there.samples)
            if last_us is not None and last_us >= asked_us:
                return True
        time.sleep(_LOOK_S)
    return False


def _failed(what: str, error: Exception) -> str:
    return f"{what}: {type(error).__name__}: {error}"


def _why(there: files.Files, what: str) -> str:
    """Return what happened, with the last line that the sampler said."""
    with suppress(OSError):
        said = there.log.read_text("utf-8", "replace").strip().splitlines()
        return f"{what}: {said[-1][:200]}" if said else what
    return what
