"""What `collect.py compare` and `collect.py interference` tell, as data: every key declared once.

No file of a run: it is made of several, and printed (`--format json`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tripod.runs.formats.declaration import Code, Count, Measure, Time, Whole, key
from tripod.runs.formats.hosts import Separation

Interval = Annotated[list[Measure], Meta(min_length=2, max_length=2)]
SIDE = Literal["a", "b"]


class Source(Struct, kw_only=True):
    """A text whose figures a side is."""

    name: Annotated[str, key("as it is asked for, without `published:`")]
    title: Annotated[str, key("what it is")]
    url: Annotated[str, key("where it is from")]
    source: Annotated[str, key("the file there, and at which commit it was read")]
    date: Annotated[str, key("of the text")]
    machine: Annotated[str, key("what it was measured on, as it says")]


class ComparedRun(Struct, kw_only=True):
    """A run of a side."""

    run_id: Annotated[str, key("name of the run")]
    created_at: Annotated[Time, key("when it was planned")]
    trials: Annotated[Whole, key("planned")]
    trials_failed: Annotated[Count, key("of them, not measured to their end")]


class ComparedSide(Struct, kw_only=True):
    """One side."""

    runs: Annotated[list[ComparedRun], key("in the order given; none where it is published")]
    published: Annotated[Source | None, key("the text, where a side is its figures")]
    separation: Annotated[Separation | None, key("of its legs; null if unknown")]


class Difference(Struct, kw_only=True):
    """Something that differs between the sides beside the stacks."""

    what: Annotated[str, key("what differs")]
    a: Annotated[str, key("on side A; several values of several runs are separated by ` / `")]
    b: Annotated[str, key("on side B")]


class Shift(Struct, kw_only=True):
    """What all cells have in common."""

    ratio: Annotated[Measure, key("median of B ÷ A over the cells that tell it")]
    interval: Annotated[
        Interval | None,
        key(
            "95 %, by how the runs of each side differ, or of single runs their blocks; null of single blocks"
        ),
    ]
    cells: Annotated[Whole, key("that tell it: those that neither the load nor slots limit")]


class Shifts(Struct, kw_only=True):
    """The shift of each quantity; null where fewer than three cells tell it."""

    rate: Annotated[Shift | None, key("of the rate, or of the capacity")]
    p95: Annotated[Shift | None, key("of the p95 of `duration_ms`")]
    p99: Annotated[Shift | None, key("of its p99")]
    app_cpu: Annotated[Shift | None, key("of the app's CPU time per request")]


class SideFigures(Struct, kw_only=True):
    """What one side measured of a cell, over all good trials of its runs."""

    cell: Annotated[str, key("its name there, or the published row's")]
    rate: Annotated[Measure | None, key("`rps`, of a capacity load the capacity", "req/s")]
    p95_ms: Annotated[
        Measure | None, key("of `duration_ms`; null where fewer than ten values lie beyond", "ms")
    ]
    p99_ms: Annotated[Measure | None, key("likewise", "ms")]
    app_cpu_ms_per_request: Annotated[
        Measure | None, key("CPU time of the app's processes per request; null if unknown", "ms/req")
    ]
    trials: Annotated[Count, key("that were measured to their end; 0 of a published row")]
    void: Annotated[list[Code], key("codes that make it not to be believed, in any of its runs")]
    bound: Annotated[list[Code], key('codes that make its rate true only as "at least"')]


class Change(Struct, kw_only=True):
    """One quantity of a cell, B ÷ A."""

    ratio: Annotated[Measure, key("as it was measured")]
    interval: Annotated[
        Interval | None,
        key(
            "95 %, by the trials of this cell, or by its runs where a side has several, without the "
            "machine's drift; of a published side by ours alone; null if nothing tells it"
        ),
    ]
    to_shift: Annotated[Measure | None, key("`ratio` ÷ the shift; null without one")]
    to_shift_interval: Annotated[Interval | None, key("95 %, likewise; null of a published side")]


class Changes(Struct, kw_only=True):
    """The quantities; null where one side does not know it."""

    rate: Annotated[Change | None, key("of an open load null: it is offered")]
    p95: Annotated[Change | None, key("p95 of `duration_ms`")]
    p99: Annotated[Change | None, key("its p99")]
    app_cpu: Annotated[Change | None, key("CPU time of the app per request")]


class ComparedCell(Struct, kw_only=True):
    """A cell that both sides have."""

    stack: Annotated[str, key("the stack that it is of")]
    command: Annotated[str, key("the server's command, on side B where it differs")]
    workers: Annotated[Whole, key("worker processes")]
    threads: Annotated[Whole | None, key("threads of each worker; null where the command names none")]
    database: Annotated[str, key("kind of the database")]
    db_sleep_ms: Annotated[Measure | None, key("asked latency of the database", "ms")]
    load: Annotated[str, key("name of the load")]
    a: Annotated[SideFigures, key("side A")]
    b: Annotated[SideFigures, key("side B")]
    change: Annotated[Changes, key("B ÷ A")]
    judged_by: Annotated[
        Literal["rate", "p95"],
        key("what `answer` is by: the rate; of an open load, which offers it, the p95"),
    ]
    follows: Annotated[
        Literal["shift", "in-part", "mixed"],
        key(
            "`in-part`: slots limit it, so that a faster machine makes it hardly faster: judged against "
            "the shift and against none, and differs if it does from both; `mixed`: judged so, too, since "
            "slots limit some of the few cells that tell the shift"
        ),
    ]
    p: Annotated[
        Measure | None,
        key("how often chance alone puts it so far from the shift, adjusted for the number of cells (Holm)"),
    ]
    answer: Annotated[
        Literal["faster", "slower", "no-difference", "cannot-be-told"] | None,
        key("of B against A beside the shift; null of a published side, whose pairs are judged"),
    ]
    why: Annotated[str | None, key("why it cannot be told")]
    regression: Annotated[
        bool | None,
        key("whether more than `allowed_loss` is lost; null without, and where that cannot be told"),
    ]


class PublishedPair(Struct, kw_only=True):
    """Two rows of a text, against what stands for them in our runs."""

    one: Annotated[str, key("our cell that stands for the row that the text has as the faster one")]
    other: Annotated[str, key("our cell for the other row")]
    published: Annotated[Measure, key("ratio of their published rates, one ÷ other")]
    ratio: Annotated[Measure | None, key("the same of ours; null where it is not known")]
    interval: Annotated[Interval | None, key("95 %, by our trials alone")]
    bound: Annotated[
        Literal["at-least", "at-most"] | None,
        key(
            "true only as that, since the load limits the first, or the other; null also where it limits both"
        ),
    ]
    answer: Annotated[
        Literal["confirmed", "contradicted", "cannot-be-told"],
        key(
            "of the direction, adjusted for the number of pairs (Holm); where the published rates are within "
            "5 % of each other, of their being alike"
        ),
    ]
    factor: Annotated[
        Literal["as-published", "larger", "smaller"] | None,
        key("what ours is of the published ratio, by the interval; null where nothing tells"),
    ]


class LeftOut(Struct, kw_only=True):
    """A cell that is not compared."""

    cell: Annotated[str, key("its name")]
    side: Annotated[SIDE, key("that has it")]
    code: Annotated[
        Literal["absent", "other-load", "failed-a", "failed-b", "unmeasured-a", "unmeasured-b", "failed"],
        key(
            "`failed`: on both sides, in all trials; `failed-a`, `failed-b`: on that side alone; "
            "`unmeasured-a`, `unmeasured-b`: no trial of it was reached there"
        ),
    ]
    why: Annotated[str, key("in words")]


class Comparison(Struct, kw_only=True):
    """Two sides compared."""

    format: Annotated[Literal[1], key("format version")]
    a: Annotated[ComparedSide, key("what is compared with")]
    b: Annotated[ComparedSide, key("what is judged")]
    differences: Annotated[list[Difference], key("what differs beside the stacks")]
    caveats: Annotated[list[str], key("what the figures cannot know, and files that were refused")]
    shifts: Annotated[Shifts, key("what all cells have in common, which is taken for the machine's")]
    cells: Annotated[list[ComparedCell], key("in the order of A's matrix")]
    pairs: Annotated[list[PublishedPair], key("of a published side: every two of its rows")]
    left_out: Annotated[list[LeftOut], key("cells that are not compared")]
    allowed_loss: Annotated[Measure | None, key("of `--fail-on-regression`, as a share; null without")]
    regressions: Annotated[
        list[str],
        key(
            "cells of B that lost more, or that failed or are void there alone; empty without `allowed_loss`"
        ),
    ]


class SharedHost(Struct, kw_only=True):
    """One of the two runs."""

    run_id: Annotated[str, key("name of the run")]
    created_at: Annotated[Time, key("when it was planned")]
    separation: Annotated[Separation, key("of its legs")]
    app_host: Annotated[str, key("name of the app host")]
    app_cpus: Annotated[Whole, key("cores of the app host")]


class Cost(Struct, kw_only=True):
    """One quantity, shared ÷ apart."""

    ratio: Annotated[Measure, key("below 1 sharing takes, of the rate; above 1, of the others")]
    interval: Annotated[Interval, key("95 %")]


class Costs(Struct, kw_only=True):
    """The quantities; null where a run does not know it."""

    rate: Annotated[Cost | None, key("the rate, or the capacity; null of an open load, which offers it")]
    p95: Annotated[Cost | None, key("p95 of `duration_ms`")]
    p99: Annotated[Cost | None, key("its p99")]
    app_cpu: Annotated[Cost | None, key("CPU time of the app per request")]


class SharedCell(Struct, kw_only=True):
    """A cell that both runs have."""

    cell: Annotated[str, key("its name")]
    load: Annotated[str, key("name of the load")]
    shared: Annotated[SideFigures, key("on one machine")]
    apart: Annotated[SideFigures, key("with the legs apart")]
    cost: Annotated[Costs, key("what sharing costs")]
    limited: Annotated[
        Literal["both", "apart", "shared"] | None,
        key("where the load limits the rate: apart, it costs at least so much; both, the rate shows nothing"),
    ]


class OrderedPair(Struct, kw_only=True):
    """Two cells of one group whose order sharing touches."""

    first: Annotated[str, key("the cell that is faster where the legs are apart, or where alone it is told")]
    second: Annotated[str, key("the other")]
    apart: Annotated[Measure | None, key("first ÷ second with the legs apart")]
    shared: Annotated[Measure | None, key("the same on one machine")]


class Order(Struct, kw_only=True):
    """What sharing does to the order; pairs of one group, told apart after Holm over the pairs of a run."""

    pairs: Annotated[Count, key("in all groups")]
    told_in_both: Annotated[Count, key("of them, told apart in both runs")]
    changed: Annotated[list[OrderedPair], key("of these, with the other order on one machine")]
    told_apart_only: Annotated[list[OrderedPair], key("told apart only where the legs are apart")]
    told_shared_only: Annotated[list[OrderedPair], key("told apart only on one machine")]


class Interference(Struct, kw_only=True):
    """What it costs that load, app and database share one machine."""

    format: Annotated[Literal[1], key("format version")]
    shared: Annotated[SharedHost, key("the run on one host")]
    apart: Annotated[SharedHost, key("the run on several")]
    in_turn: Annotated[
        bool,
        key("whether blocks of the two runs were measured in turn, so that trials are compared in pairs"),
    ]
    blocks: Annotated[Count, key("that both runs have; in pairs if they were measured in turn")]
    sentence: Annotated[str, key("the result")]
    differences: Annotated[
        list[Difference], key("what differs beside where the legs stand; A is the shared run")
    ]
    caveats: Annotated[list[str], key("what the figures cannot know, and files that were refused")]
    overall: Annotated[Costs, key("geometric mean over the cells, by its variance from block to block")]
    cells: Annotated[list[SharedCell], key("in the order of the shared run's matrix")]
    order: Annotated[Order, key("what sharing does to the order")]
    left_out: Annotated[list[LeftOut], key("cells that are not compared; A is the shared run")]
