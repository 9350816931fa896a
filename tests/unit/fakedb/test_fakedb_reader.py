"""Bytes to requests, without a socket."""

import pytest

from fakedb.reader import Limits, RequestReader
from fakedb.routing import Kind

GET = b"GET /value HTTP/1.1\r\nHost: db\r\n\r\n"
LIMITS = Limits(head_bytes=1000, body_bytes=2000)


def head_of(size: int) -> bytes:
    """Return a request whose head is exactly `size` bytes long."""
    start, end = b"GET / HTTP/1.1\r\nX: ", b"\r\n\r\n"
    return start + b"a" * (size - len(start) - len(end)) + end


def post(body: bytes) -> bytes:
    """Return a request with a body."""
    return b"POST / HTTP/1.1\r\nHost: db\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def refused(reader: RequestReader) -> int | None:
    """Return the status of the refusal, if there is one."""
    return reader.refusal.status if reader.refusal else None


def test_a_request_is_whole_at_its_last_byte_and_not_before() -> None:
    """Fed byte by byte, a request appears with its last byte, its target unharmed."""
    reader = RequestReader(LIMITS)
    request = b"GET /value?sleep=7 HTTP/1.1\r\nHost: db\r\n\r\n"
    found = [reader.feed(request[i : i + 1]) for i in range(len(request))]
    assert [len(requests) for requests in found] == [0] * (len(request) - 1) + [1]
    assert found[-1][0].route.sleep_ns == 7_000_000
    assert not reader.in_message


def test_pipelined_requests_come_in_order_whatever_the_cut() -> None:
    """Requests sent together are all found, in order, wherever the bytes are cut."""
    whole = b"".join(b"GET /?sleep=%d HTTP/1.1\r\n\r\n" % i for i in range(300))
    assert len(whole) > 5 * LIMITS.head_bytes
    for size in (1, 7, 999, 1000, 1001, len(whole)):
        reader = RequestReader(LIMITS)
        pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
        sleeps = [request.route.sleep_ns for piece in pieces for request in reader.feed(piece)]
        assert sleeps == [i * 1_000_000 for i in range(300)], size
        assert reader.refusal is None


@pytest.mark.parametrize("cut", [1, 333, 1000, 5000])
def test_a_head_may_be_as_long_as_the_limit_and_no_longer(cut: int) -> None:
    """At the limit the head is read, one byte beyond it is refused with 431, in one piece or in many."""
    for size, requests, status in ((1000, 1, None), (1001, 0, 431), (4000, 0, 431)):
        reader, data = RequestReader(LIMITS), head_of(size)
        found = [request for i in range(0, size, cut) for request in reader.feed(data[i : i + cut])]
        assert (len(found), refused(reader)) == (requests, status), size


def test_a_head_without_end_is_refused_behind_pipelined_requests_too() -> None:
    """An oversized head is found wherever in the bytes it begins, and what came before it is kept."""
    reader = RequestReader(LIMITS)
    found = reader.feed(GET * 40 + head_of(4000))
    assert (len(found), refused(reader)) == (40, 431)


def test_a_target_beyond_the_limit_is_refused() -> None:
    """The request line counts as part of the head."""
    reader = RequestReader(LIMITS)
    assert reader.feed(b"GET /" + b"a" * 1000) == []
    assert refused(reader) == 431


@pytest.mark.parametrize("cut", [1, 50, 10_000])
def test_a_body_that_is_declared_too_large_is_refused_with_its_head(cut: int) -> None:
    """The declared length is enough, behind other requests too; one that is allowed is waited for."""
    for size, status in ((2000, None), (2001, 413), (70_000, 413)):
        reader = RequestReader(LIMITS)
        data = post(b"xy") + GET + b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % size
        found = [request for i in range(0, len(data), cut) for request in reader.feed(data[i : i + cut])]
        assert (len(found), refused(reader)) == (2, status), size


