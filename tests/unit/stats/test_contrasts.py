"""Ratios within a run: exact where they can be worked out, and in simulations what they promise."""

from __future__ import annotations

import math
import random
from itertools import combinations
from statistics import median

import pytest
from scipy import stats

from tripod.stats.contrasts import Blocks, Ratio
from tripod.stats.families import ALPHA, holm
from tripod.stats.intervals import Interval

CELLS = [f"c{number}" for number in range(16)]
Rates = dict[tuple[str, int], float]


def drawn(
    draw: random.Random, *, blocks: int = 3, deviation: float = 0.03, drift: float = 0.2, faster: float = 1
) -> Rates:
    """Return rates of 16 cells that are equal but for the first, on a machine that drifts between blocks."""
    rates = {}
    for block in range(blocks):
        machine = draw.gauss(0, drift)
        for cell in CELLS:
            true = 100 * (faster if cell == "c0" else 1)
            rates[cell, block] = true * math.exp(machine + draw.gauss(0, deviation))
    return rates


def ratio(blocks: Blocks, a: str = "c0", b: str = "c1") -> Ratio:
    """Return a ratio that there is."""
    found = blocks.ratio(a, b)
    assert found is not None
    return found


def half_width(found: Ratio) -> float:
    """Return how far the interval reaches upwards, as a share of the ratio."""
    return found.interval.high / found.value - 1


def test_two_cells_alone_are_a_paired_t_test() -> None:
    """Without others there is nothing to squeeze towards: SciPy's test of the logs says the same."""
    rates = {("a", 1): 100.0, ("a", 2): 81.0, ("a", 3): 99.0, ("b", 1): 90.0, ("b", 2): 75.0, ("b", 3): 85.0}
    logs = {cell: [math.log(rates[cell, block]) for block in (1, 2, 3)] for cell in "ab"}
    expected = stats.ttest_rel(logs["a"], logs["b"])
    low, high = expected.confidence_interval()
    found = ratio(Blocks(rates), "a", "b")
    assert (found.p, found.degrees) == (pytest.approx(expected.pvalue), pytest.approx(2))
    assert (found.interval.low, found.interval.high) == pytest.approx((math.exp(low), math.exp(high)))


def test_the_other_way_round_is_the_inverse() -> None:
    """The ratio b ÷ a is 1 ÷ (a ÷ b), its interval and its p, too."""
    blocks = Blocks(drawn(random.Random(1)))
    one, other = ratio(blocks), ratio(blocks, "c1", "c0")
    assert one.value * other.value == pytest.approx(1)
    assert one.interval.low * other.interval.high == pytest.approx(1)
    assert one.p == pytest.approx(other.p)


def test_what_slows_a_whole_block_does_not_count() -> None:
    """A block in which the machine had half its speed changes no ratio and no interval."""
    rates = drawn(random.Random(2))
    slowed = {(cell, block): rate / (2 if block == 1 else 1) for (cell, block), rate in rates.items()}
    one, other = ratio(Blocks(rates)), ratio(Blocks(slowed))
    assert (one.value, one.standard_error) == (
        pytest.approx(other.value),
        pytest.approx(other.standard_error),
    )


def test_three_trials_are_pooled_to_five_per_cent() -> None:
    """At a deviation of 3 % a ratio is typically known to ±5.5 % among 16 cells, and to ±10 % by itself."""
    draw = random.Random(3)
    runs = [drawn(draw) for _ in range(200)]
    pooled = median(half_width(ratio(Blocks(rates))) for rates in runs)
    own = median(half_width(ratio(Blocks(rates, unpooled=CELLS))) for rates in runs)
    assert pooled == pytest.approx(0.055, abs=0.004)
    assert own > 0.085
    assert math.exp(stats.t.ppf(0.975, 2) * 0.03 * math.sqrt(2 / 3)) - 1 == pytest.approx(0.11, abs=0.003)


@pytest.mark.parametrize("unpooled", [(), CELLS])
def test_nineteen_of_twenty_intervals_have_the_true_ratio(unpooled: list[str]) -> None:
    """Of 1,200 intervals of ratios of which all are 1.1, 95 % (± 2) have it, pooled or not."""
    draw = random.Random(4)
    found = []
    for _ in range(400):
        blocks = Blocks(drawn(draw, faster=1.1), unpooled=unpooled)
        found += [ratio(blocks, "c0", other).interval.has(1.1) for other in ("c1", "c2", "c3")]
    assert sum(found) / len(found) == pytest.approx(0.95, abs=0.02)


