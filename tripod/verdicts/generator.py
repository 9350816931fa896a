"""What k6 itself shows of its being the bottleneck: iterations dropped or late, or waiting for a CPU."""

from __future__ import annotations

from collections.abc import Sequence

from tripod.verdicts.evidence import Cell, Load, Trial
from tripod.verdicts.rule import Limit
from tripod.verdicts.shares import k6_share, percent

DROPPED = Limit(
    name="iterations dropped while users were free",
    value=0,
    unit="iterations",
    source="k6 starts each on time unless it lacks a free user, or the CPU to start it",
)
FREE = Limit(
    name="users that were busy",
    value=0.9,
    unit="of all users",
    source="chosen: with nearly all of them waiting for answers an iteration is dropped for the app's sake",
)
LAG = Limit(
    name="p95 of how late iterations began, where none was dropped",
    value=10,
    unit="ms",
    source="a busy neighbour on k6's core took the p95 of latencies from 0.7 to 8.4 ms",
)
WAITING = Limit(
    name="time in which a process of the load host waited for a CPU (PSI)",
    value=0.25,
    unit="of the window",
    source="0.03 on a quiet load host, 0.45 beside a busy neighbour that took the p95 from 0.7 to 8.4 ms",
)
CPU = Limit(
    name="CPU time of k6",
    value=0.8,
    unit="of its host's cores",
    source="k6 advises to leave 20 % of them idle; Hyperfoil fails a run at any core above 80 %",
)


def behind(cell: Cell, trial: Trial) -> str:
    """Return in words that k6 did not keep the schedule of an open load for its own sake; empty if it did.

    From the first dropped iteration on the lag is not known.
    """
    return _joined(trial, [_behind(cell, trial, load) for load in trial.loads])


def _behind(cell: Cell, trial: Trial, load: Load) -> str:
    schedule = load.figures.schedule
    if schedule is None:
        return ""
    if schedule.dropped_iterations <= DROPPED.value:
        late_ms = schedule.lag.quantile(0.95) if schedule.lag else 0.0
        return f"5 % of the iterations began {late_ms:.1f} ms late or more" if late_ms >= LAG.value else ""
    busy = _busy_users(cell, load, cell.users / len(trial.loads))
    if busy is None or busy >= FREE.value:
        return ""  # the app was too slow for the load, which is a result
    free = percent(1 - busy)
    return f"k6 dropped {schedule.dropped_iterations} iterations while {free} of its users were free"


def short_of_cpu(trial: Trial) -> str | None:
    """Return in words that a load host was short of CPU; empty if none was, None if nobody could tell.

    Where k6 shares its cores with other legs this proves nothing of k6 itself.
    """
    shorts = [_short(load) for load in trial.loads]
    told = _joined(trial, [short or "" for short in shorts])
    return None if None in shorts and not told else told


def _short(load: Load) -> str | None:
    host = load.activity
    waited = host.pressure_cpu if host else None
    used = k6_share(load)
    told = []
    if waited is not None and waited >= WAITING.value:
        told.append(f"processes of the load host waited for a CPU {percent(waited)} of the time")
    if used is not None and used >= CPU.value:
        told.append(f"k6 used {percent(used)} of its cores")
    return None if waited is None and used is None else " and ".join(told)


def _joined(trial: Trial, told: Sequence[str]) -> str:
    """Return what was found of the load hosts, each by its name where there are several."""
    found = [(load.host, what) for load, what in zip(trial.loads, told, strict=True) if what]
    return "; ".join(f"{host}: {what}" if trial.shared else what for host, what in found)


def _busy_users(cell: Cell, load: Load, users: float) -> float | None:
    """Return the share of a load host's users that were in an iteration, on average, by Little's law."""
    iteration = load.figures.latencies.get("iteration_ms")
    if iteration is None:
        return None
    return float(iteration.count * iteration.avg / 1000 / cell.planned["load"]["duration_s"] / users)
