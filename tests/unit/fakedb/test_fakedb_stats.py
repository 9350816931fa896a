"""Counters and the histogram of errors."""

from itertools import accumulate, pairwise
from random import Random

from fakedb.latency import NS_PER_MS
from fakedb.moments import Moments
from fakedb.stats import BOUNDS_NS, ErrorHistogram, Stats


def test_bounds_rise_and_part_early_from_late() -> None:
    """Each bound is above the last, 0 is one of them, and late buckets are at most 28 % wide."""
    assert all(low < high for low, high in pairwise(BOUNDS_NS))
    late = BOUNDS_NS[BOUNDS_NS.index(0) + 1 :]
    assert all(high / low <= 1.28 for low, high in pairwise(late))
    assert (late[0], late[-1]) == (1_000, 10 * 10**9)


def test_every_error_is_counted_in_its_bucket() -> None:
    """A bucket holds its lower bound and not its upper one, and both ends are open."""
    histogram = ErrorHistogram()
    for error in (-(10**13), -1, 0, 999, 1_000, 10**13):
        histogram.add(error)
    shown = histogram.as_json()
    zero = shown["bounds"].index(0)
    assert len(shown["counts"]) == len(shown["bounds"]) + 1
    assert {i: n for i, n in enumerate(shown["counts"]) if n} == {
        0: 1,
        zero: 1,
        zero + 1: 2,
        zero + 2: 1,
        len(shown["bounds"]): 1,
    }
    assert (shown["count"], shown["early"], shown["min"], shown["max"]) == (6, 2, -(10**7), 10**7)


def test_quantiles_never_flatter() -> None:
    """A quantile is at least the true one and at most one bucket above, for errors of every size."""
    random = Random(7)
    errors = sorted(round(random.lognormvariate(12, 2)) for _ in range(5_000))
    histogram = ErrorHistogram()
    for error in errors:
        histogram.add(error)
    for q in (0.5, 0.9, 0.99, 0.999, 1.0):
        true = errors[max(0, -(-len(errors) * q // 1).__int__() - 1)]
        found = histogram.quantile_ns(q)
        assert found is not None
        assert true <= found <= true * 1.28 + 1_000


def test_a_quantile_of_one_answer_is_its_error() -> None:
    """With a single answer every quantile is its error, not its bucket's bound."""
    histogram = ErrorHistogram()
    histogram.add(123_456)
    assert set(histogram.as_json()["quantiles"].values()) == {0.123456}


def test_no_answers_give_nulls() -> None:
    """Before the first answer there is nothing to say: null, not zero."""
    shown = ErrorHistogram().as_json()
    assert (shown["count"], shown["min"], shown["mean"], shown["max"]) == (0, None, None, None)
    assert set(shown["quantiles"].values()) == {None}


def test_requests_are_answered_abandoned_or_in_flight() -> None:
    """Every request is in exactly one of the three, and the maximum is remembered."""
    stats = Stats(sleep_ns=25 * NS_PER_MS, service="tripod-fakedb-25", timer="timerfd")
    for _ in range(5):
        stats.arrive(0)
    stats.answer(10, 10)
    stats.abandon(2, 10)
    shown = stats.as_json()
    assert (shown["requests"], shown["answered"], shown["abandoned"], shown["in_flight"]) == (5, 1, 2, 2)
    assert shown["in_flight_max"] == 5
    assert (shown["service"], shown["sleep_ms"], shown["timer"]) == ("tripod-fakedb-25", 25, "timerfd")


def test_reset_zeroes_what_was_counted_and_keeps_what_is() -> None:
    """After a reset nothing has been counted, but requests in flight and connections are still there."""
    stats = Stats(sleep_ns=0, service=None, timer="loop")
    stats.connections = stats.connections_total = 3
    for _ in range(5):
        stats.arrive(0)
    for _ in range(4):
        stats.answer(10, 10)
    stats.errors[400] += 1
    stats.reset()
    shown = stats.as_json()
    assert (shown["requests"], shown["answered"], shown["errors"], shown["latency_error_ms"]["count"]) == (
        0,
        0,
        {},
        0,
    )
    assert (shown["in_flight"], shown["in_flight_max"], shown["connections"]) == (1, 1, 3)


def test_a_count_of_any_length_has_few_moments() -> None:
    """In a day of one answer a second there are at most 240, none far from the next, and counts only rise."""
    moments, counts = Moments(), [0]
    for second in range(86_400):
        if second * 10**9 >= moments.due_ns:
            moments.keep(second * 10**9, 1000 * second, counts)
        counts[0] += 1
    shown = moments.as_json(86_400 * 10**9, 86_400_000, counts)
    times = list(accumulate(shown["monotonic_us"]))
    assert 120 <= len(times) <= 242
    assert max(after - before for before, after in pairwise(times)) < times[-1] / 80
    assert list(accumulate(shown["counts"]["0"])) == [time_us // 10**6 for time_us in times]
    assert sum(shown["error_ns"]) == 86_400_000
    assert len(shown["wall_us"]) == len(times)


def test_a_pause_ends_with_a_moment() -> None:
    """What was counted before a pause stands still in it: it is kept as the next request comes."""
    stats = Stats(sleep_ns=0, service=None, timer="loop")
    for second in (1, 2, 60):
        stats.arrive(second * 10**9)
        stats.answer(1000, second * 10**9 + 1000)
    shown = stats.as_json()["moments"]
    assert list(accumulate(shown["monotonic_us"]))[:3] == [10**6, 2 * 10**6, 60 * 10**6]
    (counted,) = shown["counts"].values()
    assert list(accumulate(counted)) == [0, 1, 2, 3]


def test_the_mean_in_flight_is_over_the_time_of_the_requests() -> None:
    """One for 100 ns, two for the next 50, one for the last 50, of which its client saw 25: nothing else."""
    stats = Stats(sleep_ns=0, service=None, timer="loop")
    assert stats.in_flight_mean(999) is None
    stats.arrive(1_000)
    stats.arrive(1_100)
    stats.answer(0, 1_150)
    assert stats.in_flight_mean(1_200) == 1.25
    stats.abandon(1, 1_200)
    stats.abandon(0, 9_999)
    assert stats.in_flight_mean(10**9) == 1.25  # idle time before and after does not count
    stats.reset()
    assert stats.in_flight_mean(10**9) is None
