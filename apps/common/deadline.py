"""A true total timeout for `requests`.

`requests` and urllib3 apply the read timeout to each `recv()` alone, so a database that sends a byte every
four seconds would hold a worker for minutes. Here the timeout runs from the request to the answer's end.
"""

from __future__ import annotations

import socket
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection


class DeadlineSocket(socket.socket):
    """A socket whose timeout bounds all its reads until the next `settimeout`, not each of them."""

    _deadline: float | None = None

    def settimeout(self, value: float | None) -> None:
        """Set the seconds from now within which all reads must be done; urllib3 does so for each request."""
        super().settimeout(value)
        self._deadline = None if value is None else time.monotonic() + value

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Read as `socket.socket` does, within the time that is left."""
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if (
                left <= 0
            ):  # also ends an answer that never stops coming; and a timeout of 0 means non-blocking
                raise TimeoutError("timed out")
            super().settimeout(left)
        return super().recv_into(*args, **kwargs)


class _DeadlineConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        timeout = plain.gettimeout()
        bounded = DeadlineSocket(fileno=plain.detach())
        bounded.settimeout(timeout)
        return bounded


class _DeadlinePool(HTTPConnectionPool):
    ConnectionCls = _DeadlineConnection


class DeadlineAdapter(HTTPAdapter):
    """The adapter of `requests` over such sockets, for `http://` only."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool manager as `requests` does, and have it use the bounded connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _DeadlinePool}
