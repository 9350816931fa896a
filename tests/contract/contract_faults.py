"""A database that misbehaves in one chosen way: everything that the real fake database never does."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_GOOD_BODY = b'{"value": 42}'
_LONG_BODY = _GOOD_BODY + b" " * 5_000_000


def _response(body: bytes, status: str = "200 OK", *, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode()
        + body
    )


def _head(header: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{header}\r\n\r\n".encode()


ANSWERS: dict[str, bytes] = {
    "status-500": _response(_GOOD_BODY, "500 Internal Server Error"),
    "status-404": _response(_GOOD_BODY, "404 Not Found"),
    "status-204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "redirect": _response(b"", "302 Found\r\nLocation: /good"),
    "not-json": _response(b"<p>42</p>"),
    "deep-json": _response(b"[" * 100_000),
    "empty": _response(b""),
    "no-value": _response(b'{"other": 42}'),
    "a-list": _response(b"[42]"),
    "a-string": _response(b'{"value": "42"}'),
    "a-fraction": _response(b'{"value": 42.5}'),
    "a-bool": _response(b'{"value": true}'),
    "not-http": b"\x00\xff 42\r\n\r\n",
    "not-gzip": _response(b"42", "200 OK\r\nContent-Encoding: gzip"),
    "cut-short": _response(_GOOD_BODY, length=100),
    "closed": b"",
    # These would be good, if they were short: applications that read them whole answer 200.
    "too-long": _response(_LONG_BODY),
    "too-long-chunked": _head("Transfer-Encoding: chunked")
    + b"%x\r\n%b\r\n0\r\n\r\n" % (len(_LONG_BODY), _LONG_BODY),
    "too-long-until-closed": _head("Connection: close") + _LONG_BODY,
    "too-long-packed": _response(gzip.compress(_LONG_BODY), "200 OK\r\nContent-Encoding: gzip"),
}
"""Fault → what is sent before the connection is closed."""

DRIPS: dict[str, bytes] = {
    "dripping-head": b"HTTP/1.1 200 OK\r\nX-Drip: " + b"x" * 100,
    "dripping-body": _response(b" " * 100, length=1000),
}
"""Fault → what is sent a few bytes each second, so that no single read is ever slow."""

_CHUNK = 10


@contextmanager
def misbehaving(port: int, fault: str) -> Iterator[None]:
    """Listen on `port`, and answer each `/value` with the fault; any other path gets a good answer."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        listener.settimeout(0.1)
        acceptor = threading.Thread(target=_accept, args=(listener, fault, stop))
        acceptor.start()
        try:
            yield
        finally:
            stop.set()
            acceptor.join()


def _accept(listener: socket.socket, fault: str, stop: threading.Event) -> None:
    threads = []
    while not stop.is_set():
        with suppress(TimeoutError):
            connection, _ = listener.accept()
            threads.append(threading.Thread(target=_serve, args=(connection, fault, stop)))
            threads[-1].start()
    for thread in threads:
        thread.join()


def _serve(connection: socket.socket, fault: str, stop: threading.Event) -> None:
    # An application that gave up has closed its end.
    with connection, suppress(OSError):
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(4096)
        if not request.startswith(b"GET /value "):
            connection.sendall(_response(_GOOD_BODY))
        elif fault in ANSWERS:
            connection.sendall(ANSWERS[fault])
        else:
            drip = DRIPS[fault]
            head, _, body = drip.partition(b"\r\n\r\n")
            if body:  # the head at once, so that only the body drips
                connection.sendall(head + b"\r\n\r\n")
            left = body or drip
            while left and not stop.wait(1.0):
                connection.sendall(left[:_CHUNK])
                left = left[_CHUNK:]
