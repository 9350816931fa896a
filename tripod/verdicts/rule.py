"""What a rule is: when it is given, how much that matters, and what to do then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

# A row of the table, as summary.json has it.
Row = Mapping[str, Any]


class Severity(Enum):
    """How much a rule matters, the worst first. Order, place and exit code follow from this alone.

    Attributes:
        meaning: for the documents.
        below: 0 where the row stands among the others by its rate; rows with a higher number stand below.
        has_place: whether the row has a rank.
        exit_code: of the table stage.

    """

    FAILED = ("a trial was not measured to its end", 2, False, 2)
    VOID = ("measured, and not to be believed", 1, False, 2)
    BOUND = ('true only as "at least": the load, not the server, set the rate', 0, False, 0)
    NOTE = ("to be read beside the number", 0, True, 0)

    def __init__(self, meaning: str, below: int, has_place: bool, exit_code: int) -> None:  # noqa: FBT001 - read in the table above
        """Take a line of the table above apart."""
        self.meaning = meaning
        self.below = below
        self.has_place = has_place
        self.exit_code = exit_code

    @property
    def word(self) -> str:
        """The word for it in documents."""
        return self.name.lower()

    @classmethod
    def worst(cls, severities: Sequence[Severity]) -> Severity | None:
        """Return the worst of them; None of none."""
        return next((severity for severity in cls if severity in severities), None)


class Answer(Enum):
    """What a rule says of its evidence."""

    GIVEN = "given"
    MILDLY = "given mildly"  # with the rule's milder severity: the evidence may have another cause
    FINE = "fine"
    NOT_JUDGED = "not judged"  # what the rule needs is lacking, which is not the same as fine

    @classmethod
    def when(cls, given: bool) -> Answer:  # noqa: FBT001 - reads as a sentence
        """Return GIVEN or FINE."""
        return cls.GIVEN if given else cls.FINE


class AppliesTo(StrEnum):
    """What a rule judges: the evidence that its function takes."""

    TRIAL = "trial"
    CELL = "cell"


@dataclass(frozen=True)
class Limit:
    """A number that a rule compares with.

    Attributes:
        name: what it limits.
        value: in `unit`.
        unit: of the value.
        source: where the value comes from.

    """

    name: str
    value: float
    unit: str
    source: str

    @property
    def percent(self) -> str:
        """The value of a share as people read it."""
        return f"{self.value * 100:g} %"


@dataclass(frozen=True)
class Rule:
    """A rule over evidence.

    Attributes:
        code: as it stands in the files and in the table.
        severity: how much it matters.
        applies_to: whether `judge` takes a `Trial` or a `Cell`.
        meaning: when it is given, for the note below the table.
        needs: evidence without which it is not judged.
        remedy: what to do next.
        judge: a pure function over the evidence.
        limits: every number that it compares with.
        milder: severity where `judge` answers MILDLY; None if it never does.
        mild_where: when that is, in words; empty if it never is.
        found: what in particular all rows that have the code met; empty if nothing more is to be said.
        example: something to type, made from all rows that have the code; empty if there is nothing.

    """

    code: str
    severity: Severity
    applies_to: AppliesTo
    meaning: str
    needs: str
    remedy: str
    judge: Callable[[Any], Answer]
    limits: tuple[Limit, ...] = ()
    milder: Severity | None = None
    mild_where: str = ""
    found: Callable[[Sequence[Row]], str] = lambda _: ""
    example: Callable[[Sequence[Row]], str] = lambda _: ""

    def severity_of(self, answer: Answer) -> Severity | None:
        """Return how much this answer of its function matters; None if the code is not given."""
        return {Answer.GIVEN: self.severity, Answer.MILDLY: self.milder}.get(answer)

    @property
    def severities(self) -> tuple[Severity, ...]:
        """All that it may have, the worst first."""
        return (self.severity,) if self.milder is None else (self.severity, self.milder)

    def note(self, rows: Sequence[Row]) -> str:
        """Return the line that explains the code below a table, for the rows that have it."""
        found, example = self.found(rows), self.example(rows)
        told = f"{self.meaning}: {found}" if found else self.meaning
        return f"{told}; {self.remedy}" + (f", e.g. {example}" if example else "")
