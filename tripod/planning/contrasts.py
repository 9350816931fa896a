"""The contrasts of a plan: those of the matrix whose cells the run has, once for each group that has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.inputs.contrasts import Contrast
from tripod.inputs.stacks import sized_name


def make(contrasts: Sequence[Contrast], cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the contrasts as they stand in plan.json, their cells named as in the run.

    Args:
        contrasts: of the matrix.
        cells: of the run.

    """
    known: dict[tuple[str, int | None, str], str] = {}
    groups: dict[tuple[str, int | None], None] = {}
    for cell in cells:
        group = (cell["load"]["name"], cell["db_sleep_ms"])
        groups[group] = None
        if "twin_of" not in cell:
            known[*group, sized_name(cell["stack"], (cell["workers"], cell["threads"]))] = cell["cell"]
    return [
        {"claim": one.claim, "cells": pair, "by": one.by, "within": one.within}
        for one in contrasts
        for load, db_sleep_ms in groups
        if one.load in {None, load} and one.db_sleep_ms in {None, db_sleep_ms}
        if len(
            pair := [
                known[load, db_sleep_ms, name] for name in one.cells if (load, db_sleep_ms, name) in known
            ]
        )
        == len(one.cells)
    ]
