"""What Tripod must know of a server program: how it is told where to listen, and what it must run.

A row of the matrix shows the command as a person would type it; the bind address goes through the
environment.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tripod.catalogue import patience
from tripod.catalogue.apps import app_at

_SAFE = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,:/@{} '\"")


@dataclass(frozen=True)
class Server:
    """A server program.

    Attributes:
        bind: environment that makes it listen at `{address}` and `{port}`.
        bind_options: options of its command line that would override `bind`, open another port, or name
            a file that nobody has read; a row must not carry them.
        flags: letters of its short options without a value, which others may follow in one word.
        abbreviates: whether it takes the beginning of a long option's name for the name.

    """

    bind: dict[str, str]
    bind_options: tuple[str, ...]
    flags: str = ""
    abbreviates: bool = False

    def binds(self, word: str) -> bool:
        """Return whether a word of its command line is one of `bind_options`, in any of its spellings."""
        name = word.split("=", 1)[0]
        if name.startswith("--"):
            return any(
                name == option or (self.abbreviates and name != "--" and option.startswith(name))
                for option in self.bind_options
            )
        shown = name[:1] + name[1:].lstrip(self.flags)  # `-Rb0.0.0.0:80` is `-R -b 0.0.0.0:80`
        return any(shown.startswith(option) for option in self.bind_options if not option.startswith("--"))


SERVERS: dict[str, Server] = {
    # The control socket's path is shared by all instances of a user, hence off (gunicorn >= 25).
    "gunicorn": Server(
        {"GUNICORN_CMD_ARGS": "--bind {address}:{port} --no-control-socket"},
        ("-b", "--bind", "-c", "--config"),
        flags="DR",
        abbreviates=True,
    ),
    "granian": Server(
        {"GRANIAN_HOST": "{address}", "GRANIAN_PORT": "{port}"},
        ("--host", "--port", "--uds", "--env-files", "--metrics"),
    ),
    "uvicorn": Server(
        {"UVICORN_HOST": "{address}", "UVICORN_PORT": "{port}"}, ("--host", "--port", "--uds", "--fd")
    ),
}

# Connections of a gunicorn worker of greenlets (its --worker-connections), each a request at most.
GREENLETS = 1000
_WORKERS = {"UvicornWorker": "with uvicorn's worker", "asgi": "with its ASGI worker"}
# Far beyond any command: shlex takes minutes for a word of a megabyte.
_LONGEST = 10_000
_GREEN = frozenset({"gevent", "eventlet"})

# The asyncio loop of `uvicorn --workers 2` answers keep-alive requests in 43.8 ms instead of 0.23 ms (no
# TCP_NODELAY on inherited sockets, Kludex/uvicorn#3149): uvloop must be seen to run, not just be asked for.
_UVICORN = {"loop": "uvloop", "http": "httptools"}


def check_command(command: str) -> str:
    """Return the program that a command template starts.

    Raises:
        ValueError: saying what is allowed, if Tripod cannot run the command as it is written.

    """
    strange = sorted(set(command) - _SAFE)
    if strange:
        # systemd and supervisor run no shell, and give %, $ and \ meanings of their own.
        raise ValueError(f"a plain command without shell syntax (found {' '.join(strange)!r})")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ValueError(f"a plain command ({error})") from None
    if not words or words[0] not in SERVERS:
        raise ValueError(f"a command that starts with one of {', '.join(sorted(SERVERS))}")
    for word in words[1:]:
        if SERVERS[words[0]].binds(word):
            raise ValueError(f"a command without {word}: where it listens comes from the environment alone")
    return words[0]


def program_of(command: str) -> str:
    """Return the server program of a command that `check_command` has passed."""
    return shlex.split(command)[0]


def bind_environment(
    command: str, address: str, port: int, call_s: float = patience.CALL_S
) -> dict[str, str]:
    """Return the environment that makes the command's server listen on `address`:`port` and nowhere else.

    A server that would kill a worker during a call to the database, which may take `call_s` seconds, is told
    to wait; what the command says itself goes before.
    """
    program = check_command(command)
    made = {name: value.format(address=address, port=port) for name, value in SERVERS[program].bind.items()}
    silence_s = patience.silence_s(call_s)
    if program == "gunicorn" and silence_s is not None:
        made["GUNICORN_CMD_ARGS"] += f" --timeout {silence_s}"
    return made


def own_timeout_s(command: str) -> int | None:
    """Return when the row has a silent worker killed, if it says so and the worker blocks; else None."""
    words = shlex.split(command)
    # With threads gunicorn takes gthread for sync; of all others the worker itself is never silent.
    blocks = words[0] == "gunicorn" and _option(words, "-k", "--worker-class") in {None, "sync"}
    if not blocks or (_option(words, "--threads") or "1") != "1":
        return None
    glued = [word[2:] for word in words if word.startswith("-t") and word[2:].isdecimal()]
    own = _option(words, "-t", "--timeout") or next(iter(glued), None)
    return int(own) if own and own.isdecimal() else None


def expected_identity(command: str) -> dict[str, str]:
    """Return what `/ready` must say for `loop` and `http` under this command; without a key, any will do."""
    words = shlex.split(command)
    if words[0] == "uvicorn":
        chosen = {"loop": _option(words, "--loop"), "http": _option(words, "--http")}
        return _UVICORN | {key: value for key, value in chosen.items() if value and value != "auto"}
    if words[0] == "granian":
        return _granian_identity(words)
    worker = _option(words, "-k", "--worker-class") or "sync"
    if worker.startswith(("uvicorn.", "uvicorn_worker.")) and worker.endswith(".UvicornWorker"):
        return dict(_UVICORN)
    if worker == "asgi":  # gunicorn's own, which takes uvloop where it finds it
        loop = _option(words, "--asgi-loop")
        return {"loop": "uvloop" if loop in {None, "auto"} else str(loop), "http": "gunicorn"}
    return {"loop": "gevent"} if worker == "gevent" else {}


def _granian_identity(words: list[str]) -> dict[str, str]:
    """Return granian's own parser, and for ASGI the loop: uvloop, which it takes where it finds it."""
    identity = {"http": "granian"}
    if (_option(words, "--interface") or "").startswith("asgi"):
        loop = _option(words, "--loop")
        identity["loop"] = "uvloop" if loop in {None, "auto"} else str(loop)
    return identity