def test_cells_that_deviate_differently_keep_what_intervals_promise() -> None:
    """Deviations that themselves vary from cell to cell (by 2, typically) leave it at 95 % (± 2)."""
    draw = random.Random(5)
    found = []
    for _ in range(400):
        deviations = {cell: 0.03 * math.sqrt(4 / draw.gammavariate(2, 2)) for cell in CELLS}
        rates = {
            (cell, block): math.exp(draw.gauss(0, deviation))
            for cell, deviation in deviations.items()
            for block in range(3)
        }
        blocks = Blocks(rates)
        found += [ratio(blocks, "c0", other).interval.has(1) for other in ("c1", "c2", "c3")]
    assert sum(found) / len(found) == pytest.approx(0.95, abs=0.02)


def test_equal_cells_are_seldom_told_apart() -> None:
    """In at most 5 % (+ 2) of 500 runs any of 15 equal cells differs from the first after Holm."""
    draw = random.Random(6)
    alarms = 0
    for _ in range(500):
        blocks = Blocks(drawn(draw))
        alarms += min(holm([ratio(blocks, "c0", other).p for other in CELLS[1:]])) <= ALPHA
    assert alarms / 500 <= ALPHA + 0.02


@pytest.mark.parametrize("calm", [0.02, None])
def test_cells_that_deviate_differently_are_seldom_told_apart(calm: float | None) -> None:
    """In at most 5 % (+ 3) of 150 runs any of all pairs of 12 equal cells differs, as places compare them.

    A third deviates by 8 % and the rest by 2 %, or all by a log-normal factor of 1.8 around 3 %.
    """
    draw = random.Random(15)
    alarms = 0
    for _ in range(150):
        rates = {}
        for index, cell in enumerate(CELLS[:12]):
            deviation = (0.08 if index < 4 else calm) if calm else 0.03 * math.exp(draw.gauss(0, 0.59))
            rates |= {(cell, block): math.exp(draw.gauss(0, deviation)) for block in range(3)}
        blocks = Blocks(rates)
        alarms += min(holm([ratio(blocks, *pair).p for pair in combinations(CELLS[:12], 2)])) <= ALPHA
    assert alarms / 150 <= ALPHA + 0.03


def test_a_cell_ten_per_cent_faster_is_mostly_told_apart() -> None:
    """At 3 % deviation and three blocks, most of 15 comparisons with it find it after Holm."""
    draw = random.Random(7)
    told = 0
    for _ in range(100):
        blocks = Blocks(drawn(draw, faster=1.1))
        told += sum(p <= ALPHA for p in holm([ratio(blocks, "c0", other).p for other in CELLS[1:]]))
    assert told / 1500 > 0.5


def test_incomplete_blocks_pair_what_they_have() -> None:
    """A ratio is over the blocks that both cells have; two that share one only have none."""
    rates = drawn(random.Random(8))
    del rates["c0", 0]
    blocks = Blocks(rates)
    expected = math.sqrt(math.prod(rates["c0", block] / rates["c1", block] for block in (1, 2)))
    assert ratio(blocks).value == pytest.approx(expected)
    assert ratio(blocks).degrees > 1
    del rates["c0", 1]
    assert Blocks(rates).ratio("c0", "c1") is None
    assert Blocks(rates).ratio("c0", "unknown") is None


def test_degrees_of_freedom_are_those_of_two_way_effects() -> None:
    """16 cells in 3 blocks leave (16 - 1) (3 - 1) = 30; each trial that is missing takes one."""
    rates = drawn(random.Random(9))
    assert Blocks(rates).common.own == pytest.approx(30)
    for lost in (("c0", 0), ("c5", 1), ("c6", 1)):
        del rates[lost]
    assert Blocks(rates).common.own == pytest.approx(27)


