"""What the database's answer must look like, whichever client fetched it."""

from __future__ import annotations

import json
from http import HTTPStatus

from common import settings


class DatabaseError(Exception):
    """The database is down, too slow, or answered what it should not; `/api` turns this into 502."""


def too_long() -> DatabaseError:
    """Return what to raise where the answer goes on beyond `settings.ANSWER_BYTES`."""
    return DatabaseError(f"the database answered more than {settings.ANSWER_BYTES} bytes")


def parse_value(status: int, body: bytes) -> int:
    """Return the value in the database's answer.

    Raises:
        DatabaseError: if the status is not 200 or the body is not `{"value": <integer>}`.

    """
    if status != HTTPStatus.OK:
        raise DatabaseError(f"the database answered status {status}")
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise DatabaseError("the database answered something that is not JSON") from None
    value = answer.get("value") if isinstance(answer, dict) else None
    if type(value) is not int:  # a bool is an int to isinstance
        raise DatabaseError('the database answered JSON without an integer "value"')
    return value
