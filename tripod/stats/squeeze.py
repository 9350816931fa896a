"""Variances of a few values each, squeezed towards what all of them have in common.

A variance from three values is off by a factor of several. Where many cells are measured in the same way,
their variances tell how variances are spread: around `scale`, as if each had been known from `degrees` values
more before. G. K. Smyth: Linear Models and Empirical Bayes Methods for Assessing Differential Expression in
Microarray Experiments, Statistical Applications in Genetics and Molecular Biology 3 (1), 2004, section 6.2;
`squeezeVar` and `fitFDist` of the R package limma.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

# A variance of 0 has no logarithm: limma's share of the median that it counts as.
_LEAST = 1e-5
_NEWTON_STEPS = 50
_CLOSE = 1e-8


@dataclass(frozen=True)
class Prior:
    """What all variances have in common.

    Attributes:
        scale: the variance that they lie around.
        degrees: how much that counts, in degrees of freedom; 0: nothing is in common, infinite: the variances
            differ no more than chance makes them.
        own: degrees of freedom of all variances together, the most that any can have after it is squeezed.

    """

    scale: float
    degrees: float
    own: float

    def squeeze(self, variance: float, degrees: float, *, times: float = 1) -> tuple[float, float]:
        """Return a variance with these degrees of freedom as squeezed, and the degrees that it then has.

        Args:
            variance: from the values themselves.
            degrees: its degrees of freedom.
            times: what the variance is of in `scale`; 2 of a difference.

        """
        if not self.degrees:
            return variance, degrees
        scale = times * self.scale
        if math.isinf(self.degrees):
            return scale, self.own
        squeezed = (self.degrees * scale + degrees * variance) / (self.degrees + degrees)
        return squeezed, min(self.degrees + degrees, self.own)


def carefully(
    prior: Prior, variance: float, degrees: float, *, times: float = 1, cells: int | None = None
) -> tuple[float, float]:
    """Return the same with more care than among thousands of variances.

    How far a few cells agree is known from as few of them as there are, and where some are calm and others
    are not, too much is taken for common. So what they have in common has half its weight, and no variance is
    less than its own.

    Args:
        prior: what the variances have in common.
        variance: from the values themselves.
        degrees: its degrees of freedom.
        times: what the variance is of in the prior's scale.
        cells: how many tell the prior, where a family has many tests for each of them, such as all pairs: it
            then counts for `most_in_common` of them at most.

    """
    weight = prior.degrees / 2 if cells is None else min(prior.degrees / 2, most_in_common(cells))
    squeezed, known = replace(prior, degrees=weight).squeeze(variance, degrees, times=times)
    return max(squeezed, variance), known


def most_in_common(cells: int) -> float:
    """Return the most degrees of freedom that what so many cells have in common counts for."""
    return cells / 2


NOTHING_IN_COMMON = Prior(scale=0.0, degrees=0.0, own=0.0)


def fit(variances: Sequence[float], degrees: Sequence[float]) -> Prior:
    """Return what variances, each with its degrees of freedom, have in common; nothing of fewer than two."""
    known = [(value, freedom) for value, freedom in zip(variances, degrees, strict=True) if freedom > 0]
    typical = sorted(value for value, _ in known)[len(known) // 2] if known else 0.0
    if len(known) < 2 or not typical:  # noqa: PLR2004 - one variance has nothing in common
        return NOTHING_IN_COMMON
    from scipy.special import digamma, polygamma  # noqa: PLC0415 - SciPy takes half a second to load

    own = math.fsum(freedom for _, freedom in known)
    spread = [
        math.log(max(value, _LEAST * typical)) - float(digamma(freedom / 2)) + math.log(freedom / 2)
        for value, freedom in known
    ]
    mean = math.fsum(spread) / len(spread)
    by_chance = math.fsum(float(polygamma(1, freedom / 2)) for _, freedom in known) / len(known)
    more = math.fsum((value - mean) ** 2 for value in spread) / (len(spread) - 1) - by_chance
    if more <= 0:
        pooled = math.fsum(value * freedom for value, freedom in known) / own
        return Prior(scale=pooled, degrees=math.inf, own=own)
    half = _inverse_trigamma(more)
    return Prior(scale=math.exp(mean + float(digamma(half)) - math.log(half)), degrees=2 * half, own=own)


def _inverse_trigamma(value: float) -> float:
    """Return whose trigamma the value is, by Newton's method (Smyth 2004, appendix)."""
    from scipy.special import polygamma  # noqa: PLC0415 - likewise

    found = 0.5 + 1 / value
    for _ in range(_NEWTON_STEPS):
        trigamma = float(polygamma(1, found))
        step = trigamma * (1 - trigamma / value) / float(polygamma(2, found))
        found += step
        if abs(step) <= _CLOSE * found:
            break
    return found