@pytest.mark.parametrize("cut", [1, 700, 10_000])
def test_a_body_is_discarded_up_to_the_limit_and_refused_beyond(cut: int) -> None:
    """A body within the limit is read over; one byte more is a 413."""
    for size, requests, status in ((0, 1, None), (2000, 1, None), (2001, 0, 413)):
        reader, data = RequestReader(LIMITS), post(b"x" * size)
        found = [request for i in range(0, len(data), cut) for request in reader.feed(data[i : i + cut])]
        assert (len(found), refused(reader)) == (requests, status), size


def test_chunked_bodies_have_the_same_limit() -> None:
    """The limit is on the payload, however it is framed."""
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    fine, big = RequestReader(LIMITS), RequestReader(LIMITS)
    assert len(fine.feed(head + b"1\r\nx\r\n" * 2000 + b"0\r\n\r\n")) == 1
    assert big.feed(head + b"1\r\nx\r\n" * 2001 + b"0\r\n\r\n") == []
    assert (refused(fine), refused(big)) == (None, 413)


@pytest.mark.parametrize("framing", [b"1;", b"0\r\nTrailer: "])
def test_framing_without_end_is_refused(framing: bytes) -> None:
    """A chunk extension or a trailer that never ends is refused though it carries no payload."""
    reader = RequestReader(LIMITS)
    reader.feed(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + framing)
    for _ in range(20):
        reader.feed(b"a" * 1000)
    assert refused(reader) == 413


@pytest.mark.parametrize(
    "junk",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
    ],
)
def test_malformed_bytes_are_refused_with_what_came_before_kept(junk: bytes) -> None:
    """Bytes that are not HTTP/1.x are a 400 that ends the connection; earlier requests still count."""
    reader = RequestReader(LIMITS)
    assert len(reader.feed(GET + junk)) == 1
    assert refused(reader) == 400
    assert reader.refusal is not None
    assert not reader.refusal.keep_alive
    assert not reader.in_message
    assert reader.feed(GET) == []


@pytest.mark.parametrize(
    ("request_bytes", "keep_alive"),
    [
        (GET, True),
        (b"GET / HTTP/1.0\r\n\r\n", False),
        (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", False),
        (b"CONNECT db:80 HTTP/1.1\r\n\r\n", False),
    ],
)
def test_who_keeps_the_connection(request_bytes: bytes, *, keep_alive: bool) -> None:
    """Version, headers and method decide; after a last request nothing is read, and that is no error."""
    reader = RequestReader(LIMITS)
    found = reader.feed(request_bytes + GET)
    assert [request.keep_alive for request in found] == ([True, True] if keep_alive else [False])
    assert reader.refusal is None
    assert len(reader.feed(GET)) == int(keep_alive)


def test_a_refused_target_is_the_last_request() -> None:
    """A request whose route closes the connection is answered, and the ones behind it are not."""
    reader = RequestReader(LIMITS)
    found = reader.feed(b"CONNECT db:80 HTTP/1.1\r\n\r\n" + GET)
    assert [request.route.kind for request in found] == [Kind.ERROR]


def test_behind_a_last_request_nothing_is_incomplete() -> None:
    """The beginning of a request that will not be answered is not waited for."""
    reader = RequestReader(LIMITS)
    found = reader.feed(b"GET http://[::1 HTTP/1.1\r\n\r\n" + GET + GET[:10])
    assert [(request.route.status, request.keep_alive) for request in found] == [(400, False)]
    assert not reader.in_message


def test_an_incomplete_request_shows() -> None:
    """`in_message` is what the stall timer goes by: true within head and body, false between requests."""
    reader = RequestReader(LIMITS)
    seen = [reader.in_message]
    for piece in (
        b"GET",
        b" / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n",
        b"a",
        b"b",
        b"\r\n",
    ):
        reader.feed(piece)
        seen.append(reader.in_message)
    assert seen == [False, True, False, True, True, False, False]


def test_a_closed_reader_reads_nothing() -> None:
    """After close() bytes are ignored, and the parser is gone."""
    reader = RequestReader(LIMITS)
    reader.close()
    assert reader.feed(GET) == []
