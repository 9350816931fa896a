"""A write-up's own figures, `published/NAME.yml`: facts from its text, and what stands for each of them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tripod.runs.formats.declaration import Count, Measure, Whole, key
from tripod.runs.formats.hosts import Separation
from tripod.runs.formats.plan import Positive

Date = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)")]
Text = Annotated[str, Meta(min_length=1)]


class PublishedMachine(Struct, kw_only=True, forbid_unknown_fields=True):
    """What it was measured on, as the text says."""

    text: Annotated[Text, key("in words")]
    cores: Annotated[Whole | None, key("null: not told")] = None
    memory: Annotated[str | None, key("likewise")] = None
    system: Annotated[str | None, key("likewise")] = None


class PublishedLoad(Struct, kw_only=True, forbid_unknown_fields=True):
    """What was offered, in the words of a plan's load."""

    script: Annotated[Text, key("the workload that stands for it")]
    shape: Annotated[Literal["constant-vus"], key("closed")]
    vus: Annotated[Whole, key("users, or connections")]
    pause_s: Annotated[Measure, key("in an iteration", "s")]
    duration_s: Annotated[Positive, key("of the one measurement", "s")]


class PublishedCell(Struct, kw_only=True, forbid_unknown_fields=True):
    """What stands for a row."""

    stack: Annotated[Text, key("of a matrix")]
    workers: Annotated[Whole, key("worker processes")]
    threads: Annotated[Whole | None, key("of each; null where the command names none")] = None


class PublishedLatency(Struct, kw_only=True, forbid_unknown_fields=True):
    """Latency as it was printed."""

    avg: Annotated[Measure, key("mean", "ms")]
    max: Annotated[Measure, key("longest", "ms")]
    med: Annotated[Measure, key("median", "ms")]
    min: Annotated[Measure | None, key("shortest; null: not told", "ms")] = None
    p90: Annotated[Measure | None, key("likewise", "ms")] = None
    p95: Annotated[Measure | None, key("likewise", "ms")] = None


class PublishedFigure(Struct, kw_only=True, forbid_unknown_fields=True):
    """One row of the text."""

    row: Annotated[Text, key("as it is called there")]
    cells: Annotated[Annotated[list[PublishedCell], Meta(min_length=1)], key("what stands for it here")]
    load: Annotated[Text, key("name in `loads`")]
    rps: Annotated[Positive, key("rate as it was printed", "req/s")]
    latency_ms: Annotated[PublishedLatency, key("likewise")]
    requests: Annotated[Count | None, key("in all; null: not told")] = None
    db_sleep_ms: Annotated[
        Measure | None, key("asked latency of the database; null where it is the database's own", "ms")
    ] = None


class Published(Struct, kw_only=True, forbid_unknown_fields=True):
    """The figures of one text."""

    format: Annotated[Literal[1], key("format version")]
    title: Annotated[Text, key("what it is")]
    url: Annotated[Text, key("where it is from")]
    source: Annotated[Text, key("the file there, and at which commit it was read")]
    date: Annotated[Date, key("of the text")]
    machine: Annotated[PublishedMachine, key("what it was measured on")]
    separation: Annotated[Separation, key("how far load, app and database stood apart")]
    tools: Annotated[dict[str, str], key("load generator and versions, as far as they are told")]
    loads: Annotated[Annotated[dict[str, PublishedLoad], Meta(min_length=1)], key("by name")]
    figures: Annotated[Annotated[list[PublishedFigure], Meta(min_length=1)], key("in the order of the text")]
