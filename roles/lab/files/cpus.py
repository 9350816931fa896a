# ruff: noqa: INP001 - a script that the role runs, not a package
"""Print which CPUs each leg of the lab gets, as JSON: the app host owns its own.

With four or more the app has two, since the matrix has stacks of two workers, and siblings of one core as far
as that goes; the database has one, the load the rest. With three each has one, with two load and database
share one, and one is for all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

ENOUGH_FOR_TWO = 4


def ordered(siblings: Mapping[int, str]) -> list[int]:
    """Return the CPUs so that those of one core stand together.

    Args:
        siblings: CPU → what the kernel says of its core, such as `0,4` or `0-1`.

    """
    return sorted(siblings, key=lambda cpu: (int(siblings[cpu].replace("-", ",").split(",")[0]), cpu))


def shared_out(cpus: list[int]) -> dict[str, str]:
    """Return leg → CPUs as systemd-nspawn's --cpu-affinity wants them."""
    app = cpus[-2:] if len(cpus) >= ENOUGH_FOR_TWO else cpus[-1:]
    rest = cpus[: -len(app)] or app
    legs = {"load": rest[:-1] or rest, "app": app, "db": rest[-1:]}
    return {leg: ",".join(map(str, own)) for leg, own in legs.items()}


def siblings_of(cpu: int) -> str:
    """Return what the kernel says of a CPU's core; where it says nothing, the CPU is its own."""
    told = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
    return told.read_text(encoding="ascii").strip() if told.exists() else str(cpu)


if __name__ == "__main__":
    # Those that this process may use: a container or taskset may leave fewer than the machine has.
    print(json.dumps(shared_out(ordered({cpu: siblings_of(cpu) for cpu in os.sched_getaffinity(0)}))))
