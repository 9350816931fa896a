"""The numbers that k6 leaves, held against what a real server saw."""

import asyncio
from pathlib import Path

import pytest
from k6_process import ROOT, Outcome, load
from k6_server import PAGE, QUOTE, VALUE, Answer, Behaviour, Log, healthy, serving, slowed

from tripod.catalogue import k6
from tripod.catalogue.patience import Patience
from tripod.catalogue.workloads import read_workload

OK_LATENCY = "http_req_duration{expected_response:true}"
HOME_LATENCY = "http_req_duration{name:home}"
API_LATENCY = "http_req_duration{name:api}"


def measure(  # noqa: PLR0913 - all by name
    behaviour: Behaviour,
    tmp_path: Path,
    *,
    workload: str = "poc",
    vus: int = 1,
    duration_s: float = 1.0,
    patience: Patience = Patience(),  # noqa: B008 - it never changes
) -> tuple[Outcome, Log]:
    """Serve, load, and return what both sides saw."""

    async def both() -> tuple[Outcome, Log]:
        async with serving(behaviour) as log:
            outcome = await load(
                log.port, tmp_path, workload=workload, vus=vus, duration_s=duration_s, patience=patience
            )
            return outcome, log

    return asyncio.run(both())


def test_the_rate_counts_successes_within_the_duration_only(tmp_path: Path) -> None:
    """With 0.3 s an answer, an iteration begins within 2.5 s and ends after them: it is no part of the rate.

    On a quiet machine the window holds seven answers (at 0.3, 0.7, 1.0, 1.3, … s) of nine.
    """
    outcome, log = measure(slowed(0.3), tmp_path, duration_s=2.5)
    assert outcome.code == 0, outcome.log
    in_window = outcome.count(k6.OK_IN_WINDOW)
    assert abs(in_window - log.answered_within(2.5)) <= 1  # one may be under way at the end
    assert in_window < outcome.count(k6.OK_TOTAL)
    assert outcome.count(k6.OK_TOTAL) == outcome.count("http_reqs") == len(log.answered)
    assert outcome.count("http_reqs") == 3 * outcome.count("iterations")
    assert outcome.count(k6.FAILED) == 0
    iterations = outcome.values("iteration_duration")
    drains_s = outcome.count(k6.DRAINS) / 1000
    assert 0 < drains_s < 3  # the last iteration of the only user, which lasts 1 s if nothing is busy
    assert 0.9 < iterations["avg"] * iterations["count"] / 1000 / (2.5 + drains_s) < 1.01


def test_routes_are_told_apart(tmp_path: Path) -> None:
    """The workload's requests arrive in its order, and each route has a latency distribution of its own."""

    def behave(path: str, number: int) -> Answer:
        return slowed(0.2 if path == "/api" else 0.0)(path, number)

    outcome, log = measure(behave, tmp_path)
    assert log.arrived[:6] == ["/", "/api", "/"] * 2
    assert (
        outcome.count(HOME_LATENCY) == 2 * outcome.count(API_LATENCY) == 2 * outcome.count("iterations") > 0
    )
    assert outcome.values(API_LATENCY)["min"] >= 200 > outcome.values(HOME_LATENCY)["med"]


@pytest.mark.parametrize(
    ("workload", "request_line", "route"),
    [("quote", "/quote/", "quote"), ("quote-view", "POST /quote/view", "view")],
)
def test_the_quote_workloads_ask_for_one_thing_without_a_pause(
    tmp_path: Path, workload: str, request_line: str, route: str
) -> None:
    """Each iteration is one request; the next follows at once, so that the server's 20 ms set the rate."""
    outcome, log = measure(slowed(0.02), tmp_path, workload=workload, vus=4)
    assert outcome.code == 0, outcome.log
    assert set(log.arrived) == {request_line}
    assert outcome.count(k6.OK_TOTAL) == outcome.count("iterations") == len(log.answered)
    assert outcome.count(f"http_req_duration{{name:{route}}}") == outcome.count(k6.OK_TOTAL)
    assert 60 < outcome.count(k6.OK_IN_WINDOW) <= 4 * 50
    assert outcome.count(k6.FAILED) == 0


@pytest.mark.parametrize(
    ("workload", "bad"),
    [
        ("quote", Answer(503, b'{"error": "no connection"}')),
        ("quote", Answer(200, b'{"error": "no connection"}')),
        ("quote", Answer(200, QUOTE.replace(b"\n\n", b" "))),
        ("quote-view", Answer(503, b'{"error": "no connection"}')),
        ("quote-view", Answer(200, b'{"id": 7}')),
    ],
)
def test_an_answer_that_is_no_quote_is_a_failure(tmp_path: Path, workload: str, bad: Answer) -> None:
    """A 503, an error with status 200 and a body of another shape count as failed, never as a success."""
    bad.delay_s = 0.05
    outcome, log = measure(lambda *_: bad, tmp_path, workload=workload)
    assert outcome.count(k6.FAILED) == len(log.answered) > 0
    assert outcome.count(k6.OK_TOTAL) == 0


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (Answer(502, b'{"error": "database"}'), "wrong_status"),
        (Answer(302, b"", headers=b"Location: /\r\n"), "wrong_status"),
        (Answer(204, b""), "wrong_status"),
        (Answer(200, b'{"value": "seven"}'), "wrong_answer"),
        (Answer(200, b"not JSON"), "wrong_answer"),
    ],
    ids=["502", "redirect", "another 2xx", "wrong value", "not JSON"],
)
def test_failures_are_counted_beside_latency(tmp_path: Path, bad: Answer, kind: str) -> None:
    """A wrong status or a wrong body is a failed request, no part of the rate, and does not stop the run."""
    outcome, log = measure(lambda path, number: bad if path == "/api" else healthy(path, number), tmp_path)
    calls = log.arrived.count("/api")
    assert outcome.code == 0, outcome.log
    assert outcome.count(k6.FAILED) == calls > 0
    assert outcome.failures() == {kind: calls}
    k6_calls_it_failed = kind == "wrong_status"
    assert outcome.count(k6.OK_TOTAL) == log.arrived.count("/") == 2 * calls
    assert outcome.values("http_req_failed")["passes"] == (calls if k6_calls_it_failed else 0)
    assert outcome.count(OK_LATENCY) == (2 * calls if k6_calls_it_failed else 3 * calls)
    assert outcome.values("checks")["fails"] >= calls


