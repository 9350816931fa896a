"""Stopping programs under a real supervisord: whoever returns, they have ended."""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from ansible.module_utils.tripod.supervisor import Supervisor

SLOW = """
import signal, sys, time
def end(*_):
    time.sleep(0.2)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
while True:
    time.sleep(60)
"""


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """Give one with two programs that take a moment to end; at the end nothing of it is left."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # a socket's path is short
        home = Path(folder) / "supervisor"
        home.mkdir()
        script = home / "slow.py"
        script.write_text(SLOW)
        python = shlex.quote(sys.executable.replace("%", "%%"))  # supervisor interpolates
        programs = "".join(
            f"[program:{name}]\ncommand={python} {script}\nautostart=false\nautorestart=false\n"
            f"startsecs=0\nstopwaitsecs=5\nredirect_stderr=true\nstdout_logfile={home}/{name}.log\n"
            for name in ("one", "other")
        )
        (home / "supervisord.conf").write_text(
            f"[supervisord]\nlogfile={home}/supervisord.log\npidfile={home}/supervisord.pid\nsilent=true\n"
            f"[unix_http_server]\nfile={home}/socket\n"
            "[rpcinterface:supervisor]\n"
            "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
            f"[supervisorctl]\nserverurl=unix://{home}/socket\n{programs}"
        )
        keeper = Supervisor(Path(folder))
        yield keeper
        keeper.end()


def started(supervisor: Supervisor) -> list[int]:
    """Start both programs, wait until they can end slowly, and return their PIDs."""
    for name in ("one", "other"):
        assert supervisor.start(name) is None
        while supervisor.log_tail(name) != ["ready"]:
            assert supervisor.main_pid(name)
    return [pid for name in ("one", "other") if (pid := supervisor.main_pid(name))]


def living(pids: list[int]) -> list[int]:
    """Return those that run; one that is ending, or whose zombie is left, has no command line any more."""
    found = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            found += [pid] if psutil.Process(pid).cmdline() else []
    return found


def test_one_is_stopped_and_the_other_is_not(supervisor: Supervisor) -> None:
    """A stop waits for its program alone; to stop it again, or one that there is not, is no fault."""
    one, other = started(supervisor)
    for name in ("one", "one", "none"):
        supervisor.stop(name)
    assert living([one, other]) == [other]
    assert supervisor.running() == ["other"]


def test_all_are_stopped_and_can_start_again(supervisor: Supervisor) -> None:
    """The daemon stays, for the next trial."""
    pids = started(supervisor)
    supervisor.stop_all()
    assert living(pids) == []
    assert supervisor.running() == []
    assert not set(started(supervisor)) & set(pids)


def test_the_end_leaves_nothing(supervisor: Supervisor) -> None:
    """Programs have ended, and so has supervisord; there is nothing to end then."""
    pids = started(supervisor)
    daemon = psutil.Process(pids[0]).ppid()
    supervisor.end()
    assert living([*pids, daemon]) == []
    supervisor.end()
    assert supervisor.running() == []
