"""Latencies as people write them."""

import pytest

from fakedb.latency import MAX_SLEEP_MS, parse_sleep_ns, to_ms


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("25", 25_000_000),
        ("0.5", 500_000),
        ("2.000001", 2_000_001),
        (str(MAX_SLEEP_MS), 3_600 * 10**9),
    ],
)
def test_a_number_of_milliseconds_is_kept_exactly(text: str, nanoseconds: int) -> None:
    """Whole and broken milliseconds become nanoseconds without rounding."""
    assert parse_sleep_ns(text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "-5",
        "-0",
        "+1",
        " 25",
        "25 ",
        "1_0",
        "1e3",
        "nan",
        "inf",
        ".5",
        "5.",
        "٢٥",
        "3600000.1",
        "9" * 400,
    ],
)
def test_anything_else_is_refused_by_value(text: str) -> None:
    """Whatever is not a plain number within bounds raises, naming the value and what is allowed."""
    with pytest.raises(
        ValueError, match="is not allowed; allowed: a number of milliseconds from 0 to 3600000"
    ) as wrong:
        parse_sleep_ns(text)
    assert repr(text) in str(wrong.value)


def test_whole_milliseconds_print_whole() -> None:
    """25 ms is shown as 25, half a millisecond as 0.5, and earliness keeps its sign."""
    assert [str(to_ms(value)) for value in (25_000_000, 500_000, 0, -1_500_000, -1)] == [
        "25",
        "0.5",
        "0",
        "-1.5",
        "-1e-06",
    ]
