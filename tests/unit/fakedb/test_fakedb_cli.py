"""`python -m fakedb` as a process: its arguments, exit codes and signals."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from tripod.hosts import definitions

GET = b"GET /value HTTP/1.1\r\nHost: db\r\n\r\n"


class Running(NamedTuple):
    """A running process and where it listens."""

    process: subprocess.Popen[str]
    port: int

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)


@contextmanager
def fakedb(
    *arguments: str, host: str = "127.0.0.1", service: str = "tripod-fakedb-test"
) -> Iterator[Running]:
    """Start the command on a free port and wait for its first line."""
    command = [sys.executable, "-m", "fakedb", "--listen", f"{host}:0", *arguments]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TRIPOD_SERVICE": service},
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"listening on http://\S+:(\d+), sleep \S+ ms, pid (\d+)", line)
            assert found, line
            assert int(found[2]) == process.pid
            yield Running(process, int(found[1]))
        finally:
            process.kill()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "fakedb", *arguments], capture_output=True, text=True, timeout=20, check=False
    )


def read_all(client: socket.socket) -> bytes:
    """Read until the server ends the connection."""
    client.settimeout(20)
    return b"".join(iter(lambda: client.recv(65_536), b""))


def read_answer(client: socket.socket) -> bytes:
    """Read one value."""
    client.settimeout(20)
    data = b""
    while b'{"value": ' not in data or not data.endswith(b"}"):
        data += client.recv(65_536)
    return data


def test_the_command_serves_and_identifies_itself() -> None:
    """Stats carry the process's pid, the service's name from the environment, and the latency asked for."""
    with fakedb("--sleep", "2.5") as db, socket.create_connection(("127.0.0.1", db.port)) as client:
        client.sendall(GET + b"GET /stats HTTP/1.1\r\nConnection: close\r\n\r\n")
        shown = json.loads(read_all(client).split(b"\r\n\r\n")[2])
        assert (shown["pid"], shown["service"], shown["sleep_ms"]) == (
            db.process.pid,
            "tripod-fakedb-test",
            2.5,
        )
        assert (shown["requests"], shown["latency_error_ms"]["early"]) == (1, 0)
        assert db.stop() == 0


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_an_ipv6_address_in_brackets_is_listened_on() -> None:
    """`[::1]:PORT` works like an IPv4 address."""
    with fakedb("--sleep", "0", host="[::1]") as db, socket.create_connection(("::1", db.port)) as client:
        client.sendall(GET)
        assert read_answer(client).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("arguments", "parameter", "value"),
    [
        (["--sleep", "abc", "--listen", "127.0.0.1:0"], "--sleep", "'abc'"),
        (["--sleep", "-5", "--listen", "127.0.0.1:0"], "--sleep", "'-5'"),
        (["--sleep", "", "--listen", "127.0.0.1:0"], "--sleep", "''"),
        (["--sleep", "nan", "--listen", "127.0.0.1:0"], "--sleep", "'nan'"),
        (["--sleep", "25", "--listen", "127.0.0.1"], "--listen", "'127.0.0.1'"),
        (["--sleep", "25", "--listen", "127.0.0.1:70000"], "--listen", "'127.0.0.1:70000'"),
        (["--sleep", "25", "--listen", "::1:80"], "--listen", "'::1:80'"),
        (["--sleep", "25", "--listen", ":80"], "--listen", "':80'"),
        (["--sleep", "25", "--listen", "127.0.0.1:0", "--drain", "-1"], "--drain", "'-1'"),
        (["--sleep", "25", "--listen", "127.0.0.1:0", "--drain", "1e3"], "--drain", "'1e3'"),
        (["--sleep", "25", "--listen", "127.0.0.1:0", "--drain", "9999"], "--drain", "'9999'"),
    ],
)
def test_wrong_arguments_are_named_with_what_is_allowed(
    arguments: list[str], parameter: str, value: str
) -> None:
    """Exit code 2 and one message: parameter, value found, values allowed."""
    result = run(*arguments)
    assert result.returncode == 2
    assert f"argument {parameter}: {value} is not allowed; allowed: " in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["--sleep", "25"], ["--listen", "127.0.0.1:0"], ["--sleeep", "25"]]
)
def test_missing_and_unknown_arguments_are_usage_errors(arguments: list[str]) -> None:
    """Both arguments are required, and misspelt ones are not guessed at."""
    result = run(*arguments)
    assert result.returncode == 2
    assert "usage: python -m fakedb" in result.stderr


def test_a_port_in_use_has_a_message_and_a_code_of_its_own() -> None:
    """Exit code 98, naming the port and the command that shows who holds it; the holder is unharmed."""
    with fakedb("--sleep", "0") as db:
        result = run("--sleep", "25", "--listen", f"127.0.0.1:{db.port}")
        assert result.returncode == 98
        assert result.stderr.startswith(
            f"fakedb: port {db.port} of 127.0.0.1:{db.port} is in use by another process"
        )
        assert f"lsof -nP -iTCP:{db.port} -sTCP:LISTEN" in result.stderr
        assert "Traceback" not in result.stderr
        with socket.create_connection(("127.0.0.1", db.port)) as client:
            client.sendall(GET)
            assert b" 200 OK" in read_answer(client)


@pytest.mark.parametrize("address", ["192.0.2.1:0", "no-such-host.invalid:0"])
def test_an_address_of_another_host_is_refused(address: str) -> None:
    """Exit code 97, naming the address."""
    result = run("--sleep", "25", "--listen", address)
    assert result.returncode == 97
    assert f"cannot listen on {address}: " in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_what_is_in_flight_and_exits_0(number: int) -> None:
    """Answers in flight are given, after their full latency; idle connections end; the exit code is 0."""
    with (
        fakedb("--sleep", "400") as db,
        socket.create_connection(("127.0.0.1", db.port)) as waiting,
        socket.create_connection(("127.0.0.1", db.port)) as idle,
        socket.create_connection(("127.0.0.1", db.port)) as unfinished,
    ):
        unfinished.sendall(GET[:10])
        began = time.perf_counter()
        waiting.sendall(GET * 2)
        time.sleep(0.1)
        db.process.send_signal(number)
        answers = read_all(waiting)
        assert time.perf_counter() - began >= 0.4
        assert answers.count(b"HTTP/1.1 200 OK") == 2
        assert answers.count(b"Connection: close") == 1  # the last one says that it is the last
        assert (read_all(idle), read_all(unfinished)) == (b"", b"")
        assert db.process.wait(20) == 0


def test_while_draining_no_new_client_is_accepted() -> None:
    """Soon after the signal the port is closed, though answers are still owed."""
    with fakedb("--sleep", "1500") as db, socket.create_connection(("127.0.0.1", db.port)) as waiting:
        waiting.sendall(GET)
        time.sleep(0.1)
        db.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", db.port))
        assert b" 200 OK" in read_all(waiting)
        assert db.process.wait(20) == 0


def test_what_was_sent_before_the_signal_is_answered() -> None:
    """Clients that were not even accepted when the signal came are answered, not reset."""
    with fakedb("--sleep", "5") as db:
        db.process.send_signal(signal.SIGSTOP)  # so that all of it waits for the process at once
        clients = [socket.create_connection(("127.0.0.1", db.port)) for _ in range(40)]
        for client in clients:
            client.sendall(GET)
        db.process.send_signal(signal.SIGTERM)
        db.process.send_signal(signal.SIGCONT)
        assert [read_all(client).count(b" 200 OK") for client in clients] == [1] * 40
        assert db.process.wait(20) == 0
        for client in clients:
            client.close()


def test_answers_that_take_too_long_are_dropped_with_a_message() -> None:
    """A drain is bounded: what is left then is dropped, with a count of it, and the exit code is 3."""
    with (
        fakedb("--sleep", "60000", "--drain", "1.5") as db,
        socket.create_connection(("127.0.0.1", db.port)) as waiting,
    ):
        waiting.sendall(GET * 3)
        time.sleep(0.1)
        began = time.perf_counter()
        assert db.stop() == 3
        assert 1.4 < time.perf_counter() - began < 50  # their answers were due after 60 s
        assert db.process.stderr is not None
        assert "dropped 3 answers" in db.process.stderr.read()


def test_as_a_service_it_ends_by_itself_before_it_is_killed() -> None:
    """As deploy defines it: with answers due long after the stop it still exits with 3 within its time."""
    service = {"name": "tripod-fakedb-db60000", "db_sleep_ms": 60_000}
    (definition,) = definitions.fakedbs([service], "/r", "127.0.0.1:0")
    words = definition["command"].split()
    assert words[:3] == ["/r/envs/fakedb/bin/python", "-m", "fakedb"]
    given = [word for word in words[3:] if word not in {"--listen", "127.0.0.1:0"}]
    with fakedb(*given) as db, socket.create_connection(("127.0.0.1", db.port)) as waiting:
        waiting.sendall(GET)
        time.sleep(0.1)
        db.process.terminate()
        assert db.process.wait(definition["stop_seconds"]) == 3
