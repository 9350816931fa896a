"""How often `collect.py compare` errs: calls what is alike different, or misses a cell that lost a tenth.

Takes run directories of the same thing, measured one after the other. Of these it says

- how many cells are called different in every pair of the runs, and between every two halves of them, and how
  many chance would;
- what they differ by: trials around their block, cells from run to run beside the common shift, shifts;
- of runs that are drawn with these deviations (1,000 families each): the share of families with a false
  difference after Holm, and of the cells that lost a tenth the share that was found; one run a side, and
  several;
- the same of real trials whose labels are permuted: each cell's trials of two runs, taken around their
  blocks, are dealt to the two sides anew, so that nothing differs but by chance.

    .venv/bin/python benchmarks/comparison_errors.py results/one results/two results/three …
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, stdev

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tripod.report import compare  # noqa: E402
from tripod.report.sides import Side, common, side  # noqa: E402
from tripod.runs.results import read_run  # noqa: E402
from tripod.stats import between_runs, effects  # noqa: E402
from tripod.stats.families import ALPHA, holm  # noqa: E402

LOSS = 0.1
Logs = Mapping[str, Mapping[int, float]]


@dataclass(frozen=True)
class Seen:
    """What runs of the same thing differ by, in natural logarithms.

    Attributes:
        means: cell → mean.
        trials: cell → standard deviation of a trial around the effects of its cell and block.
        runs: cell → the same of a whole run beside its shift, without what its trials explain.
        blocks: standard deviation of a block.
        shifts: of a run's shift.

    """

    means: Mapping[str, float]
    trials: Mapping[str, float]
    runs: Mapping[str, float]
    blocks: float
    shifts: float


def main() -> None:
    """Print what the runs show, and what is drawn from them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("runs", nargs="+", type=Path, help="run directories of the same thing, at least two")
    parser.add_argument("--families", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if len(options.runs) < 2:
        parser.error("two runs or more are needed: from one nobody knows what runs differ by")
    sides = [side([read_run(path)], path.name) for path in options.runs]
    _print_real(sides)
    logs, wide = _logs(sides)
    rng = random.Random(options.seed)
    seen = _seen(logs)
    cells = len(seen.means)
    print(
        f"\nwhat {len(sides)} runs of {cells} cells differ by: a trial "
        f"{_percent(median(seen.trials.values()))} around its block (median over the cells), a cell from run "
        "to run "
        f"{_percent(math.sqrt(fmean(one**2 for one in seen.runs.values())))} beside the shift (root mean "
        f"square; trials taken out), a block {_percent(seen.blocks)}, a run's shift {_percent(seen.shifts)}; "
        f"{len(wide)} of the cells have wide-spread"
    )
    blocks = max(len(of_cell) for of_run in logs for of_cell in of_run.values())
    half = max(len(sides) // 2, 2)
    for name, each in (("one run a side", 1), (f"{half} runs a side", half)):
        for what, used in (("with", seen), ("without", _without_run_effects(seen))):
            drawn = _drawer(used, rng, each, blocks)
            print(f"drawn, {name}, {what} run effects: {_errors(drawn, wide, options.families, rng)}")
    dealt = _dealer(logs, rng)
    print(f"real trials, labels permuted, one run a side: {_errors(dealt, wide, options.families, rng)}")


def _print_real(sides: Sequence[Side]) -> None:
    """Compare every two runs, and every two halves of them."""
    splits: dict[str, list[tuple[Side, Side]]] = {
        "pairs of runs": list(itertools.combinations(sides, 2)),
    }
    size = len(sides) // 2
    if size > 1:
        # of each split and its mirror the one that has the first run on side A
        chosen = [of_a for of_a in itertools.combinations(range(2 * size), size) if of_a[0] == 0]
        splits[f"halves of {size} runs each"] = [
            (
                side([run for index in of_a for run in sides[index].runs], "A"),
                side(
                    [run for index in range(2 * size) if index not in of_a for run in sides[index].runs], "B"
                ),
            )
            for of_a in chosen
        ]
    for name, pairs in splits.items():
        made = [compare.make(a, b) for a, b in pairs]
        judged = [cell for found in made for cell in found["cells"] if cell["p"] is not None]
        different = [cell for cell in judged if cell["answer"] in {compare.FASTER, compare.SLOWER}]
        families = sum(
            any(cell["answer"] in {compare.FASTER, compare.SLOWER} for cell in found["cells"])
            for found in made
        )
        print(
            f"{len(pairs)} {name}: {len(different)} of {len(judged)} cells are called different after "
            f"Holm, in {families} of {len(pairs)} families; chance would in {ALPHA * len(pairs):.1f}"
        )


def _logs(sides: Sequence[Side]) -> tuple[list[dict[str, dict[int, float]]], set[str]]:
    """Return cell → block → log rate of each run, of the cells that all can judge; and which are wide."""
    keys = set.intersection(*(set(common(sides[0], other)) for other in sides[1:]))
    cells = {key: [one.cells[key] for one in sides] for key in keys}
    cells = {key: found for key, found in cells.items() if not any(same.void or same.bound for same in found)}
    if len(cells) < between_runs.FEWEST_CELLS:
        sys.exit(f"{len(cells)} cells that all runs measured and the load does not limit: three are needed")
    logs = [
        {
            key: {block: math.log(rate) for block, rate in found[number].values("rate", 0).items()}
            for key, found in sorted(cells.items())
        }
        for number in range(len(sides))
    ]
    return logs, {key for key, found in cells.items() if any(same.wide for same in found)}


def _seen(logs: Sequence[Logs]) -> Seen:
    fitted = [effects.fit(run) for run in logs]
    over_runs = effects.fit(
        {cell: {number: run.cells[cell].mean for number, run in enumerate(fitted)} for cell in logs[0]}
    )
    trials = {cell: math.sqrt(fmean(run.cells[cell].variance for run in fitted)) for cell in logs[0]}
    blocks = [block for run in fitted for block in run.blocks.values()]
    return Seen(
        means={cell: found.mean for cell, found in over_runs.cells.items()},
        trials=trials,
        runs={
            cell: math.sqrt(
                max(found.variance - fmean(trials[cell] ** 2 / run.cells[cell].count for run in fitted), 0.0)
            )
            for cell, found in over_runs.cells.items()
        },
        blocks=math.sqrt(sum(block**2 for block in blocks) / max(len(blocks) - len(fitted), 1)),
        shifts=stdev(over_runs.blocks.values()),
    )


def _without_run_effects(seen: Seen) -> Seen:
    return Seen(seen.means, seen.trials, dict.fromkeys(seen.runs, 0.0), seen.blocks, seen.shifts)


Family = tuple[list[dict[tuple[str, int], float]], list[dict[tuple[str, int], float]]]


def _drawer(seen: Seen, rng: random.Random, each: int, blocks: int) -> Callable[[], Family]:
    """Return what draws so many runs a side, of so many blocks, with the deviations that were seen."""

    def run() -> dict[tuple[str, int], float]:
        shift = rng.gauss(0, seen.shifts)
        drift = [rng.gauss(0, seen.blocks) for _ in range(blocks)]
        found = {}
        for cell, mean in seen.means.items():
            own = mean + shift + rng.gauss(0, seen.runs[cell])
            for block in range(blocks):
                found[cell, block] = math.exp(own + drift[block] + rng.gauss(0, seen.trials[cell]))
        return found

    return lambda: ([run() for _ in range(each)], [run() for _ in range(each)])


def _dealer(logs: Sequence[Logs], rng: random.Random) -> Callable[[], Family]:
    """Return what deals each cell's trials of two runs to two sides anew, around the blocks of these runs."""
    pairs = list(itertools.combinations(logs, 2))

    def family() -> Family:
        two = rng.choice(pairs)
        fitted = [effects.fit(run) for run in two]
        sides: Family = ([{}], [{}])
        for cell in two[0]:
            around = [
                log - found.cells[cell].mean - found.blocks[block]
                for run, found in zip(two, fitted, strict=True)
                for block, log in run[cell].items()
            ]
            # deviations from a cell's own mean are too small by what the mean took of them
            count = len(around) / len(two)
            around = [one * math.sqrt(count / (count - 1)) for one in around] if count > 1 else around
            rng.shuffle(around)
            dealt = iter(around)
            for made, run, found in zip(sides, two, fitted, strict=True):
                for block in run[cell]:
                    made[0][cell, block] = math.exp(
                        fitted[0].cells[cell].mean + found.blocks[block] + next(dealt)
                    )
        return sides

    return family


def _errors(family: Callable[[], Family], wide: Iterable[str], families: int, rng: random.Random) -> str:
    """Return how many families have a false difference, and how many cells that lost a tenth are found."""
    false = found = 0
    for _ in range(families):
        a, b = family()
        false += bool(_different(a, b, wide))
        lost = rng.choice(sorted({cell for cell, _ in b[0]}))
        slower = [
            {key: value * (1 - LOSS if key[0] == lost else 1) for key, value in run.items()} for run in b
        ]
        found += lost in _different(a, slower, wide)
    return (
        f"{_percent(false / families)} of {families} families have a false difference; of {families} cells "
        f"that lost {_percent(LOSS)}, {_percent(found / families)} were found"
    )


def _different(
    a: Sequence[between_runs.Values], b: Sequence[between_runs.Values], wide: Iterable[str]
) -> set[str]:
    """Return the cells that are called different."""
    told = between_runs.compare(a, b, unpooled=set(wide)).cells
    p = {
        cell: against.to_shift.p
        for cell, against in told.items()
        if against.to_shift is not None and against.to_shift.p is not None
    }
    adjusted = holm(list(p.values()))
    return {cell for cell, value in zip(p, adjusted, strict=True) if value <= ALPHA}


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


if __name__ == "__main__":
    main()
