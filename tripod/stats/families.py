"""Several tests that are read together: how sure each must be, so that the family is."""

from __future__ import annotations

from collections.abc import Sequence

# How often a family of comparisons, none of which is real, may have one that looks so.
ALPHA = 0.05


def holm(p: Sequence[float]) -> list[float]:
    """Return the p values adjusted for their number, in the order given; each is at most 1.

    What is at most 0.05 after this is claimed; the chance that any claim of the family is false is then at
    most 0.05, however the tests depend on one another (Holm: A Simple Sequentially Rejective Multiple Test
    Procedure, Scandinavian Journal of Statistics 6, 1979).
    """
    adjusted = [0.0] * len(p)
    reached = 0.0
    for place, index in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        reached = max(reached, min(1.0, (len(p) - place) * p[index]))
        adjusted[index] = reached
    return adjusted
