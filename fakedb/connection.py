"""One client's connection: requests in, answers out in the same order, each at its time."""

from asyncio import AbstractEventLoop, Event, Protocol, TimerHandle, Transport, get_running_loop
from collections import deque
from dataclasses import dataclass, field
from typing import cast

from fakedb import responses
from fakedb.deadlines import CALLS_PER_READ, Deadlines, now_ns
from fakedb.reader import Limits, RequestReader
from fakedb.routing import Kind, Route, error
from fakedb.stats import Stats


@dataclass(slots=True, eq=False)
class Shared:
    """What all connections of one server have in common."""

    sleep_ns: int
    stats: Stats
    deadlines: Deadlines
    limits: Limits
    connections: set["Connection"] = field(default_factory=set)
    draining: bool = False
    gone: Event = field(default_factory=Event)  # set when draining has closed the last connection


class Answer:
    """An answer that is owed to a connection: sent once it is due and every earlier one has been sent."""

    __slots__ = ("call", "connection", "due_ns", "keep_alive", "ready", "route")

    def __init__(self, connection: "Connection", route: Route, due_ns: int, *, keep_alive: bool) -> None:
        """`due_ns` is on the monotonic clock; `keep_alive` is what the client wants."""
        self.connection = connection
        self.route = route
        self.due_ns = due_ns
        self.keep_alive = keep_alive
        self.call = 0  # its number among the deadlines, as long as it is not ready
        self.ready = False

    def fall_due(self) -> None:
        """Send it, or leave it to be sent after the earlier ones."""
        self.ready = True
        self.connection.flush()


