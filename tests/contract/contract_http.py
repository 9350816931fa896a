"""Asking a server over HTTP, without a client's own cleverness (no retries, no pools, no proxies)."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

PATIENCE = 60.0
"""Seconds until a request is given up: far beyond what any answer may take, to tell a hang from a delay."""


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def content_type(self) -> str:
        """The content type, with its parameters."""
        return self.headers["content-type"]


def ask_over(connection: http.client.HTTPConnection, path: str, method: str = "GET") -> Answer:
    """Ask over an open connection."""
    begun = time.monotonic()
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body, time.monotonic() - begun)


def connect(port: int) -> http.client.HTTPConnection:
    """Return a connection to `port` of this machine, opened by its first request."""
    return http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)


def ask(port: int, path: str, method: str = "GET") -> Answer:
    """Ask over a connection of its own."""
    connection = connect(port)
    try:
        return ask_over(connection, path, method)
    finally:
        connection.close()


def ask_all(requests: list[tuple[int, str]]) -> list[Answer]:
    """Ask all (port, path) at the same time; answers in the order of the requests."""
    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(lambda request: ask(*request), requests))
