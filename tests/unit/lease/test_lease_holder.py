"""The lease of a machine, with real holders in a place of the test's own."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.tripod.k6_lock import K6Lock
from ansible.module_utils.tripod.lease import losing, place, taking

ROOT = Path(__file__).parents[3]

SILENCE_S = 3.0
SOON_S = 20.0


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a machine's lock, which no other test has; at the end its lease is broken."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # a socket's path is short
        lock = Path(folder) / "lease"
        monkeypatch.setattr(place, "LOCK", lock)
        yield lock
        if place.holder():
            taking.end("the test")


def told(token: str, root: Path, silence_s: float = 60) -> dict[str, Any]:
    """Return what a run tells of itself."""
    return {
        "token": token,
        "who": {"user": "ann@laptop", "pid": 4711, "playbook": "bench.yml", "run_id": token},
        "run_id": token,
        "silence_s": silence_s,
        "keep": {"manager": "supervisor", "root": str(root)},
    }


def eventually(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def free() -> bool:
    """Say whether nobody has the lock."""
    lock = place.lock()
    if lock is not None:
        place.unlock(lock)
    return lock is not None


def keep(where: Path, token: str) -> socket.socket:
    """Open a channel that keeps the lease."""
    channel = socket.socket(socket.AF_UNIX)
    channel.connect(str(where / "keep"))
    channel.sendall(json.dumps({"token": token, "do": "keep"}).encode() + b"\n")
    said = b""
    while b"kept\n" not in said:
        said += channel.recv(4096)
    return channel


def k6(root: Path) -> subprocess.Popen[bytes]:
    """Start what holds k6's lock below `root`."""
    root.mkdir(exist_ok=True)
    lock = K6Lock(str(root)).hold()
    process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock,), start_new_session=True
    )
    os.write(lock, str(process.pid).encode())
    os.close(lock)
    return process


def test_another_run_is_refused_and_told_who_it_is(machine: Path, tmp_path: Path) -> None:
    """Whoever asks is told who has the machine; a release frees it at once, and leaves no trace."""
    where = taking.take(told("one", tmp_path))
    with pytest.raises(taking.HeldError) as refused:
        taking.take(told("two", tmp_path))
    assert refused.value.who | {"since": "", "silent_s": 0} == {
        "user": "ann@laptop",
        "pid": 4711,
        "playbook": "bench.yml",
        "run_id": "one",
        "name": place.name_of("one"),
        "since": "",
        "silent_s": 0,
        "silence_s": 60,
    }
    with keep(where, "one") as channel:
        channel.sendall(json.dumps({"token": "one", "do": "release"}).encode() + b"\n")
        assert b"".join(iter(lambda: channel.recv(64), b"")) == b"released\n"
    assert free()
    assert not machine.exists()
    assert not where.exists()
    assert not (tmp_path / "runs").exists()
    assert taking.take(told("two", tmp_path)).is_dir()


def test_a_machine_under_several_names_is_one_lease(machine: Path, tmp_path: Path) -> None:
    """Hosts of a run that are one machine take it at once; what runs for each of them is stopped with it."""
    del machine
    roots = [tmp_path / name for name in ("load", "app", "db")]
    found: list[Path] = []
    takers = [
        threading.Thread(target=lambda root=root: found.append(taking.take(told("one", root, 3 * SILENCE_S))))
        for root in roots
    ]
    processes = [k6(root) for root in roots]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join(SOON_S)
    assert len(found) == len(roots)
    assert len(set(found)) == 1
    for process in processes:
        with process:
            assert process.wait(SOON_S) == -signal.SIGKILL


def test_silence_stops_what_runs_and_frees_the_machine(machine: Path, tmp_path: Path) -> None:
    """A lease is kept by a sign now and then, and over a channel's loss; after silence all is stopped."""
    del machine
    root = tmp_path / "root"
    with k6(root) as process:
        where = taking.take(told("one", root, SILENCE_S))
        with keep(where, "one") as channel:
            for _ in range(4):
                time.sleep(SILENCE_S / 3)
                channel.sendall(b"\n")
        time.sleep(SILENCE_S / 2)
        with keep(where, "one"):  # the controller is back
            time.sleep(SILENCE_S / 2)
            assert losing.lost(str(root), place.name_of("one")) == (None, False)
            assert process.poll() is None
            # It stays connected, but says nothing any more, as a laptop that was closed.
            assert process.wait(SOON_S) == -signal.SIGKILL
    eventually(free)
    why, taken = losing.lost(str(root), place.name_of("one"))
    assert "nothing was heard of the controller for 3 s" in str(why)
    assert not taken
    assert json.loads((root / "runs" / "one" / "lease-lost.json").read_text())["why"] == "silence"


