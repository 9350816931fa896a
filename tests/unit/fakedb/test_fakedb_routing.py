"""What each method and target leads to."""

import pytest

from fakedb.routing import Kind, route


@pytest.mark.parametrize("target", [b"/value", b"/", b"/any/path?x=1", b"*", b"http://db:8001/value", b"//x"])
def test_any_path_but_the_reserved_ones_asks_for_a_value(target: bytes) -> None:
    """A value is answered at every path, with the server's own latency."""
    wanted = route(b"GET", target)
    assert (wanted.kind, wanted.sleep_ns, wanted.keep_alive) == (Kind.VALUE, None, True)


@pytest.mark.parametrize(
    "target", [b"/value?sleep=7.5", b"/?a=b&sleep=7.5", b"http://db/x?sleep=7.5", b"/?sleep=7%2E5"]
)
def test_a_request_may_override_the_latency(target: bytes) -> None:
    """The query's `sleep` becomes the request's latency."""
    assert route(b"GET", target).sleep_ns == 7_500_000


def test_an_override_of_zero_is_one() -> None:
    """`sleep=0` is told apart from no override."""
    assert route(b"GET", b"/value?sleep=0").sleep_ns == 0


@pytest.mark.parametrize("value", [b"abc", b"-5", b"", b"nan", b"1e3", b"3600001", b"5&sleep=6", b"%FF"])
def test_a_bad_override_is_refused(value: bytes) -> None:
    """A bad `sleep` is a 400 that names the parameter and what is allowed; the connection may go on."""
    wanted = route(b"GET", b"/value?sleep=" + value)
    assert (wanted.kind, wanted.status, wanted.keep_alive) == (Kind.ERROR, 400, True)
    assert wanted.message.startswith("sleep ")
    assert "allowed: " in wanted.message


@pytest.mark.parametrize(
    ("method", "target", "kind"),
    [
        (b"GET", b"/stats", Kind.STATS),
        (b"HEAD", b"/stats?x=1", Kind.STATS),
        (b"GET", b"/%73tats", Kind.STATS),
        (b"POST", b"/stats/reset", Kind.RESET),
        (b"GET", b"/stats/other", Kind.VALUE),
    ],
)
def test_the_reserved_paths(method: bytes, target: bytes, kind: Kind) -> None:
    """Only `/stats` and `/stats/reset` are reserved, however they are written."""
    assert route(method, target).kind is kind


@pytest.mark.parametrize(
    ("method", "target"), [(b"GET", b"/stats/reset"), (b"POST", b"/stats"), (b"PUT", b"/stats/reset")]
)
def test_a_reserved_path_refuses_other_methods(method: bytes, target: bytes) -> None:
    """A GET cannot zero the counters by accident: 405, naming what is allowed."""
    wanted = route(method, target)
    assert wanted.status == 405
    assert "allowed: " in wanted.message


@pytest.mark.parametrize(
    ("method", "target"), [(b"CONNECT", b"db:80"), (b"GET", b"?sleep=5"), (b"GET", b"/\xc3\xa9")]
)
def test_what_is_no_target_ends_the_connection(method: bytes, target: bytes) -> None:
    """Nonsense is a 400, and what follows it on the connection is not trusted."""
    wanted = route(method, target)
    assert (wanted.status, wanted.keep_alive) == (400, False)