class Connection(Protocol):
    """What the event loop calls. Its life: open, perhaps lingering after an error, closed."""

    def __init__(self, shared: Shared) -> None:
        """Begin unconnected; made by the event loop for each client it accepts."""
        self._shared = shared
        self._reader = RequestReader(shared.limits)
        self._owed: deque[Answer] = deque()
        self._loop: AbstractEventLoop = get_running_loop()
        self._transport: Transport | None = None
        self._stall: TimerHandle | None = None  # runs while a request is incomplete
        self._linger: TimerHandle | None = None  # runs from the last answer's sending to the closing
        self._client_reads = True
        self._ended = False  # no further request will be answered

    # Called by the event loop

    def connection_made(self, transport: object) -> None:
        """Join the server's connections. TCP_NODELAY is on: uvloop sets it."""
        self._transport = cast("Transport", transport)
        self._shared.connections.add(self)
        self._shared.stats.connections += 1
        self._shared.stats.connections_total += 1

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the loop passes it
        """Forget whatever was owed."""
        self._shared.connections.discard(self)
        if self._shared.draining and not self._shared.connections:
            self._shared.gone.set()
        self._shared.stats.connections -= 1
        self._shared.stats.abandon(sum(answer.route.kind is Kind.VALUE for answer in self._owed), now_ns())
        self._shared.deadlines.cancel(answer.call for answer in self._owed if not answer.ready)
        self._owed.clear()
        self._cancel_timers()
        self._reader.close()
        self._transport = None
        self._ended = True

    def data_received(self, data: bytes) -> None:
        """Take in what came; its requests arrived now."""
        if self._ended:
            return  # lingering: read only so that closing does not reset the connection under the last answer
        arrived_ns = now_ns()
        requests = self._reader.feed(data)
        for route, keep_alive in requests:
            self._owe(route, arrived_ns, keep_alive=keep_alive)
        if self._reader.refusal is not None:
            self._owe(self._reader.refusal, arrived_ns, keep_alive=False)
        if self._reader.in_message or self._stall is not None:
            if requests:
                self._cancel_timers()  # what is incomplete now is another request, with a time of its own
            self._watch_stall()
        self.flush()
        if self._shared.deadlines.next_ns <= arrived_ns:
            self._shared.deadlines.run_due(CALLS_PER_READ)

    def eof_received(self) -> bool:
        """Keep a half-closed connection for as long as answers are owed; close it otherwise."""
        self._ended = True
        self._cancel_timers()
        return bool(self._owed)

    def pause_writing(self) -> None:
        """Stop reading from a client that does not read its answers."""
        self._client_reads = False
        self._read_or_not()

    def resume_writing(self) -> None:
        """Go on reading."""
        self._client_reads = True
        self._read_or_not()

    # Called by answers and by the server

    def flush(self) -> None:
        """Send the answers that are ready, up to the first that is not."""
        owed, transport = self._owed, self._transport
        if transport is None or not owed or not owed[0].ready:
            return
        parts = []
        now = now_ns()
        while owed and owed[0].ready:
            answer = owed.popleft()
            if self._shared.draining and not owed:
                answer.keep_alive = False
            parts.append(self._render(answer, now))
        transport.write(parts[0] if len(parts) == 1 else b"".join(parts))
        if not answer.keep_alive or (self._ended and not owed):
            self._close_after(answer)
        elif not transport.is_reading():
            self._read_or_not()

    def close_if_idle(self) -> None:
        """Close now unless answers are owed; flush() closes after the last of those."""
        if self._transport is not None and not self._owed and self._linger is None:
            self._ended = True
            self._transport.close()

    def abort(self) -> None:
        """Close now, whatever is owed."""
        if self._transport is not None:
            self._transport.abort()

    # Inside

    def _owe(self, route: Route, arrived_ns: int, *, keep_alive: bool) -> None:
        """Queue the answer to a request."""
        if route.kind is not Kind.VALUE:
            answer = Answer(self, route, arrived_ns, keep_alive=keep_alive)
            answer.ready = True
            self._owed.append(answer)
            return
        sleep_ns = self._shared.sleep_ns if route.sleep_ns is None else route.sleep_ns
        answer = Answer(self, route, arrived_ns + sleep_ns, keep_alive=keep_alive)
        self._owed.append(answer)
        self._shared.stats.arrive(arrived_ns)
        if sleep_ns:
            answer.call = self._shared.deadlines.call_at(answer.due_ns, answer.fall_due)
        else:
            answer.ready = True  # no latency asked: no timer
        if len(self._owed) >= self._shared.limits.pipelined:
            self._read_or_not()

    def _render(self, answer: Answer, now: int) -> bytes:
        """Turn an answer into bytes, and count it."""
        route, stats = answer.route, self._shared.stats
        if route.kind is Kind.VALUE:
            stats.answer(now - answer.due_ns, now)
            return responses.value(keep_alive=answer.keep_alive, head_only=route.head_only)
        if route.kind is Kind.ERROR:
            stats.errors[route.status] += 1
            content: object = {"error": route.message}
        elif route.kind is Kind.RESET:
            stats.reset()
            content = {"reset": True}
        else:
            content = stats.as_json()
        return responses.document(
            content, status=route.status, keep_alive=answer.keep_alive, head_only=route.head_only
        )

    def _close_after(self, answer: Answer) -> None:
        """Close behind the last answer.

        After an error the client may still be sending. Closing with its bytes unread would reset the
        connection, and the reset could overtake the answer: so say that there is no more, and read on for a
        moment.
        """
        self._ended = True
        self._cancel_timers()
        transport = self._transport
        if transport is None:
            return
        if answer.route.kind is Kind.ERROR and not transport.is_closing():
            transport.write_eof()
            transport.resume_reading()
            self._linger = self._loop.call_later(self._shared.limits.linger_s, self.abort)
        else:
            transport.close()

    def _read_or_not(self) -> None:
        """Read from the client unless it is owed too much or does not read itself."""
        if self._transport is None or self._transport.is_closing():
            return
        if self._client_reads and len(self._owed) < self._shared.limits.pipelined:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _watch_stall(self) -> None:
        """Give an incomplete request its time, which bytes that trickle in do not extend."""
        if not self._reader.in_message:
            self._cancel_timers()
        elif self._stall is None:
            self._stall = self._loop.call_later(self._shared.limits.request_timeout_s, self._on_stall)

    def _on_stall(self) -> None:
        """Refuse a request that did not come to its end."""
        self._stall = None
        transport = self._transport
        if transport is None or self._ended:
            return
        if not transport.is_reading():  # it is we who stall
            self._watch_stall()
            return
        self._ended = True
        message = f"request incomplete after {self._shared.limits.request_timeout_s:g} s"
        self._owe(error(408, message, keep_alive=False), now_ns(), keep_alive=False)
        self.flush()

    def _cancel_timers(self) -> None:
        for timer in (self._stall, self._linger):
            if timer is not None:
                timer.cancel()
        self._stall = self._linger = None
