"""How far a run is: which trial goes on, how long it and the rest will take, and what was found so far.

Made of the plan and of this machine's clock, refined by the trials that have ended: while one is measured,
nobody asks a host.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from tripod.catalogue import lengths
from tripod.verdicts import registry
from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Severity

# So many of the last trials tell what one takes beside its load.
_REMEMBERED = 20


@dataclass
class Found:
    """What was found of a cell so far.

    Attributes:
        cell: its name.
        of: trials that it has in all.
        ended: of them, ended.
        rps: mean rate of the good ones; None without any.
        codes: of what is said of them.
        severity: the worst of that; None if nothing is said.

    """

    cell: str
    of: int
    ended: int = 0
    rps: float | None = None
    codes: tuple[str, ...] = ()
    severity: Severity | None = None

    def take(self, cell: Cell) -> None:
        """Take what the trials of the cell say that have a record; others were not reached yet."""
        reached = tuple(trial for trial in cell.trials if trial.record is not None)
        self.ended = len(reached)
        if not reached:
            return
        known = replace(cell, trials=reached)
        verdict = registry.judge(known)
        self.rps = known.rps
        self.codes = verdict.codes
        self.severity = verdict.severity


class Progress:
    """A run's trials, one after the other; times are seconds of any clock that does not jump."""

    def __init__(self, plan: Mapping[str, Any], now: float) -> None:
        """Begin with the first trial of a plan, as its file has it."""
        self._trials = plan["trials"]
        self._loaded_s = {cell["cell"]: lengths.offered_s(cell["load"]) for cell in plan["cells"]}
        self._beside_s: deque[float] = deque(maxlen=_REMEMBERED)
        self._began = self._trial_began = now
        repeats = plan["parameters"]["repeats"]
        self.found = {cell["cell"]: Found(cell["cell"], repeats) for cell in plan["cells"]}
        self.ended = self.failed = 0
        self.blocks = repeats

    @property
    def of(self) -> int:
        """How many trials there are."""
        return len(self._trials)

    @property
    def current(self) -> Mapping[str, Any] | None:
        """The trial that goes on, as the plan has it; None after the last one."""
        return self._trials[self.ended] if self.ended < self.of else None

    def end(self, *, good: bool, now: float) -> None:
        """Note that a trial has ended, so that the next one begins."""
        trial = self.current
        if trial is None:
            return
        if good:  # one that failed may have been over before its load was
            beside_s = now - self._trial_began - self._loaded_s[trial["cell"]]
            self._beside_s.append(max(beside_s, 0.0))
        else:
            self.failed += 1
        self._trial_began = now
        self.ended += 1

    def trial_s(self) -> float:
        """Return how long the trial that goes on will take in all."""
        return self._expected_s(self.current) if self.current else 0.0

    def trial_left_s(self, now: float) -> float:
        """Return how much of that is left; never less than nothing, however late it is."""
        return max(self.trial_s() - (now - self._trial_began), 0.0)

    def run_s(self, now: float) -> float:
        """Return for how long trials have been going on."""
        return now - self._began

    def left_s(self, now: float) -> float:
        """Return how long it will take until the last trial has ended."""
        return self.trial_left_s(now) + sum(map(self._expected_s, self._trials[self.ended + 1 :]))

    def _expected_s(self, trial: Mapping[str, Any]) -> float:
        beside_s = fmean(self._beside_s) if self._beside_s else lengths.TRIAL_OVERHEAD_S
        return self._loaded_s[trial["cell"]] + beside_s
