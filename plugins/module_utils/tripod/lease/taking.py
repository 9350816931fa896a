"""Takes a machine's lease for a run by starting its holder, or joins the one that the run has; breaks any."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .. import program
from . import connector, holder, place

# Not tripod-…, which services are called: those are stopped all together.
UNIT = "tripod.lease.service"
# A holder is there within 0.2 s; a busy host takes its time.
_STARTED_S = 20.0
_LOOK_S = 1.0
# Who has the lock and says nothing within this time is none of ours, or is busy with stopping.
_TAKEN_S = 3.0
# Who breaks a lease, or has lost his own, waits for the holder to stop all that runs.
BROKEN_S = 40.0
_HARDENED = (
    "AmbientCapabilities=",
    "CapabilityBoundingSet=CAP_KILL CAP_DAC_OVERRIDE",
    "IPAddressDeny=any",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "NoNewPrivileges=yes",
    "PrivateDevices=yes",
    "PrivateNetwork=yes",
    "ProcSubset=pid",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectSystem=full",
    "RestrictAddressFamilies=AF_UNIX",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@resources @privileged",
    "KillMode=mixed",
    "TimeoutStopSec=40",
    "UMask=0022",
)


class HeldError(Exception):
    """Somebody else holds the lease; `who` is what he says of himself, None if he says nothing."""

    def __init__(self, who: dict[str, Any] | None) -> None:
        """Keep what was said."""
        super().__init__("the lease is held")
        self.who = who


def take(told: dict[str, Any]) -> Path:
    """Take the lease, and return the directory of its holder.

    Args:
        told: what `Holder` is told.

    Raises:
        HeldError: if somebody else holds it.
        PlaceError: if something else is at the lock's place.
        OSError: if the holder cannot be started.

    """
    name = place.name_of(told["token"])
    where = place.directory(name)
    try:
        return _taken(name, where, told)
    except (HeldError, place.PlaceError, OSError):
        if not place.held(name):
            shutil.rmtree(where, ignore_errors=True)
        raise


def _taken(name: str, where: Path, told: dict[str, Any]) -> Path:
    """Try for a while: somebody may be about to end, or to say that he holds the lease for the same run."""
    said = None
    # where this run's own lease was lost, its holder first stops all that runs
    end = time.monotonic() + (BROKEN_S if where.is_dir() else _TAKEN_S)
    while time.monotonic() < end:
        said = place.holder()
        if said is not None and said.get("name") != name:
            raise HeldError(said)
        if said is None and not _started(where, told):
            time.sleep(0.2)  # somebody has it, and says who in a moment; or it is just ending
            continue
        with suppress(OSError, ValueError):
            _join(where, told)
            return where
    raise HeldError(said)


def _started(where: Path, told: dict[str, Any]) -> bool:
    """Start a holder, unless somebody has the lock: one of the same run that ends removes the directory."""
    if not place.is_free():
        return False
    _prepare(where, told)
    ended = _start(where, told["keep"]["manager"])
    return ended is not None and _is_there(where, ended)


def end(by: str) -> list[str] | None:
    """Break the lease of this machine, whoever holds it; return what could not be stopped, None without one.

    Raises:
        HeldError: if its holder is another user's, or does not answer.

    """
    said = place.holder()
    if said is None:
        if not place.is_free():
            raise HeldError(None)
        return None
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(BROKEN_S)
            door.connect(str(place.directory(str(said.get("name"))) / "break"))
            with suppress(OSError):
                door.sendall(by.encode() + b"\n")
            answer = json.loads(place.read_line(door, time.monotonic() + BROKEN_S))
    except (OSError, ValueError) as error:
        raise HeldError(said) from error
    return [str(what) for what in answer["left"]]


def broken(by: str) -> str | None:
    """Break the lease that this machine has, whoever's it is; return what is wrong then."""
    try:
        left = end(by)
    except HeldError as error:
        who = (error.who or {}).get("user", "a program that does not say what it is")
        return f"{place.LOCK} is held by {who}, whose lease only that user or root can break"
    except place.PlaceError as error:
        return str(error)
    return f"still running: {', '.join(left)}" if left else None


