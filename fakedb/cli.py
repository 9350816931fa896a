"""The command line: `python -m fakedb --sleep MS --listen ADDRESS:PORT`."""

import argparse
import asyncio
import errno
import gc
import os
import re
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress

import uvloop

from fakedb import latency
from fakedb.server import DRAIN_LIMIT_S, running

EXIT_USAGE = 2
EXIT_DROPPED = 3
EXIT_CANNOT_LISTEN = 97
EXIT_PORT_IN_USE = 98

_LISTEN = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\s:\[\]]+)):(?P<port>[0-9]{1,5})", re.ASCII
)
_SECONDS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?", re.ASCII)
MAX_DRAIN_S = 3600
_DRAIN_ALLOWED = f"a number of seconds from 0 to {MAX_DRAIN_S}, such as 4 or 0.5"
# Each connection is a file. A Mac's default is 256.
_FILES_WANTED = 10_240


class CannotListen(Exception):  # noqa: N818 - reads as what happened
    """The address cannot be listened on; carries the exit code."""

    def __init__(self, message: str, code: int) -> None:
        """Keep the exit code beside the message."""
        super().__init__(message)
        self.code = code


def _sleep(text: str) -> int:
    try:
        return latency.parse_sleep_ns(text)
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(str(wrong)) from None


def _listen(text: str) -> tuple[str, int]:
    match = _LISTEN.fullmatch(text)
    if match is None or int(match["port"]) > 65_535:  # noqa: PLR2004 - the largest port
        allowed = (
            "ADDRESS:PORT with a port from 0 (any free one) to 65535, such as 127.0.0.1:8001 or [::1]:8001"
        )
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: {allowed}")
    return match["v6"] or match["host"], int(match["port"])


def _drain(text: str) -> float:
    match = _SECONDS.fullmatch(text)
    if match is None or float(text) > MAX_DRAIN_S:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; allowed: {_DRAIN_ALLOWED}")
    return float(text)


def _parser() -> argparse.ArgumentParser:
    codes = (
        f"exit codes: 0 stopped by SIGTERM or SIGINT, everything answered; {EXIT_USAGE} wrong arguments; "
        f"{EXIT_DROPPED} stopped, but answers were not due within the time of --drain and were dropped; "
        f"{EXIT_CANNOT_LISTEN} the address cannot be listened on; {EXIT_PORT_IN_USE} the port is in use"
    )
    parser = argparse.ArgumentParser(
        prog="python -m fakedb",
        description="Answer HTTP requests after an exact latency.",
        epilog=codes,
        allow_abbrev=False,
    )
    parser.add_argument("--sleep", type=_sleep, required=True, metavar="MS", help=latency.ALLOWED)
    parser.add_argument("--listen", type=_listen, required=True, metavar="ADDRESS:PORT")
    parser.add_argument(
        "--drain",
        type=_drain,
        default=DRAIN_LIMIT_S,
        metavar="SECONDS",
        help=f"how long a stop waits for answers that are owed, {_DRAIN_ALLOWED} (default: %(default)g)",
    )
    return parser


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address. Raises CannotListen, which says why and what to do."""
    where = f"{f'[{host}]' if ':' in host else host}:{port}"
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family)
    except OSError as wrong:
        if wrong.errno == errno.EADDRINUSE:
            raise CannotListen(
                f"port {port} of {where} is in use by another process; "
                f"see which one: lsof -nP -iTCP:{port} -sTCP:LISTEN (or: ss -ltnp 'sport = :{port}')",
                EXIT_PORT_IN_USE,
            ) from wrong
        reason = wrong.strerror or str(wrong)
        raise CannotListen(
            f"cannot listen on {where}: {reason}; give --listen an address of this host", EXIT_CANNOT_LISTEN
        ) from wrong


def _allow_many_connections() -> None:
    """Raise the soft limit of open files where it is low and the hard one lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(_FILES_WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):  # the old limit still serves
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(listener: socket.socket, sleep_ns: int, drain_s: float) -> int:
    """Serve until SIGTERM or SIGINT; return how many answers were dropped."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(listener, sleep_ns=sleep_ns, service=os.environ.get("TRIPOD_SERVICE")) as database:
        # Nothing that exists by now will be garbage: spare the collector looking at it while answers are due.
        gc.collect()
        gc.freeze()
        print(
            f"fakedb: listening on {database.url}, sleep {latency.to_ms(sleep_ns)} ms, pid {os.getpid()}",
            flush=True,
        )
        await stop.wait()
        return await database.drain(limit_s=drain_s)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server; returns the exit code. Wrong arguments raise SystemExit(2)."""
    arguments = _parser().parse_args(argv)
    _allow_many_connections()
    try:
        listener = bind(*arguments.listen)
    except CannotListen as wrong:
        print(f"fakedb: {wrong}", file=sys.stderr)
        return wrong.code
    dropped = uvloop.run(_serve(listener, arguments.sleep, arguments.drain))
    if dropped:
        print(
            f"fakedb: dropped {dropped} answers that were not due within {arguments.drain:g} s",
            file=sys.stderr,
        )
        return EXIT_DROPPED
    return 0
