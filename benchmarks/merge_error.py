"""How far percentiles of merged grids are from those of all samples in one, for inputs of many shapes.

.venv/bin/python benchmarks/merge_error.py 20
"""

from __future__ import annotations

import random
import statistics
import sys

from merged_samples import INPUTS, SHARES, errors_of


def main() -> None:
    """Print a line for each input and percentile: median and greatest error over all seeds."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print(f"{'':28}{'':8}{'value: median':>16}{'most':>10}{'rank: median':>16}{'most':>10}")
    for name, make in INPUTS.items():
        errors = [errors_of(make(random.Random(seed))) for seed in range(seeds)]
        for share, of_share in zip(SHARES, zip(*errors, strict=True), strict=True):
            values, ranks = [error.value for error in of_share], [error.rank for error in of_share]
            print(
                f"{name:28}{f'p{100 * share:g}':8}{statistics.median(values):16.3%}{max(values):10.3%}"
                f"{statistics.median(ranks):16.4%}{max(ranks):10.4%}",
                flush=True,
            )
            name = ""  # noqa: PLW2901 - said once


if __name__ == "__main__":
    main()
