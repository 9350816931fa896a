"""What keeps a host's lease for an ansible-playbook, with real processes in the places of both."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOON_S = 20.0
# A host's side: writes down what it hears, and says that the lease is kept; a release ends it.
_HOST = """
import sys
with open(sys.argv[1], "a") as heard:
    for line in sys.stdin:
        print(line.strip() or "beat", file=heard, flush=True)
        print("released" if "release" in line else "kept", flush=True)
        if "release" in line:
            break
"""
# ansible-playbook's side: one worker starts the keeper and ends, another lives on; then what `argv[3]` says.
_CONTROLLER = """
import multiprocessing, os, sys, time
from tripod.lease import keeper, ownership
owner = ownership.begin()
fork = multiprocessing.get_context("fork")
def start():
    order = keeper.Order([sys.executable, "-c", sys.argv[1], sys.argv[2]], "a token", 0.2, 10)
    keeper.start(order, owner.keepers_end)
first, second = fork.Process(target=start), fork.Process(target=time.sleep, args=(4,), daemon=True)
first.start(); second.start(); first.join()
print(first.exitcode, flush=True)
input()
exec(sys.argv[3])
"""


def eventually(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def channels(heard: Path) -> list[int]:
    """Return the PIDs of the host's side."""
    listed = subprocess.run(["pgrep", "-f", f"{heard}$"], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listed.stdout.split()]


def controller(heard: Path, ending: str = "owner.release()", host: str = _HOST) -> subprocess.Popen[str]:
    """Start the controller's side, and wait until the host is kept."""
    process = subprocess.Popen(
        [sys.executable, "-c", _CONTROLLER, host, str(heard), ending],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "0\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Let the controller come to its end."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.close()


def test_a_host_is_kept_until_the_end_and_released(tmp_path: Path) -> None:
    """It hears the token, then a sign now and then, though the worker has ended, and last the release."""
    heard = tmp_path / "heard"
    with controller(heard) as process:
        eventually(lambda: heard.read_text().count("beat") > 2)
        end(process)
        assert process.wait(SOON_S) == 0
        lines = heard.read_text().splitlines()
        assert lines[0] == '{"token": "a token", "do": "keep"}'
        assert lines[-1] == '{"token": "a token", "do": "release"}'


@pytest.mark.parametrize(
    "ending", ["os.kill(os.getpid(), 9)", "owner.abandon(); time.sleep(20)", "os._exit(1)"]
)
def test_a_controller_that_is_gone_releases_nothing(tmp_path: Path, ending: str) -> None:
    """Killed, or without an orderly end: the channel closes at once, though a worker lives on."""
    heard = tmp_path / "heard"
    with controller(heard, ending) as process:
        begun = time.monotonic()
        end(process)
        eventually(lambda: not channels(heard))
        assert time.monotonic() - begun < 3  # the worker that lives on ends after 4 s
        assert "release" not in heard.read_text()
        process.kill()


def test_a_lost_channel_is_opened_again(tmp_path: Path) -> None:
    """What carries the channel is killed: another one tells the token anew."""
    heard = tmp_path / "heard"
    with controller(heard) as process:
        for pid in channels(heard):
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: heard.read_text().count('"keep"') == 2)
        end(process)
        assert process.wait(SOON_S) == 0
        assert heard.read_text().splitlines()[-1].endswith('"release"}')


def test_a_host_that_is_away_at_the_end_is_released_when_it_is_back(tmp_path: Path) -> None:
    """The ansible-playbook waits for it for seconds only; its keeper does longer, and tells the release."""
    heard, away = tmp_path / "heard", tmp_path / "away"
    host = f"import os, time\nwhile os.path.exists({str(away)!r}): time.sleep(0.05)\n{_HOST}"
    with controller(heard, host=host) as process:
        away.touch()
        for pid in channels(heard):
            os.kill(pid, signal.SIGKILL)
        end(process)
        assert process.wait(SOON_S) == 0
        assert "release" not in heard.read_text()
        away.unlink()
        eventually(lambda: heard.read_text().endswith('"release"}\n'))


def keeper(code: str, *arguments: str) -> str:
    """Run a program that starts a keeper; return what it printed."""
    program = f"import socket, sys\nfrom tripod.lease import keeper\nmine, its = socket.socketpair()\n{code}"
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=SOON_S)
    return done.stdout


def test_a_password_is_typed_where_it_is_asked_for(tmp_path: Path) -> None:
    """The command asks at a terminal of its own, as SSH does, and is told there and nowhere else."""
    typed = tmp_path / "typed"
    asks = f"import getpass\nprint(getpass.getpass('ann@host password: '), file=open({str(typed)!r}, 'w'))\n"
    keeper(
        "order = keeper.Order([sys.executable, '-c', *sys.argv[1:]], 't', 0.2, 10, 'geheim ä')\n"
        "keeper.start(order, its.fileno())",
        asks + _HOST,
        str(tmp_path / "heard"),
    )
    assert typed.read_text(encoding="utf-8") == "geheim ä\n"


def test_what_the_channel_says_is_told() -> None:
    """A channel that cannot be opened is an error with its own words, and no keeper is left."""
    said = keeper(
        "order = keeper.Order(['sh', '-c', 'echo no such host'], 't', 1, 10)\n"
        "try: keeper.start(order, its.fileno())\n"
        "except keeper.ChannelError as error: print('told:', error)"
    )
    assert said == "told: no such host\n"
