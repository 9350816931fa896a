"""The search for a capacity, over servers that are functions: what it finds, and how often it asks."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from ansible.module_utils.tripod.capacity import Terms, confirm, search

from tripod.catalogue import capacity

TERMS = Terms(**capacity.terms(3, 100))  # type: ignore[arg-type] - whole numbers where it says so


class Server:
    """Misses nothing up to its capacity, and more and more above it; keeps what it was offered."""

    def __init__(self, capacity_rps: float) -> None:
        """Begin with nothing offered."""
        self.capacity_rps = capacity_rps
        self.offered: list[int] = []

    def missed(self, rate: int) -> float:
        """Return the share that is missed: what is too much waits ever longer."""
        self.offered.append(rate)
        return 0.0 if rate <= self.capacity_rps else min(1.0, 0.02 + rate / self.capacity_rps - 1)


@pytest.mark.parametrize("saturated", [40, 120.5, 2_000, 30_000])
@pytest.mark.parametrize("share", [0.08, 0.3, 0.5, 0.7, 0.9, 0.99, 1.2])
def test_the_rate_found_is_kept_and_five_per_cent_more_is_not(saturated: float, share: float) -> None:
    """At most eight rates are tried, all below the saturated one, and the best is returned."""
    server = Server(share * saturated)
    found = search(server.missed, saturated, TERMS)
    assert len(server.offered) <= capacity.MOST_PROBES
    assert all(TERMS.lowest_rps <= rate < min(saturated, TERMS.highest_rps + 1) for rate in server.offered)
    lowest = max(TERMS.lowest_rps, saturated * TERMS.least_of_saturated)
    if server.capacity_rps < lowest:
        assert found is None
    else:
        assert found is not None
        assert found <= server.capacity_rps
        limit = min(server.capacity_rps, saturated, TERMS.highest_rps)
        assert found >= min(limit / (1 + capacity.PRECISION) - 1, limit)


@pytest.mark.parametrize(("saturated", "tried"), [(1_000, True), (17, False), (3, False)])
def test_a_server_that_keeps_no_rate(saturated: float, *, tried: bool) -> None:
    """The lowest rate is tried before nothing is found; one too slow for any probe is asked for nothing."""
    server = Server(0.5)
    assert search(server.missed, saturated, TERMS) is None
    assert bool(server.offered) is tried
    assert not tried or min(server.offered) == max(63, TERMS.lowest_rps)


@pytest.mark.parametrize("saturated", [5_001, 20_000, 100_000])
@pytest.mark.parametrize("capacity_rps", [400, 3_000, 4_800, 5_000, 80_000])
def test_a_server_that_answers_more_than_the_load_can_ask_for(saturated: float, capacity_rps: float) -> None:
    """The load's highest rate is tried, not taken as missed; below it all is as with others."""
    terms = Terms(**capacity.terms(1, 1_000))  # type: ignore[arg-type] - as above
    assert terms.highest_rps == 5_000
    server = Server(capacity_rps)
    found = search(server.missed, saturated, terms)
    assert len(server.offered) <= capacity.MOST_PROBES
    assert max(server.offered) == 5_000
    assert found is not None
    if capacity_rps >= terms.highest_rps:
        assert (found, server.offered) == (5_000, [5_000])
    else:
        assert capacity_rps / (1 + capacity.PRECISION) - 1 <= found <= capacity_rps


def test_probes_that_err_do_not_send_it_astray_for_ever() -> None:
    """With chance in each answer it ends all the same, at some rate that was kept."""
    chance = random.Random(7)
    server = Server(500)

    def missed(rate: int) -> float:
        honest = server.missed(rate)
        return honest if chance.random() < 0.8 else chance.random()

    for _ in range(200):
        server.offered.clear()
        found = search(missed, 900, TERMS)
        assert len(server.offered) <= capacity.MOST_PROBES
        assert found is None or found in server.offered


@pytest.mark.parametrize(
    ("capacity_rps", "rate", "found"),
    [(100, 100, 100), (99, 100, 95), (91, 100, 90), (86, 100, 85), (84, 100, None), (0.5, 1, None)],
)
def test_a_rate_that_is_not_confirmed_steps_down_three_times(
    capacity_rps: float, rate: int, found: int | None
) -> None:
    """By five per cent each time; what is not kept then is no capacity."""
    server = Server(capacity_rps)
    assert confirm(server.missed, rate, TERMS) == found
    assert len(server.offered) <= 1 + capacity.STEPS_DOWN


def test_the_terms_follow_from_the_load() -> None:
    """A probe of a thousand requests fits into its longest time; k6 needs no more users than it may have."""
    make: Callable[[int, float], dict[str, float]] = capacity.terms
    terms = make(3, 100)
    assert terms["lowest_rps"] == 17
    assert terms["highest_rps"] == 60_000
    assert make(1, 1_000)["highest_rps"] == 5_000
