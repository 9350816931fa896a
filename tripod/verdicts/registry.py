"""All rules, in the order in which their codes stand in a row, and what they say of a cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tripod.verdicts import failures
from tripod.verdicts.calibration import NOISY_HOST
from tripod.verdicts.database import QUERIES_OFF, VIEWS_OFF
from tripod.verdicts.evidence import Cell
from tripod.verdicts.load import CAPPED
from tripod.verdicts.requests import ERRORS
from tripod.verdicts.rule import Answer, AppliesTo, Row, Rule, Severity
from tripod.verdicts.sleep import SLEPT
from tripod.verdicts.spread import WIDE_SPREAD

RULES: tuple[Rule, ...] = (
    *failures.RULES,
    *(ERRORS, SLEPT, CAPPED, WIDE_SPREAD, QUERIES_OFF, VIEWS_OFF),
    NOISY_HOST,
)

_BY_CODE = {rule.code: rule for rule in RULES}


@dataclass(frozen=True)
class Verdict:
    """What all rules say of a cell.

    Attributes:
        codes: of the rules that are given, in the order in which a row shows them.
        not_judged: codes of the rules that lacked what they need.
        severity: that of the cell; None if nothing is to be said.

    """

    codes: tuple[str, ...]
    not_judged: tuple[str, ...]
    severity: Severity | None


def judge(cell: Cell) -> Verdict:
    """Return what all rules say of the cell, and what its trials said of themselves."""
    answers = {rule.code: _answer(rule, cell) for rule in RULES}
    # in the order of the trials, and also codes that no rule has: a later version's, or an earlier one's
    said = (code for trial in cell.trials for code in trial.failure)
    given = (code for code, answer in answers.items() if answer is Answer.GIVEN)
    codes = tuple(dict.fromkeys([*said, *given]))
    return Verdict(
        codes=codes,
        not_judged=tuple(code for code, answer in answers.items() if answer is Answer.NOT_JUDGED),
        severity=severity(codes, measured=cell.measured),
    )


def _answer(rule: Rule, cell: Cell) -> Answer:
    """Return the rule's answer; of trials, what it says of any."""
    if rule.applies_to is AppliesTo.CELL:
        return rule.judge(cell)
    answers = [rule.judge(trial) for trial in cell.trials]
    return next((answer for answer in (Answer.GIVEN, Answer.NOT_JUDGED) if answer in answers), Answer.FINE)


def severity(codes: Iterable[str], *, measured: bool) -> Severity | None:
    """Return the severity of a cell with these codes; None if nothing is to be said.

    A failed trial costs the cell that trial. The cell itself has failed where no trial is left (`measured` is
    false).
    """
    if not measured:
        return Severity.FAILED
    return Severity.worst([found for found in _severities(codes) if found is not Severity.FAILED])


def exit_code(codes: Iterable[str]) -> int:
    """Return how the table stage ends with these codes: 0 or 2."""
    return max((found.exit_code for found in _severities(codes)), default=0)


def note(code: str, rows: Sequence[Row]) -> str:
    """Return the line that explains a code below the table; `rows` are those that have it."""
    rule = _BY_CODE.get(code)
    return rule.note(rows) if rule else "see the trial's record.json"


def _severities(codes: Iterable[str]) -> list[Severity]:
    return [_BY_CODE[code].severity for code in codes if code in _BY_CODE]
