"""From bytes to requests: HTTP/1.1 parsing within limits, free of I/O and of time."""

from dataclasses import dataclass
from typing import NamedTuple

import httptools

from fakedb.routing import Route, error, route


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the server one client may hold."""

    head_bytes: int = 16 * 1024  # request line and headers; beyond: 431
    body_bytes: int = 64 * 1024  # payload; beyond: 413
    request_timeout_s: float = 5.0  # from a request's first byte to its last; beyond: 408
    pipelined: int = 1000  # answers owed to one connection; beyond: it is not read from until some are given
    linger_s: float = 1.0  # after an error, how long the client may take to read it and close


class Request(NamedTuple):
    """One whole request, and whether the client wants to send another on the same connection."""

    route: Route
    keep_alive: bool


# Chunked framing costs wire bytes that are not payload: 6 for a chunk of one. Beyond this factor, a client
# that sends chunk extensions or trailers without end is refused like one that sends too much payload.
_FRAMING_FACTOR = 8
_LENGTH = b"content-length"


class RequestReader:
    """Reads one connection's requests. After a refusal or a last request, further bytes are ignored."""

    def __init__(self, limits: Limits) -> None:
        """Begin between two requests."""
        self._limits = limits
        self._requests: list[Request] = []
        self._last = False  # no request may follow
        self._url = b""
        self._body_bytes = 0
        self._declared_bytes = 0
        self._in_head = False
        # Head and body are the phases of a message. `_span` counts a phase's bytes; `_phase` numbers the
        # phases, so that feeding shows whether one began or ended within the bytes fed.
        self._phase = 0
        self._span = 0
        self.in_message = False
        self.refusal: Route | None = None
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)

    def feed(self, data: bytes) -> list[Request]:
        """Return the requests that `data` completes; `refusal` is set if it cannot be read on."""
        requests: list[Request] = []
        self._requests = requests
        position = 0
        while position < len(data) and not self._last:
            # Cut so that a head which exceeds its limit is seen to, at the exact byte.
            room = self._limits.head_bytes - (self._span if self._in_head else 0)
            piece = data[position : position + room]
            position += room
            self._feed_piece(piece)
        if self._last:
            self.in_message = False  # whatever has begun will not be answered
        return requests

    def close(self) -> None:
        """Break the reference cycle with the parser: the memory returns without the garbage collector."""
        self._last = True
        self._parser = None

    def _feed_piece(self, piece: bytes) -> None:
        if self._parser is None:  # closed by a callback further up
            return
        before, was_in_message = self._phase, self.in_message
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            # Upgrades are ignored, as HTTP allows; what the client sends next may be another protocol.
            self._last = True
        except httptools.HttpParserError as wrong:
            if self._body_bytes > self._limits.body_bytes:
                self._refuse(413, f"request body exceeds {self._limits.body_bytes} bytes")
            elif not self._last:  # bytes after `Connection: close` are the client's affair
                self._refuse(400, f"malformed request: {wrong}")
        else:
            self._measure(len(piece), begun=not was_in_message, phases=self._phase - before)

    def _measure(self, size: int, *, begun: bool, phases: int) -> None:
        """Hold the phase in progress against its limit.

        A phase that begins in the midst of a piece, behind pipelined requests, counts from the next piece on.
        """
        if not self.in_message:
            self._span = 0
            return
        if phases == 0:
            self._span += size
        else:
            self._span = size if begun and phases == 1 else 0
        if self._in_head and self._span >= self._limits.head_bytes:
            self._refuse(431, f"request line and headers exceed {self._limits.head_bytes} bytes")
        elif not self._in_head and self._span > self._limits.body_bytes * _FRAMING_FACTOR:
            self._refuse(
                413, f"request body's framing exceeds {self._limits.body_bytes * _FRAMING_FACTOR} bytes"
            )

    def _refuse(self, status: int, message: str) -> None:
        self._last = True
        self.in_message = False
        self.refusal = error(status, message, keep_alive=False)

    # What follows is called by httptools, in the order of the message.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.in_message = self._in_head = True
        self._phase += 1
        self._url = b""
        self._body_bytes = self._declared_bytes = 0

    def on_url(self, part: bytes) -> None:
        """Collect the target, which comes in parts if the bytes did."""
        self._url = self._url + part if self._url else part

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note the declared length, the one header that matters here; this costs 0.7 µs a request."""
        if len(name) == len(_LENGTH) and name.lower() == _LENGTH and value.isdigit():
            self._declared_bytes = int(value)

    def on_headers_complete(self) -> None:
        """End the head, begin the body; one that is declared too large is not waited for."""
        self._in_head = False
        self._phase += 1
        if self._declared_bytes > self._limits.body_bytes:
            self._body_bytes = self._declared_bytes
            raise ValueError("body too large")  # stops the parser; _feed_piece answers

    def on_body(self, part: bytes) -> None:
        """Discard the body, but not without end."""
        self._body_bytes += len(part)
        if self._body_bytes > self._limits.body_bytes:
            raise ValueError("body too large")  # stops the parser; _feed_piece answers

    def on_message_complete(self) -> None:
        """Add the finished request."""
        parser = self._parser
        self.in_message = False
        self._phase += 1
        if parser is None or self._last:
            return
        wanted = route(parser.get_method(), self._url)
        keep_alive = wanted.keep_alive and parser.should_keep_alive() and not parser.should_upgrade()
        self._last = not keep_alive
        self._requests.append(Request(wanted, keep_alive))
