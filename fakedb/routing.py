"""From a request's method and target to what should be done about it."""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from urllib.parse import parse_qs, unquote

import httptools

from fakedb.latency import parse_sleep_ns


class Kind(Enum):
    """What a request asks for."""

    VALUE = "value"
    STATS = "stats"
    RESET = "reset"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Route:
    """What to answer. `sleep_ns` is the request's own latency, or None for the server's."""

    kind: Kind
    head_only: bool = False
    sleep_ns: int | None = None
    status: int = 200
    message: str = ""
    # False where the bytes that follow cannot be trusted to be a request.
    keep_alive: bool = True


def error(status: int, message: str, *, keep_alive: bool, head_only: bool = False) -> Route:
    """Build the route that refuses with `status` and says why."""
    return Route(Kind.ERROR, head_only=head_only, status=status, message=message, keep_alive=keep_alive)


# Method and target: the methods that a reserved path allows.
_RESERVED = {"/stats": (Kind.STATS, ("GET", "HEAD")), "/stats/reset": (Kind.RESET, ("POST",))}


# A client repeats a handful of targets, so that the cache takes routing out of the cost of a request; the
# bound keeps clients that make every target unique from filling the memory.
@lru_cache(maxsize=1024)
def route(method: bytes, target: bytes) -> Route:
    """Decide about one well-formed request; never raises."""
    head_only = method == b"HEAD"
    if method == b"CONNECT":
        return error(400, "CONNECT is not allowed: this is not a proxy", keep_alive=False)
    try:
        url = httptools.parse_url(target)
        path, query = unquote((url.path or b"/").decode("ascii")), (url.query or b"").decode("ascii")
    except (httptools.HttpParserInvalidURLError, UnicodeDecodeError):
        return error(400, f"target {target[:100]!r} is not a URL", keep_alive=False, head_only=head_only)
    if path in _RESERVED:
        kind, methods = _RESERVED[path]
        if method.decode("ascii") in methods:
            return Route(kind, head_only=head_only)
        allowed = " or ".join(methods)
        message = f"method {method.decode('ascii')} is not allowed for {path}; allowed: {allowed}"
        return error(405, message, keep_alive=True, head_only=head_only)
    return _value(query, head_only=head_only)


def _value(query: str, *, head_only: bool) -> Route:
    """Route a request for a value, with the latency that its query may ask for."""
    try:
        asked = parse_qs(query, keep_blank_values=True).get("sleep", [])
        if len(asked) > 1:
            raise ValueError(f"is given {len(asked)} times; allowed: once")  # noqa: TRY301 - one message for both
        sleep_ns = parse_sleep_ns(asked[0]) if asked else None
    except ValueError as wrong:
        return error(400, f"sleep {wrong}", keep_alive=True, head_only=head_only)
    return Route(Kind.VALUE, head_only=head_only, sleep_ns=sleep_ns)
