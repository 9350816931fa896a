"""Rules about the load: whether it, and not the server, set the rate; whether k6 could offer it."""

from __future__ import annotations

from collections.abc import Sequence

from tripod.catalogue.k6 import MOST_VUS
from tripod.verdicts import generator
from tripod.verdicts.evidence import Cell
from tripod.verdicts.rule import Answer, AppliesTo, Limit, Row, Rule, Severity
from tripod.verdicts.shares import percent
from tripod.verdicts.stations import CORE, Station, busiest, stations

_IDLE = Limit(
    name="busiest station",
    value=0.7,
    unit="used",
    source="chosen: a third more would have been done there if it had been asked for",
)
_BUSY = Limit(
    name="busiest station, if it is not to be the limit",
    value=0.9,
    unit="used",
    source="chosen: between the two limits the evidence shows neither",
)
_CEILING = Limit(
    name="rate",
    value=0.9,
    unit="of the ceiling",
    source="the first write-up's async rows sat at 93-94 % of their ceiling of 240/s",
)


def capped(cell: Cell) -> Answer:
    """Return whether the load, and not the server, set the rate.

    A closed load that leaves every station idle did, and one that leaves a station full did not; in between
    nothing is shown. Near its ceiling it did, too, where no telemetry tells of a station, or a core was busy
    with others, which shows nothing. Without telemetry, far from the ceiling, nothing is known.
    """
    if cell.rps is None:
        return Answer.NOT_JUDGED
    if cell.offered_rps is not None:
        return Answer.FINE  # the rate of an open load is asked for, and no figure of the server
    found = stations(cell)
    if any(station.certain and (station.share or 0.0) >= _BUSY.value for station in found):
        return Answer.FINE
    told = any(trial.activity for trial in cell.good)
    if told and any(_busy(station) and (station.certain or station.name != CORE) for station in found):
        return Answer.NOT_JUDGED
    idle = not any(station.share is None or _busy(station) for station in found)
    return Answer.GIVEN if idle or _near_ceiling(cell) else Answer.NOT_JUDGED


def why_capped(cell: Cell) -> str:
    """Return in words what shows that the load set the rate."""
    told = []
    if (ceiling_rps := cell.planned["ceiling_rps"]) and cell.rps is not None:
        told.append(
            f"the rate is {percent(cell.rps / ceiling_rps)} of the load's ceiling of {ceiling_rps:.1f}/s"
        )
    if most := busiest(stations(cell)):
        told.append(f"the busiest station, {most.name}, was {percent(most.share or 0.0)} used")
    return ", and ".join(told)


def _busy(station: Station) -> bool:
    return station.share is not None and station.share >= _IDLE.value


def _near_ceiling(cell: Cell) -> bool:
    ceiling_rps = cell.planned["ceiling_rps"]
    return ceiling_rps is not None and (cell.rps or 0.0) >= _CEILING.value * ceiling_rps


def _more_users(rows: Sequence[Row]) -> str:
    """Return twice the users that any of the rows had: that doubles every ceiling."""
    used = max(row["load"]["vus"] for row in rows)
    return f"-e vus={min(2 * used, MOST_VUS)}" if used < MOST_VUS else ""


CAPPED = Rule(
    code="capped",
    severity=Severity.BOUND,
    applies_to=AppliesTo.CELL,
    meaning=(
        "the load set the rate, not the server: no station (app core, app process, slots, database, k6) was "
        f"used {_IDLE.percent} or more; or no telemetry tells, and the rate is at {_CEILING.percent} of the "
        "load's ceiling or more: it is true only as 'at least', and has no place in the order"
    ),
    needs=f"telemetry that shows all stations used less than {_IDLE.percent}, or one {_BUSY.percent} or more",
    remedy="offer more load",
    judge=capped,
    limits=(_IDLE, _BUSY, _CEILING),
    example=_more_users,
)


def _saturated(cell: Cell) -> Answer:
    if not cell.measured:
        return Answer.NOT_JUDGED
    shorts = [generator.short_of_cpu(trial) for trial in cell.good]
    if any(shorts) or any(generator.behind(cell, trial) for trial in cell.good):
        return Answer.GIVEN if cell.apart("load", "app", "db") else Answer.MILDLY
    return Answer.NOT_JUDGED if None in shorts else Answer.FINE


LOAD_SATURATED = Rule(
    code="load-saturated",
    severity=Severity.VOID,
    milder=Severity.NOTE,
    mild_where="where k6 shares its cores with another leg",
    applies_to=AppliesTo.CELL,
    meaning="k6 could not offer the load: it dropped or delayed iterations with users free, or lacked CPU",
    needs="telemetry of the load host",
    remedy="offer less, or give k6 a host of its own with more cores",
    judge=_saturated,
    limits=(generator.DROPPED, generator.FREE, generator.LAG, generator.WAITING, generator.CPU),
)
