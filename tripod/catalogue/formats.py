"""The files of a run as everybody must know them: the version of each, and what a run may be called."""

from __future__ import annotations

VERSIONS = {"plan": 2, "hosts": 2, "record": 2, "end": 1, "summary": 1}
"""The version in which each document is written; all from 1 on are read. k6.json is k6's, and has none."""

RUN_ID = r"(?!latest$)[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""The pattern of a run's name, which goes into paths and onto command lines."""

KB, MB = 2**10, 2**20

LIMITS = {
    # A trial takes 150 bytes, a cell 1 kB, a service 300 bytes: 1,600 trials of 320 cells are below 1 MB, and
    # 16 MB are some 80,000 trials, which take more than four days if they measure for a second each.
    "plan": 16 * MB,
    # 10 kB a host, nearly all of it versions of packages.
    "hosts": 4 * MB,
    # The last lines of three or four logs, and twenty statements; a single line of a log can be long. And
    # the samples of each host, 1 MB at most (plugins/module_utils/tripod/telemetry/packing.py: MOST_BYTES).
    "record": 16 * MB,
    "end": 64 * KB,
    # A table of 1,600 trials has up to 1,600 rows of 4 kB.
    "summary": 64 * MB,
    # 20 kB for each trend, of which the workloads have about ten.
    "k6": 8 * MB,
}
"""Most bytes that each document may have: ten times and more what a run really holds."""