def test_a_page_cut_short_is_a_failure(tmp_path: Path) -> None:
    """A page without its closing tag is no success, whatever its status."""
    outcome, _ = measure(lambda path, _: Answer(body=VALUE if path == "/api" else PAGE[:-2]), tmp_path)
    assert outcome.count(k6.FAILED) == 2 * outcome.count("iterations") > 0
    assert outcome.count(k6.OK_TOTAL) == outcome.count("iterations")


def test_an_answer_that_is_cut_off_is_told_as_such(tmp_path: Path) -> None:
    """A body that ends before its declared length is a broken connection, although the status was 200."""

    async def both() -> Outcome:
        async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + PAGE)
            await asyncio.sleep(0.05)
            writer.close()

        server = await asyncio.start_server(cut, "127.0.0.1", 0)
        async with server:
            return await load(server.sockets[0].getsockname()[1], tmp_path)

    outcome = asyncio.run(both())
    assert set(outcome.failures()) == {"broken"}


def test_zero_counters_are_in_the_summary(tmp_path: Path) -> None:
    """When no request succeeds k6 exits 0, the counters say so, and those at zero are not left out."""
    outcome, _ = measure(lambda *_: Answer(500), tmp_path)
    assert outcome.code == 0
    assert outcome.count(k6.OK_IN_WINDOW) == outcome.count(k6.OK_TOTAL) == 0
    assert outcome.summary is not None
    assert set(k6.FAILURES.values()) < set(outcome.summary["metrics"])
    assert outcome.count(k6.FAILED) == outcome.count("http_reqs") > 0
    assert outcome.count(OK_LATENCY) == 0


def test_a_stall_lengthens_the_tail_and_does_not_dilute_the_rate(tmp_path: Path) -> None:
    """One request of four users' hangs 4 s from the middle of a 2 s window: the other users' rate stands."""
    duration_s, stall_s = 2.0, 4.0

    def behave(path: str, number: int) -> Answer:
        answer = healthy(path, number)
        answer.delay_s = stall_s if number == 100 else 0.001
        return answer

    outcome, log = measure(behave, tmp_path, vus=4, duration_s=duration_s)
    assert outcome.values("http_req_duration")["max"] >= stall_s * 1000
    in_window = outcome.count(k6.OK_IN_WINDOW)
    # Three users go on in step; the window may end among the three requests of their iterations.
    assert abs(in_window - log.answered_within(duration_s)) <= 3 * 3
    # Four users, three requests in a little over 0.1 s: up to 120/s. k6's own rate is over the drain too.
    assert in_window / duration_s > 1.5 * outcome.values("http_reqs")["rate"]
    assert outcome.count(k6.FAILED) == 0


def test_a_request_that_never_ends_fails_after_its_time_and_is_not_lost(tmp_path: Path) -> None:
    """The last request of the window gets no answer: it is in the tail and in the failures."""
    outcome, log = measure(
        lambda path, number: Answer(delay_s=60) if path == "/api" else healthy(path, number),
        tmp_path,
        patience=Patience(request_s=6, drain_s=12),
    )
    assert outcome.code == 0, outcome.log
    assert outcome.count("http_reqs") == len(log.arrived) == 3
    assert outcome.failures() == {"timed_out": 1}
    assert outcome.count(OK_LATENCY) == 2  # the one that hung is in no percentile of good answers
    assert outcome.count("iterations") == 1
    assert 6_000 <= outcome.values("http_req_duration")["max"] < 50_000  # the answer is due after 60 s


def test_the_summary_holds_the_whole_grid(tmp_path: Path) -> None:
    """Every trend has the 1008 quantiles under their exact keys, rising, within its extremes."""
    outcome, _ = measure(healthy, tmp_path, vus=5)
    keys = [f"p({tenths / 10:g})" for tenths in range(1, 1000)]
    keys += [f"p(99.9{hundredths})" for hundredths in range(1, 10)]
    for metric in (
        "http_req_duration",
        "http_req_blocked",
        "iteration_duration",
        OK_LATENCY,
        HOME_LATENCY,
        API_LATENCY,
    ):
        values = outcome.values(metric)
        assert set(values) == {"avg", "min", "med", "max", "count", *keys}
        grid = [values["min"], *(values[key] for key in keys), values["max"]]
        assert grid == sorted(grid)
    assert outcome.summary is not None
    assert outcome.summary["state"]["testRunDurationMs"] >= 1000


def test_the_rate_of_a_fast_server_is_the_ceiling(tmp_path: Path) -> None:
    """Without latency the load model sets the rate: users and requests by the pause, from poc.json."""
    workload = read_workload("poc", ROOT)
    outcome, _ = measure(healthy, tmp_path, vus=5, duration_s=2)
    ceiling = workload.ceiling_rps(5, db_sleep_ms=0)
    assert ceiling == pytest.approx(150)
    assert 0.5 * ceiling < outcome.count(k6.OK_IN_WINDOW) / 2 <= ceiling
