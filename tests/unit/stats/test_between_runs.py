"""Runs compared: the common shift, and each cell against it."""

from __future__ import annotations

import math
import random

import pytest

from tripod.stats.between_runs import Comparison, compare
from tripod.stats.families import ALPHA, holm


def run(  # noqa: PLR0913 - all by name
    rng: random.Random,
    *,
    cells: int = 8,
    blocks: int = 3,
    shift: float = 0.0,
    deviation: float = 0.03,
    effects: float = 0.0,
    changed: dict[int, float] | None = None,
) -> dict[tuple[str, int], float]:
    """Return rates of cells of 100/s and more, with the drift of the blocks, and in logs these deviations."""
    values = {}
    drift = [rng.gauss(0, 0.05) for _ in range(blocks)]
    for cell in range(cells):
        own = math.log(100 + 50 * cell) + shift + rng.gauss(0, effects) + (changed or {}).get(cell, 0.0)
        for block in range(blocks):
            values[f"c{cell}", block] = math.exp(own + drift[block] + rng.gauss(0, deviation))
    return values


def test_a_shift_of_all_cells_is_no_difference() -> None:
    """A machine at half its speed is the shift; beside it each cell is as it was, to what trials can show."""
    rng = random.Random(1)
    found = compare([run(rng)], [run(rng, shift=math.log(0.5))])
    assert found.shift is not None
    assert found.shift.ratio == pytest.approx(0.5, rel=0.1)
    assert found.shift.interval is not None
    assert found.shift.interval.has(0.5)
    assert found.shift.cells == 8
    for against in found.cells.values():
        assert against.to_shift is not None
        assert against.to_shift.value == pytest.approx(against.ratio.value / found.shift.ratio)
        assert against.to_shift.value == pytest.approx(1, abs=0.1)


def test_one_cell_that_changed_does_not_move_the_shift() -> None:
    """With a mean the others would seem faster by a share of its loss; of a median nothing is seen of it."""
    rng = random.Random(2)
    found = compare([run(rng, deviation=0.001)], [run(rng, deviation=0.001, changed={0: math.log(0.5)})])
    [changed, *others] = [against.to_shift for against in found.cells.values()]
    assert changed is not None
    assert changed.value == pytest.approx(0.5, rel=0.02)
    assert changed.p is not None
    assert changed.p < 1e-4
    assert all(other is not None and other.value == pytest.approx(1, abs=0.01) for other in others)


def test_cells_of_a_kind_do_not_tell_the_shift() -> None:
    """What the load limits stays where it is, whatever the machine does, and is compared all the same."""
    rng = random.Random(3)
    stays = {cell: math.log(2) for cell in range(5)}
    kinds = {f"c{cell}": "bound" for cell in stays}
    found = compare([run(rng)], [run(rng, shift=math.log(0.5), changed=stays)], kinds=kinds)
    assert found.shift is not None
    assert (found.shift.ratio, found.shift.cells) == (pytest.approx(0.5, rel=0.1), 3)
    assert found.cells["c0"].to_shift is not None
    assert found.cells["c0"].to_shift.value == pytest.approx(2, rel=0.15)


def test_cells_of_a_kind_make_nobody_else_sure() -> None:
    """They hardly vary and feel no drift: pooled with the others they would halve these one's intervals."""
    rng = random.Random(9)
    values = [run(rng), run(rng)]
    for one in values:
        one |= {(f"held{cell}", block): 230.0 + 0.01 * block for cell in range(8) for block in range(3)}
    kinds = {f"held{cell}": "bound" for cell in range(8)}
    apart = compare(*([one] for one in values), kinds=kinds)
    alone = compare(*([{key: value for key, value in one.items() if key[0] not in kinds}] for one in values))
    assert {cell: apart.cells[cell] for cell in alone.cells} == alone.cells
    held = apart.cells["held0"].ratio
    assert held.value == pytest.approx(1)
    assert held.interval is not None
    assert held.interval.high < 1.001


def test_no_variance_is_less_than_a_request_more_or_less() -> None:
    """Trials of 1 s with ten requests each are alike by rounding, and not for sure."""
    same = {(f"c{cell}", block): 10.0 for cell in range(4) for block in range(3)}
    sure = compare([same], [same]).cells["c0"].ratio.interval
    counted = compare([same], [same], steps=dict.fromkeys(["c0"], 1.0)).cells["c0"].ratio.interval
    assert sure
    assert counted
    assert sure.high == pytest.approx(1)
    assert counted.high > 1.05


