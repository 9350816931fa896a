"""Effects of cell and of block on log rates, by least squares; blocks may be incomplete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """What trials tell of one cell.

    Attributes:
        mean: of its logs, as if it had been measured in every block.
        variance: of one of its logs around the effects of cell and block; 0 where `degrees` is.
        degrees: of freedom of the variance: a residual has as many as its variance is of one value's
            (1 - leverage). In complete blocks a cell has (blocks - 1) (cells - 1) / cells.
        count: trials.

    """

    mean: float
    variance: float
    degrees: float
    count: int


@dataclass(frozen=True)
class Effects:
    """What trials of a run tell: of each cell, and of each block how far it lies from the mean of all."""

    cells: Mapping[str, Effect]
    blocks: Mapping[int, float]


def fit(logs: Mapping[str, Mapping[int, float]]) -> Effects:
    """Return the effects of cell → block → log rate; each cell has at least one."""
    import numpy as np  # noqa: PLC0415 - loaded when the first interval is made

    blocks = sorted({block for of_cell in logs.values() for block in of_cell})
    index = {block: position for position, block in enumerate(blocks)}
    values = [np.array(list(of_cell.values())) for of_cell in logs.values()]
    raw = []
    for of_cell in logs.values():
        design = np.zeros((len(of_cell), len(blocks)))
        design[np.arange(len(of_cell)), [index[block] for block in of_cell]] = 1
        raw.append(design)
    designs = [design - design.mean(axis=0) for design in raw]  # the cell's own effect is taken out
    inverse = np.linalg.pinv(sum(design.T @ design for design in designs), hermitian=True)
    pairs = list(zip(designs, values, strict=True))
    effects = inverse @ sum(design.T @ (of_one - of_one.mean()) for design, of_one in pairs)
    found = {}
    for cell, whole, (design, of_one) in zip(logs, raw, pairs, strict=True):
        residuals = of_one - of_one.mean() - design @ effects
        leverage = 1 / len(of_one) + np.einsum("ij,jk,ik->i", design, inverse, design)
        freedom = float((1 - leverage).sum())
        known = freedom > 1e-6  # noqa: PLR2004 - less is rounding
        found[cell] = Effect(
            mean=float(of_one.mean() - whole.mean(axis=0) @ effects),
            variance=float((residuals**2).sum()) / freedom if known else 0.0,
            degrees=freedom if known else 0.0,
            count=len(of_one),
        )
    return Effects(found, {block: float(effects[position]) for block, position in index.items()})