def test_the_variance_is_that_of_least_squares() -> None:
    """Over incomplete blocks the residuals' sum is that of a fit by NumPy with a column for each effect."""
    import numpy as np  # noqa: PLC0415 - the test's alone

    draw = random.Random(10)
    rates = {key: rate for key, rate in drawn(draw, blocks=4).items() if draw.random() > 0.2}
    design = np.array(
        [[cell == one for one in CELLS] + [block == b for b in range(4)] for cell, block in rates]
    )
    logs = np.log(list(rates.values()))
    fitted = design.astype(float) @ np.linalg.lstsq(design.astype(float), logs)[0]
    expected = float(((logs - fitted) ** 2).sum())
    common = Blocks(rates).common
    found, _ = common.squeeze(0.0, 0.0)
    assert common.own == pytest.approx(len(rates) - np.linalg.matrix_rank(design))
    if math.isinf(common.degrees):
        assert found * common.own == pytest.approx(expected)


def test_trials_that_do_not_deviate_are_compared_exactly() -> None:
    """Equal rates are no difference; rates that differ by the same in every block are one for certain."""
    rates = {
        (cell, block): rate for cell, rate in (("a", 100.0), ("b", 101.0), ("c", 100.0)) for block in (0, 1)
    }
    blocks = Blocks(rates)
    assert ratio(blocks, "a", "b").p == 0
    assert ratio(blocks, "a", "c").p == 1
    assert ratio(blocks, "a", "c").interval == Interval(1.0, 1.0)


def test_a_request_more_or_less_is_no_difference() -> None:
    """390 requests in 10 s, three times, and 391: nothing is known within a step of 0.1."""
    rates = {(cell, block): rate for cell, rate in (("a", 39.0), ("b", 39.1)) for block in range(3)}
    assert ratio(Blocks(rates), "a", "b").p < 1e-6
    found = ratio(Blocks(rates, steps=dict.fromkeys("ab", 0.1)), "a", "b")
    assert found.p > ALPHA
    assert found.standard_error == pytest.approx(0.1 / 39 * math.sqrt(2 / 6 / 3), rel=0.01)


def test_a_rate_of_nothing_is_refused() -> None:
    """It has no logarithm; whoever has one leaves it out."""
    with pytest.raises(ValueError, match="the rate of a in block 1 is 0"):
        Blocks({("a", 1): 0.0})


def two_kinds(draw: random.Random, ratio_of: float) -> tuple[Rates, dict[str, str]]:
    """Return rates of eight cells that drift with the machine, and of eight that a load holds in place."""
    kinds = dict.fromkeys(CELLS[8:], "bound")
    rates = {}
    for block in range(3):
        machine = draw.gauss(0, 0.1)
        for cell in CELLS:
            deviation, drift = (0.002, 0.0) if cell in kinds else (0.03, machine)
            true = ratio_of if cell in kinds else 1.0
            rates[cell, block] = 100 * true * math.exp(drift + draw.gauss(0, deviation))
    return rates, kinds


def test_cells_of_two_kinds_are_compared_in_these_blocks() -> None:
    """What the machine did to one kind is no chance: 95 % of intervals have the ratio of these blocks."""
    draw = random.Random(11)
    found = []
    for _ in range(300):
        rates, kinds = two_kinds(draw, 3.0)
        drift = math.prod(rates[cell, block] / 100 for cell in CELLS[:8] for block in range(3)) ** (1 / 24)
        blocks = Blocks(rates, kinds=kinds)
        of_two = [ratio(blocks, bound, free) for bound, free in zip(CELLS[8:11], CELLS[:3], strict=True)]
        found += [one.interval.has(3.0 / drift) for one in of_two]
    # the drift itself is known from 24 trials, which makes intervals look better by a few of a hundred
    assert sum(found) / len(found) > 0.94


def test_a_kind_says_nothing_of_others() -> None:
    """Cells that a load holds in place leave other intervals as they are; as one kind they double them."""
    rates, kinds = two_kinds(random.Random(12), 3.0)
    free = {key: rate for key, rate in rates.items() if key[0] not in kinds}
    one, other = ratio(Blocks(rates, kinds=kinds)), ratio(Blocks(free))
    assert one == other
    assert ratio(Blocks(rates), "c0", "c1").standard_error > 2 * one.standard_error


def test_among_several_an_interval_is_wider() -> None:
    """One of ten intervals that hold together has 99.5 % by itself; alone it is the 95 % one."""
    found = ratio(Blocks(drawn(random.Random(13)), unpooled=CELLS))
    assert found.among(1).high == pytest.approx(found.interval.high)
    reach = stats.t.ppf(1 - 0.05 / 10 / 2, found.degrees) * found.standard_error
    assert found.among(10).low == pytest.approx(found.value * math.exp(-reach))
