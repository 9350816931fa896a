#!/usr/bin/python
"""Ansible module: what a host is, as far as Ansible's own facts leave it out."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod.boot import boot_id
from ansible.module_utils.tripod.kernel_limits import limits
from ansible.module_utils.tripod.readiness import looked

DOCUMENTATION = """
module: tripod_observe
short_description: observe packages, limits, clocks, readiness, and what deploy noted of the database server
options:
  root: {description: Tripod's directory on the host, type: str, required: true}
  limits: {description: sysctl names to read, type: list, elements: str, required: true}
"""

# Looks at the clocks; all together take a fraction of a millisecond.
SAMPLES = 100


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _clock() -> dict[str, object]:
    """Return what tells kernels and network namespaces apart; a value is None where the system lacks it."""
    try:
        namespace = str(Path("/proc/self/ns/net").readlink())
    except OSError:
        namespace = None
    return _offset() | {"boot_id": boot_id(), "network_namespace": namespace}


def _offset() -> dict[str, float | None]:
    """Return the seconds from the epoch to the kernel's start, and how long the look took: the best of many.

    A process that is set aside between two looks at clocks sees them apart.
    """
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    if boot is None:
        return {"offset_s": None, "window_s": None}
    samples = []
    for _ in range(SAMPLES):
        before = time.clock_gettime(boot)
        now = time.clock_gettime(time.CLOCK_REALTIME)
        after = time.clock_gettime(boot)
        samples.append((after - before, now - (before + after) / 2))
    window, offset = min(samples)
    # What a time namespace adds to the clock is no other kernel's.
    added = re.search(r"^boottime\s+(-?\d+)\s+(\d+)", _text("/proc/self/timens_offsets"), re.MULTILINE)
    if added:
        offset += int(added[1]) + int(added[2]) / 1e9
    return {"offset_s": offset, "window_s": window}


def _packages(root: Path) -> dict[str, str]:
    """Return name → version over all environments under `root`, read from their metadata directories."""
    found = {}
    for metadata in sorted(root.glob("envs/*/lib/python*/site-packages/*.dist-info")):
        name, _, version = metadata.name.removesuffix(".dist-info").partition("-")
        found[name] = version
    return found


def main() -> None:
    """Observe, change nothing."""
    module = AnsibleModule(
        {
            "root": {"type": "str", "required": True},
            "limits": {"type": "list", "elements": "str", "required": True},
        },
        supports_check_mode=True,
    )
    root = Path(module.params["root"])
    server: Any = json.loads(_text(root / "postgres" / "server.json") or "null")
    module.exit_json(
        changed=False,
        packages=_packages(root),
        limits=limits(module.params["limits"]),
        clock=_clock(),
        database=server,
        readiness=looked(),
    )


if __name__ == "__main__":
    main()
