"""Student's t, which all intervals and tests rest on, by SciPy."""

from __future__ import annotations

from functools import lru_cache

# Every interval of a table says how sure it is by this.
CONFIDENCE = 0.95


@lru_cache(maxsize=1024)  # the ratios of a group have the same degrees
def quantile(degrees: float, confidence: float = CONFIDENCE) -> float:
    """Return how many standard errors an interval reaches to each side, with so many degrees of freedom."""
    return below(degrees, (1 + confidence) / 2)


def below(degrees: float, share: float) -> float:
    """Return the t below which this share of all lies."""
    from scipy.special import stdtrit  # noqa: PLC0415 - SciPy takes half a second to load

    return float(stdtrit(degrees, share))


def p_value(t: float, degrees: float) -> float:
    """Return how often chance alone gives a t that is further from 0, to either side."""
    from scipy.special import stdtr  # noqa: PLC0415 - likewise

    return float(2 * stdtr(degrees, -abs(t)))