def test_a_stranger_keeps_nothing(machine: Path, tmp_path: Path) -> None:
    """Who lacks the token, or talks nonsense, is sent away, and is no sign of life."""
    del machine
    where = taking.take(told("one", tmp_path, SILENCE_S))
    begun = time.monotonic()
    for said in (
        b'{"token": "two", "do": "keep"}\n',
        b'{"token": 1}\n',
        b"[" * 5000 + b"\n",
        b"x" * 20000,
        b"\xff\n",
    ):
        with socket.socket(socket.AF_UNIX) as stranger:
            stranger.connect(str(where / "keep"))
            stranger.sendall(said)
            stranger.settimeout(5)
            try:
                while stranger.recv(4096):
                    pass
            except ConnectionError:
                pass
    eventually(free)
    assert time.monotonic() - begun < SOON_S


def test_a_break_stops_what_runs(machine: Path, tmp_path: Path) -> None:
    """stop.yml ends the lease of whichever run; what ran is gone when it returns, and who did it is noted."""
    root = tmp_path / "root"
    with k6(root) as process:
        where = taking.take(told("one", root))
        assert (where / "break").stat().st_mode & 0o777 == 0o600
        assert taking.broken("ann") is None
        assert process.wait(0) == -signal.SIGKILL
    assert free()
    assert not machine.exists()
    assert "ann ended the run with stop.yml" in str(losing.lost(str(root), place.name_of("one"))[0])
    assert taking.end("ann") is None


def test_the_lease_of_a_killed_holder_is_no_longer_held(machine: Path, tmp_path: Path) -> None:
    """A holder that was killed leaves files, but no lock: the next run has the machine, and tidies up."""
    del machine
    where = taking.take(told("one", tmp_path))
    listed = subprocess.run(["pgrep", "-f", str(where)], capture_output=True, text=True, check=True)
    os.kill(int(listed.stdout), signal.SIGKILL)
    eventually(lambda: not place.held(place.name_of("one")))
    assert where.exists()
    long_ago = time.time() - 3600
    os.utime(where, (long_ago, long_ago))
    taking.take(told("two", tmp_path))
    assert not where.exists()


def test_a_run_takes_its_lease_anew_while_the_one_it_lost_ends(machine: Path, tmp_path: Path) -> None:
    """That holder stops what runs, removes the directory that the new one needs, and frees the lock last."""
    del machine
    where = place.directory(place.name_of("one"))
    where.mkdir()
    lock = place.lock()
    assert lock is not None

    def end() -> None:
        time.sleep(4)  # what runs is stopped; longer than anybody else's lock is waited for
        until = time.monotonic() + 1
        while time.monotonic() < until:
            shutil.rmtree(where, ignore_errors=True)
        place.unlock(lock)

    ending = threading.Thread(target=end)
    ending.start()
    assert taking.take(told("one", tmp_path)) == where
    assert not ending.is_alive()
    assert place.held(place.name_of("one"))


def test_runs_that_begin_at_once_are_told_of_each_other(machine: Path, tmp_path: Path) -> None:
    """One has the machine; each other is told who that is, and nothing of it is left."""
    outcomes: list[object] = []

    def take(name: str) -> None:
        try:
            outcomes.append(taking.take(told(name, tmp_path)))
        except taking.HeldError as error:
            outcomes.append((error.who or {}).get("run_id"))

    takers = [threading.Thread(target=take, args=(name,)) for name in ("one", "two", "three")]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join(SOON_S)
    [where] = [outcome for outcome in outcomes if isinstance(outcome, Path)]
    holder = place.holder()
    assert holder is not None
    assert sorted(map(str, outcomes)) == sorted([str(where), holder["run_id"], holder["run_id"]])
    assert sorted(path.name for path in machine.parent.iterdir()) == sorted(["lease", where.name])


@pytest.mark.parametrize("squatter", ["directory", "fifo", "link", "unreadable"])
def test_something_else_at_the_locks_place(machine: Path, tmp_path: Path, squatter: str) -> None:
    """What is no file that everybody may read is named with its owner and what to do; nobody waits for it."""
    make: dict[str, Callable[[], object]] = {
        "directory": machine.mkdir,
        "fifo": lambda: os.mkfifo(machine),
        "link": lambda: machine.symlink_to("/dev/zero"),
        "unreadable": lambda: machine.touch(0o000),
    }
    make[squatter]()
    if squatter == "unreadable" and os.geteuid() == 0:
        assert taking.take(told("one", tmp_path)).is_dir()
        return
    with pytest.raises(place.PlaceError, match=r"cannot be used .* Remedy: look what it is, then sudo rm -r"):
        taking.take(told("one", tmp_path))


def test_somebody_who_locks_and_says_nothing(machine: Path, tmp_path: Path) -> None:
    """A lock that a program of no Tripod holds refuses a run within seconds; so does a liar's socket."""
    machine.touch()
    liar = machine.with_name("lease-liar")
    liar.mkdir()
    with machine.open() as file, socket.socket(socket.AF_UNIX) as silent:
        fcntl.flock(file, fcntl.LOCK_EX)
        silent.bind(str(liar / "keep"))
        silent.listen()
        begun = time.monotonic()
        with pytest.raises(taking.HeldError) as refused:
            taking.take(told("one", tmp_path))
        assert refused.value.who is None
        assert time.monotonic() - begun < 10
        assert sorted(path.name for path in machine.parent.iterdir()) == ["lease", "lease-liar"]
        assert "does not say what it is" in str(taking.broken("ann"))
