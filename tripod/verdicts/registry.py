"""All rules, in the order in which their codes stand in a row, and what they say of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tripod.verdicts import failures
from tripod.verdicts.calibration import NOISY_HOST
from tripod.verdicts.capacity import CAPACITY_CAPPED
from tripod.verdicts.clock import CLOCK_STEP
from tripod.verdicts.concurrency import BELOW_CONCURRENCY, LITTLES_LAW
from tripod.verdicts.connections import CONNECT_TAIL, LISTEN_OVERFLOW, UNEVEN
from tripod.verdicts.database import DB_DELAY_OFF, DB_SATURATED, QUERIES_OFF, VIEWS_OFF
from tripod.verdicts.evidence import Cell
from tripod.verdicts.hosts import APP_HOST_SHARED, STEAL, THROTTLED
from tripod.verdicts.load import CAPPED, LOAD_SATURATED
from tripod.verdicts.requests import ERRORS
from tripod.verdicts.rule import Answer, AppliesTo, Row, Rule, Severity
from tripod.verdicts.services import RESTARTED
from tripod.verdicts.skew import LOAD_SKEW
from tripod.verdicts.sleep import SLEPT
from tripod.verdicts.spread import WIDE_SPREAD
from tripod.verdicts.window import FEW_SAMPLES, SHORT, UNSTEADY

RULES: tuple[Rule, ...] = (
    *failures.RULES,
    ERRORS,
    SLEPT,
    LOAD_SKEW,
    CAPPED,
    CAPACITY_CAPPED,
    WIDE_SPREAD,
    QUERIES_OFF,
    VIEWS_OFF,
    LOAD_SATURATED,
    DB_SATURATED,
    DB_DELAY_OFF,
    APP_HOST_SHARED,
    STEAL,
    THROTTLED,
    CONNECT_TAIL,
    LISTEN_OVERFLOW,
    RESTARTED,
    BELOW_CONCURRENCY,
    LITTLES_LAW,
    CLOCK_STEP,
    SHORT,
    UNSTEADY,
    UNEVEN,
    FEW_SAMPLES,
    NOISY_HOST,
)

_BY_CODE = {rule.code: rule for rule in RULES}


@dataclass(frozen=True)
class Verdict:
    """What all rules say of a cell.

    Attributes:
        codes: of the rules that are given, in the order in which a row shows them.
        void: those of them that make the row not to be believed.
        bound: those that make it true only as "at least".
        notes: those that are to be read beside it.
        not_judged: codes of the rules that lacked what they need.
        severity: that of the cell; None if nothing is to be said.

    """

    codes: tuple[str, ...]
    void: tuple[str, ...]
    bound: tuple[str, ...]
    notes: tuple[str, ...]
    not_judged: tuple[str, ...]
    severity: Severity | None


def judge(cell: Cell) -> Verdict:
    """Return what all rules say of the cell, and what its trials said of themselves."""
    answers = {rule.code: _answer(rule, cell) for rule in RULES}
    given = {code: found for code, answer in answers.items() if (found := _BY_CODE[code].severity_of(answer))}
    # in the order of the trials, and also codes that no rule has: a later version's, or an earlier one's
    said = (code for trial in cell.trials for code in trial.failure)
    void, bound, notes = (
        tuple(code for code, found in given.items() if found is severity)
        for severity in (Severity.VOID, Severity.BOUND, Severity.NOTE)
    )
    return Verdict(
        codes=tuple(dict.fromkeys([*said, *given])),
        void=void,
        bound=bound,
        notes=notes,
        not_judged=tuple(code for code, answer in answers.items() if answer is Answer.NOT_JUDGED),
        severity=severity(void=void, bound=bound, notes=notes, measured=cell.measured),
    )


def _answer(rule: Rule, cell: Cell) -> Answer:
    """Return the rule's answer; of trials, the worst that it says of any.

    What is not about failures is asked of good trials, where there is one: no other enters the row's figures.
    """
    if rule.applies_to is AppliesTo.CELL:
        return rule.judge(cell)
    trials = cell.trials if rule.severity is Severity.FAILED else cell.good or cell.trials
    answers = [rule.judge(trial) for trial in trials]
    worst_first = (Answer.GIVEN, Answer.MILDLY, Answer.NOT_JUDGED)
    return next((answer for answer in worst_first if answer in answers), Answer.FINE)


def severity(
    *, void: Sequence[str], bound: Sequence[str], notes: Sequence[str], measured: bool
) -> Severity | None:
    """Return the severity of a cell with these codes; None if nothing is to be said.

    A failed trial costs the cell that trial. The cell itself has failed where no trial is left (`measured` is
    false).
    """
    if not measured:
        return Severity.FAILED
    codes = {Severity.VOID: void, Severity.BOUND: bound, Severity.NOTE: notes}
    return Severity.worst([found for found, having in codes.items() if having])


def not_judged_note(code: str) -> str:
    """Return what a rule needs that was lacking, for the line below the table."""
    return _BY_CODE[code].needs


def note(code: str, rows: Sequence[Row]) -> str:
    """Return the line that explains a code below the table; `rows` are those that have it."""
    rule = _BY_CODE.get(code)
    return rule.note(rows) if rule else "see the trial's record.json"
