"""end.json: when and how the run ended; written by measure."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Struct, UnsetType

from tripod.runs.formats.declaration import Name, Time, key
from tripod.runs.formats.hosts import Clock


class End(Struct, kw_only=True):
    """When and how the run ended; written by measure."""

    format: Annotated[Literal[1], key("format version")]
    run_id: Annotated[Name, key("name of the run's directory")]
    outcome: Annotated[Literal["completed", "interrupted", "failed"], key("how it ended")]
    message: Annotated[str | None, key("why it did not complete, and what may still run on the hosts")]
    ended_at: Annotated[Time, key("end of the run, ISO 8601 in UTC")]
    measure_started_at: Annotated[Time | None, key("start of the first trial, ISO 8601 in UTC")]
    measure_ended_at: Annotated[Time | None, key("end of the last trial, ISO 8601 in UTC")]

    clocks: Annotated[
        dict[str, Clock] | UnsetType | None,
        key(
            "how far each host's wall clock was ahead of the load host's after the last trial, without hosts "
            "that did not tell; null if nobody asked"
        ),
    ] = UNSET

    def __post_init__(self) -> None:
        """Refuse a time that no calendar has: the measure stage's length is made of two of them."""
        for time in (self.measure_started_at, self.measure_ended_at):
            if time is not None:
                datetime.fromisoformat(time)
