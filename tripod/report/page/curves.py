"""What the drawings of a row are made of: latency distributions, and how busy hosts were over a trial."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tripod.runs.documents import DamagedFileError, read_k6
from tripod.runs.results import Run
from tripod.stats import course, figures
from tripod.stats.quantiles import FEWEST_BEYOND, Distribution, is_told
from tripod.stats.series import Series, SeriesError
from tripod.verdicts.evidence import Cell, Trial

# Every per cent, and closer where tails are: the share of requests that took no longer.
SHARES = (
    0.001,
    0.002,
    0.005,
    *(round(at / 100, 2) for at in range(1, 100)),
    *(0.992, 0.994, 0.995, 0.996, 0.997, 0.998, 0.999, 0.9995, 0.9998, 0.9999),
)
_DIGITS = 4


def supported(distribution: Distribution, share: float, window_s: float) -> float | None:
    """Return the value, ms, below which a share lies.

    None unless ten values lie on either side of it, and where trials are too short for a tail.
    """
    if not is_told(share, window_s):
        return None
    beyond = round(min(share, 1 - share) * distribution.count, 6)
    return distribution.quantile(share) if beyond >= FEWEST_BEYOND else None


def curve(distribution: Distribution, window_s: float) -> list[float | None]:
    """Return the value, ms, at each of `SHARES`; null where trials of this length do not tell it."""
    return [_rounded(supported(distribution, share, window_s)) for share in SHARES]


def middle_trial(cell: Cell) -> Trial | None:
    """Return the good trial whose rate is in the middle; of an even number the slower one."""
    ordered = sorted(
        zip(cell.good, cell.rps_per_trial, strict=True), key=lambda pair: (pair[1], pair[0].name)
    )
    return ordered[(len(ordered) - 1) // 2][0] if ordered else None


def activity(run: Run, cell: Cell) -> dict[str, Any] | None:
    """Return how busy each host was over the cell's middle trial; None without telemetry.

    `trial` is its name, `seconds` the length of the measured window, which begins at 0. Each of `hosts` has
    its name, the `legs` that it is, `busy` and `services` (leg → course): `t` in s, `share` of all its cores;
    or `lost`, why there is nothing.
    """
    trial = middle_trial(cell)
    told = (trial.record or {}).get("telemetry") if trial else None
    if trial is None or not told:
        return None
    loads = run.plan["legs"]["load"]
    try:  # clocks are compared with the first load host's
        summary = read_k6(run.path / "trials" / trial.name, run.path, loads[0], loads)
    except DamagedFileError:
        return None
    began_ms = figures.began_ms(summary)
    seconds = float(cell.planned["load"]["duration_s"])
    hosts = [
        {
            "host": host,
            "legs": run.plan["hosts"].get(host, {}).get("legs", []),
            **_of_host(sampled, began_ms, seconds),
        }
        for host, sampled in told.items()
    ]
    return {"trial": trial.name, "seconds": seconds, "hosts": hosts}


def _of_host(sampled: Mapping[str, Any], began_ms: float | None, seconds: float) -> dict[str, Any]:
    if began_ms is None or sampled.get("clock_offset_s") is None or not sampled.get("series"):
        return {"lost": sampled.get("lost") or "nothing was sampled in the window"}
    try:
        series = Series(sampled["series"])
        window = series.host.window(began_ms * 1000 + sampled["clock_offset_s"] * 1e6, seconds)
        busy, services = course.of_host(series, window), course.of_services(series, window)
    except SeriesError as error:
        return {"lost": str(error)}
    except (ArithmeticError, IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
        # samples of a foreign run that are packed well and hold nonsense
        return {"lost": f"the samples cannot be read: {type(error).__name__}"}
    return {
        "busy": _points(busy) if busy else None,
        "services": {leg: _points(found) for leg, found in services.items()},
    }


def _points(found: course.Course) -> dict[str, list[float]]:
    return {
        "t": [round(at, 2) for at in found.seconds],
        "share": [round(share, 3) for share in found.shares],
    }


def _rounded(value: float | None) -> float | None:
    """Return a value with four significant digits, which is finer than a drawing."""
    return None if value is None else float(f"{value:.{_DIGITS}g}")
