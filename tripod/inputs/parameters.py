"""The user's parameters of a run: what each admits and what it means.

Ansible's extra-vars are strings, which it does not convert; the plan does. Which names each playbook takes:
`tripod.inputs.command_line`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tripod.catalogue import k6, shapes
from tripod.catalogue.formats import RUN_ID
from tripod.catalogue.lengths import MOST_REPEATS
from tripod.inputs import values
from tripod.inputs.errors import InputError
from tripod.inputs.options import Option, by_name

# A default is the matrix's unless the help says otherwise.
PARAMETERS: dict[str, Option] = by_name(
    Option(
        "matrix",
        values.text(r".+", "the name of a file in matrix/, or a path to one"),
        "name of a file in matrix/, or a path to your own (default poc)",
    ),
    Option(
        "db_sleep",
        values.list_of(values.whole(0, 60_000, "whole milliseconds")),
        "latency of the fake database, ms; one or several (matrices with `database: fakedb` only)",
    ),
    Option(
        "workers",
        values.list_of(values.whole(1, 256)),
        "worker processes per stack; one or several",
    ),
    Option(
        "threads",
        values.list_of(values.whole(1, 1024)),
        "threads per worker, for stacks whose command has {threads}; one or several",
    ),
    Option(
        "only",
        values.words(r"[\w.*?\[\]!-]+", "globs over names of stacks, frameworks or servers, such as async-*"),
        "globs over the names of stacks, of their frameworks and of their servers; one or several",
    ),
    Option(
        "load",
        values.list_of(values.name),
        "the matrix's loads to offer; one or several (default: its first)",
    ),
    Option(
        "vus",
        values.whole(1, k6.MOST_VUS),
        "k6's virtual users (closed loads, and what saturates before a capacity)",
    ),
    Option("rate", values.whole(1, 100_000), "requests per second that are offered (open loads only)"),
    Option(
        "slo_ms",
        values.whole(1, shapes.MOST_SLO_MS, "whole milliseconds"),
        "service level: what a request may take from when it is due, ms (open loads only)",
    ),
    Option("route", values.name, "the only route of the workload that is asked for"),
    Option(
        "keepalive",
        values.flag,
        "false: a connection for each request, which spreads them over the workers evenly (default true)",
    ),
    Option("duration", values.duration(1, 86_400), "length of a trial's measurement"),
    # k6 refuses durations below 1 s.
    Option(
        "warmup", values.duration(1, 3_600, or_zero=True), "length of a trial's warm-up; 0s leaves it out"
    ),
    Option("repeats", values.whole(1, MOST_REPEATS), "trials of every cell, in shuffled blocks (default 1)"),
    Option(
        "budget",
        values.duration(1, 7 * 86_400),
        "time that the run may take, in place of repeats: as many trials of every cell as fit",
    ),
    Option(
        "precision",
        values.share(0.001, 0.5),
        "how far the 95 % interval of a ratio may reach, such as 5%, in place of repeats: as many trials as "
        "that takes where they deviate as usual",
    ),
    Option(
        "aa",
        values.flag,
        "measure the first cell of each group under two names, as a check of the whole (default false)",
    ),
    Option("seed", values.whole(0, 2**32 - 1), "seed of the trials' order (default: drawn, recorded)"),
    Option(
        "telemetry",
        values.flag,
        "whether hosts are sampled while trials run; without it costs are unknown, and rules cannot judge",
        "true",
    ),
    Option(
        "run_id",
        values.text(RUN_ID, "letters, digits, '.', '_', '-', at most 100 characters, and not 'latest'"),
        "name of the run's directory in results/ (default: time and matrix)",
    ),
    Option(
        "resume",
        values.flag,
        "continue the run that run_id names: measure what is left of it (default false)",
    ),
    Option(
        "add_repeats",
        values.whole(1, MOST_REPEATS),
        "continue the run that run_id names with so many more trials of every cell",
    ),
    Option(
        "tune",
        values.flag,
        "set governor and turbo on the hosts, where they can be, until a reset or a boot (default false)",
    ),
)


def parse(given: Mapping[str, object]) -> dict[str, Any]:
    """Convert the parameters among `given`; names that are no parameters are left alone.

    Raises:
        InputError: naming every parameter whose value is not allowed.

    """
    parsed: dict[str, Any] = {}
    problems = []
    for name, parameter in PARAMETERS.items():
        if name in given:
            try:
                parsed[name] = parameter.read(given[name])
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(problems)
    return parsed