def slots_of(command: str, mode: str, pool_max: int | None = None) -> int | None:
    """Return how many requests one worker works on at once; None if neither command nor pool sets a bound.

    The command may be that of a run from elsewhere, and be none at all.

    Args:
        command: the server's, complete.
        mode: `sync` where the application's handlers block, else `async`.
        pool_max: connections that a worker's pool may hold; None without a pool.

    """
    bounds = [bound for bound in (_slots_by(_words(command), mode), pool_max) if bound is not None]
    return min(bounds, default=None)


def has_greenlets(command: str) -> bool:
    """Return whether workers make a greenlet for each request that comes, and no more than those."""
    words = _words(command)
    return words[0] == "gunicorn" and _option(words, "-k", "--worker-class") in _GREEN


def _slots_by(words: Sequence[str], mode: str) -> int | None:
    if words[0] == "gunicorn":
        worker = _option(words, "-k", "--worker-class") or "sync"
        if worker in {"sync", "gthread"}:  # with threads gunicorn takes gthread for sync
            return _whole(_option(words, "--threads")) or 1
        if worker in _GREEN:
            return _whole(_option(words, "--worker-connections")) or GREENLETS
    if words[0] == "granian" and (_option(words, "--interface") or "") == "wsgi":
        return _whole(_option(words, "--blocking-threads"))
    app = app_at(words[-1])
    return app.thread_pool if app and mode == "sync" else None


def title_of(command: str) -> str:
    """Return the server program, and which of gunicorn's workers it is, as far as a foreign command tells."""
    words = _words(command)
    if words[0] != "gunicorn":
        return words[0]
    worker = _option(words, "-k", "--worker-class") or "sync"
    if worker == "sync" and (_option(words, "--threads") or "1") != "1":
        worker = "gthread"
    return f"gunicorn {_WORKERS.get(worker.rpartition('.')[2], worker)}"


def keeps_connections(command: str) -> bool:
    """Return whether the server answers several requests on a connection; gunicorn's sync worker does not."""
    words = _words(command)
    worker = _option(words, "-k", "--worker-class") or "sync"
    return not (words[0] == "gunicorn" and worker == "sync" and (_option(words, "--threads") or "1") == "1")


@lru_cache
def _words(command: str) -> tuple[str, ...]:
    """Return the words of a command, of which there is one at least, whatever it is.

    A table asks for those of a few commands again and again.
    """
    if len(command) <= _LONGEST:
        try:
            return tuple(shlex.split(command)) or ("",)
        except ValueError:
            pass
    return tuple(command.split()) or ("",)


def _whole(text: str | None) -> int | None:
    """Return a whole number above 0; None where there is none, or no sensible one."""
    return int(text) if text and re.fullmatch("[1-9][0-9]{0,5}", text) else None


def _option(words: Sequence[str], *names: str) -> str | None:
    """Return the value of an option, written as `--name value` or `--name=value`."""
    for position, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in names:
            return value if equals else (words[position + 1] if position + 1 < len(words) else None)
    return None
