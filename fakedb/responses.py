"""From answers to bytes."""

import json
from http import HTTPStatus
from random import getrandbits
from typing import Any

_HEAD = (
    "HTTP/1.1 {status} {phrase}\r\n"
    "Content-Type: application/json\r\n"
    "Connection: {connection}\r\n"
    "Content-Length: "
)


def _head(status: int, *, keep_alive: bool) -> bytes:
    connection = "keep-alive" if keep_alive else "close"  # said always: HTTP/1.0 clients need to hear it
    return _HEAD.format(status=status, phrase=HTTPStatus(status).phrase, connection=connection).encode()


# Every value has ten digits: every answer has the same size, and the commonest answer is one substitution.
_SMALLEST = 10**9
_BODY = b'{"value": %d}'
_VALUE = {
    keep_alive: _head(200, keep_alive=keep_alive) + b"%d\r\n\r\n" % len(_BODY % _SMALLEST)
    for keep_alive in (True, False)
}
_VALUE_WITH_BODY = {keep_alive: head + _BODY for keep_alive, head in _VALUE.items()}


def value(*, keep_alive: bool, head_only: bool) -> bytes:
    """Return the answer with one random value, from 1 000 000 000 up to 1 536 870 911."""
    if head_only:
        return _VALUE[keep_alive]
    return _VALUE_WITH_BODY[keep_alive] % (_SMALLEST + getrandbits(29))


def document(content: Any, *, status: int = 200, keep_alive: bool, head_only: bool) -> bytes:
    """Return the answer with `content` as JSON."""
    body = json.dumps(content).encode()
    head = _head(status, keep_alive=keep_alive) + b"%d\r\n\r\n" % len(body)
    return head if head_only else head + body