def _join(where: Path, told: dict[str, Any]) -> None:
    """Add what is to be stopped to the lease that the run has on this machine."""
    with socket.socket(socket.AF_UNIX) as door:
        end = time.monotonic() + 5
        door.settimeout(5)
        door.connect(str(where / "keep"))
        place.read_line(door, end)
        asked = {"token": told["token"], "do": "join", "keep": told["keep"]}
        door.sendall(json.dumps(asked).encode() + b"\n")
        place.read_line(door, end)


def _prepare(where: Path, told: dict[str, Any]) -> None:
    """Put what the holder needs into its directory, which nobody else enters before it is ready."""
    with suppress(FileExistsError):
        where.mkdir(0o700)
    seen = where.lstat()
    if seen.st_uid != os.geteuid() or where.is_symlink():
        raise place.PlaceError(
            f"{where} is somebody else's. Remedy: look what it is, then sudo rm -r {where}"
        )
    (where / "refused").unlink(missing_ok=True)
    _write(where / "specification.json", json.dumps(told).encode(), 0o600)
    _write(where / "connector.py", program.source(connector.__name__).encode(), 0o644)
    _write(where / "holder.pyz", program.packed(holder.__name__), 0o600)


def _write(path: Path, content: bytes, mode: int) -> None:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:  # noqa: PTH123 - with its mode
        file.write(content)
    fresh.chmod(mode)
    fresh.rename(path)


def _start(where: Path, manager: str) -> Callable[[], str | None] | None:
    """Start the holder so that it outlives who starts it: in a unit, or in a session, of its own.

    Returns what tells why it has ended, None while it runs; or None if there is another holder.
    """
    command = [sys.executable, "-I", str(where / "holder.pyz"), str(where)]
    if manager != "systemd":
        null = subprocess.DEVNULL
        with (where / "holder.log").open("wb") as log:
            process = subprocess.Popen(
                command, stdin=null, stdout=null, stderr=log, cwd="/", start_new_session=True
            )
        return lambda: None if process.poll() is None else _tail(where / "holder.log")
    unit = [
        "systemd-run",
        "--quiet",
        "--collect",
        f"--unit={UNIT}",
        "--description=Tripod's lease of this machine",
    ]
    properties = [f"--property={line}" for line in _HARDENED]
    done = subprocess.run(
        [*unit, *properties, *command], capture_output=True, text=True, check=False, timeout=30
    )
    if done.returncode != 0 and UNIT not in done.stderr:
        raise OSError(f"systemd-run failed: {done.stderr.strip()}")
    return _unit_ended if done.returncode == 0 else None


def _unit_ended() -> str | None:
    state = _output("systemctl", "show", "-P", "ActiveState", UNIT).strip()
    if state in {"active", "activating", "deactivating"}:
        return None
    return _output("journalctl", "-q", "-o", "cat", "-n", "3", "-u", UNIT).strip() or "it has ended"


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout


def _tail(path: Path) -> str:
    with suppress(OSError):
        return path.read_text("utf-8", "replace")[-500:].strip() or "it has ended"
    return "it has ended"


def _is_there(where: Path, ended: Callable[[], str | None]) -> bool:
    """Wait until the holder listens; return False if it was refused the lock."""
    begun = looked = time.monotonic()
    while time.monotonic() < begun + _STARTED_S:
        if place.held(where.name.rpartition("-")[2]):
            return True
        with suppress(FileNotFoundError):
            refused = (where / "refused").read_text(encoding="utf-8")
            if refused:
                raise place.PlaceError(refused)
            return False
        if time.monotonic() > looked + _LOOK_S:
            looked = time.monotonic()
            why = ended()
            if why is not None and not (where / "refused").exists():
                raise OSError(f"the lease's holder ended as soon as it was started: {why}")
        time.sleep(0.01)
    raise OSError(f"the lease's holder did not start within {_STARTED_S:g} s")