def test_two_cells_have_no_shift() -> None:
    """Of two nobody can say which has moved; their own ratios stand, with what their trials tell."""
    rng = random.Random(4)
    found = compare([run(rng, cells=2)], [run(rng, cells=2)])
    assert found.shift is None
    assert all(against.to_shift is None and against.ratio.interval for against in found.cells.values())


def test_single_trials_have_no_interval() -> None:
    """One block a side has no variance, and none is made up."""
    rng = random.Random(5)
    found = compare([run(rng, blocks=1)], [run(rng, blocks=1)])
    assert found.shift is not None
    assert found.shift.interval is None
    assert all(against.to_shift and against.to_shift.p is None for against in found.cells.values())


def test_a_cell_that_some_trials_lack_is_compared_by_the_blocks_that_it_has() -> None:
    """A trial that failed in the slowest block does not make its cell seem faster."""
    whole = {(f"c{cell}", block): 100.0 * (1.0, 1.0, 0.5)[block] for cell in range(4) for block in range(3)}
    lacking = {key: rate for key, rate in whole.items() if key != ("c0", 2)}
    found = compare([whole], [lacking])
    assert found.cells["c0"].ratio.value == pytest.approx(1)


def chance(differing: int, families: int, *, effects: float) -> tuple[float, float]:
    """Return how many families have a false difference, and how many changes of 10 % are found."""
    rng = random.Random(6)
    false = found = 0
    for _ in range(families):
        sides = [
            [run(rng, shift=rng.gauss(0, 0.2), changed=changed, effects=effects) for _ in range(3)]
            for changed in ({}, {0: math.log(0.9)} if differing else {})
        ]
        told = told_apart(compare(*sides))
        false += bool(told - ({"c0"} if differing else set()))
        found += "c0" in told
    return false / families, found / families


def told_apart(found: Comparison) -> set[str]:
    """Return the cells that are called different, after Holm."""
    p = {cell: against.to_shift.p for cell, against in found.cells.items() if against.to_shift}
    adjusted = holm([value for value in p.values() if value is not None])
    return {cell for cell, value in zip(p, adjusted, strict=True) if value <= ALPHA}


def test_effects_of_runs_are_known_from_several_runs_alone() -> None:
    """Three runs a side whose cells vary by 3 % from run to run: as many false families as chance has."""
    false, _ = chance(0, 120, effects=0.03)
    assert false <= 0.12  # 0.05, and three standard errors of 120 families
    one = [
        bool(told_apart(compare([run(rng, effects=0.03)], [run(rng, effects=0.03)])))
        for rng in map(random.Random, range(60))
    ]
    assert sum(one) / 60 > 0.4  # one run a side takes them for differences, which is why it is called so


def test_a_tenth_is_found() -> None:
    """Three runs a side, 1.5 % from run to run: a cell that lost 10 % is told nearly always."""
    false, found = chance(1, 60, effects=0.015)
    assert found > 0.9
    assert false <= 0.15


def test_one_run_against_several_has_their_variance() -> None:
    """What runs differ by is known from the side that has several."""
    rng = random.Random(8)
    found = compare([run(rng, effects=0.03)], [run(rng, effects=0.03) for _ in range(3)])
    assert all(against.to_shift and against.to_shift.interval for against in found.cells.values())
    alone = compare([run(rng, effects=0.03)], [run(rng, effects=0.03)])
    widths = [
        interval.high / interval.low
        for one in (found, alone)
        if (interval := one.cells["c1"].to_shift and one.cells["c1"].to_shift.interval)
    ]
    assert widths[0] > widths[1]


def test_a_cell_apart_from_the_others_has_its_own_variance() -> None:
    """The wide deviation of one cell widens none of the others' intervals."""
    values = [run(random.Random(seed), deviation=0.02) for seed in (1, 2)]
    for number, one in enumerate(values):
        for block in range(3):
            one["c7", block] *= (1.0, 3.0, 0.4)[(block + number) % 3]
    apart = compare(*([one] for one in values), unpooled=["c7"])
    pooled = compare(*([one] for one in values))
    for cell in ("c0", "c1"):
        narrow, wide = (found.cells[cell].ratio.interval for found in (apart, pooled))
        assert narrow
        assert wide
        assert narrow.high / narrow.low < wide.high / wide.low
