"""The states that the database of all rows is put into, one after another, and what they answered in each."""

from __future__ import annotations

import socket
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress

from contract_http import Answer, ask
from contract_processes import Service
from quotes_cluster import Cluster
from quotes_rows import POOL_TIMEOUT, Row

AT_ONCE = 12
"""Requests per row: more than its slots, and more than the connections of its pools."""

HELD = POOL_TIMEOUT + 1.5
"""Seconds for which the table is locked: longer than a request may wait for a connection."""

QUOTE, VIEW = ("GET", "/quote/"), ("POST", "/quote/view")
Request = tuple[str, str]


class States:
    """All rows in all states; they are asked at the same time, so that what takes seconds takes them once."""

    def __init__(self, cluster: Cluster, servers: dict[Row, Service]) -> None:
        """Run through the states."""
        self.answers: dict[tuple[str, Row], list[Answer]] = defaultdict(list)
        self.sessions: dict[tuple[str, Row], list[str]] = {}
        self._cluster, self._servers = cluster, servers
        with ThreadPoolExecutor(len(servers) * AT_ONCE) as pool:
            self._pool = pool
            self._in_turn("warm", [QUOTE, VIEW] * 2)
            self._exhausted()
            self._refused()
            self._silent()
            self._left()
            self._stopped()
            self._restarted()

    def _at_once(self, requests: list[Request]) -> dict[Row, list[Future[Answer]]]:
        return {
            row: [self._pool.submit(ask, server.port, path, method) for method, path in requests]
            for row, server in self._servers.items()
        }

    def _keep(self, state: str, asked: dict[Row, list[Future[Answer]]]) -> None:
        for row, futures in asked.items():
            self.answers[state, row] += [future.result() for future in futures]

    def _in_turn(self, state: str, requests: list[Request]) -> None:
        """Ask each row one request after the other."""

        def ask_row(server: Service) -> list[Answer]:
            return [ask(server.port, path, method) for method, path in requests]

        asked = {row: self._pool.submit(ask_row, server) for row, server in self._servers.items()}
        for row, future in asked.items():
            self.answers[state, row] += future.result()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lock the table: every query waits, and its connection is in use."""
        with self._cluster.connect() as connection, connection.transaction():
            connection.execute("LOCK TABLE quote IN ACCESS EXCLUSIVE MODE")
            yield

    def _exhausted(self) -> None:
        """More requests than connections, for longer than a request may wait for one; then as many again."""
        with self._locked():
            asked = self._at_once([QUOTE] * AT_ONCE)
            time.sleep(HELD)
        self._keep("exhausted", asked)
        self._keep("after exhausted", self._at_once([QUOTE, VIEW] * (AT_ONCE // 2)))

    def _refused(self) -> None:
        """PostgreSQL takes no new connection of the applications."""
        for limit, state in ((0, "refused"), (-1, "after refused")):
            with self._cluster.connect() as connection:
                connection.execute(f"ALTER ROLE tripod CONNECTION LIMIT {limit}")
            self._in_turn(state, [QUOTE, VIEW])

    def _silent(self) -> None:
        """PostgreSQL does not answer to new connections."""
        with self._cluster.silent():
            self._in_turn("silent", [QUOTE])
        self._in_turn("after silent", [QUOTE, VIEW])

    def _left(self) -> None:
        """Clients that go away before they are answered."""
        with self._locked():
            clients = []
            for server in self._servers.values():
                for method, path in [QUOTE, VIEW]:
                    client = socket.create_connection(("127.0.0.1", server.port), timeout=10)
                    client.sendall(
                        f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode()
                    )
                    clients.append(client)
            self._wait_until_all_wait()
            for client in clients:
                client.close()
            time.sleep(0.5)  # for the servers to notice
        time.sleep(1.5)
        self.sessions.update({("left", row): self._cluster.states(row.service) for row in self._servers})
        self._keep("after left", self._at_once([QUOTE, VIEW] * (AT_ONCE // 2)))

    def _stopped(self) -> None:
        """PostgreSQL stops while requests are at it, and is away."""
        with suppress(Exception), self._locked():  # the lock's own connection ends, too
            asked = self._at_once([QUOTE])
            self._wait_until_all_wait()
            self._cluster.stop()
        self._keep("stopped", asked)
        for state, request in (
            ("away: quote", QUOTE),
            ("away: view", VIEW),
            ("away: home", ("GET", "/")),
            ("away: ready", ("GET", "/ready")),
        ):
            self._keep(state, self._at_once([request] * 2))

    def _restarted(self) -> None:
        """PostgreSQL is back."""
        self._cluster.start()
        self._in_turn("back", [QUOTE, VIEW] * 3)
        self._keep("after back", self._at_once([QUOTE, VIEW] * (AT_ONCE // 2)))

    def _wait_until_all_wait(self) -> None:
        """Wait until each row has a query that waits for the lock."""
        query = "SELECT count(DISTINCT application_name) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        deadline = time.monotonic() + 20
        while self._cluster.rows(query) != [(len(self._servers),)]:
            assert time.monotonic() < deadline, "a row's query does not come"
            time.sleep(0.05)
