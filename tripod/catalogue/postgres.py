"""PostgreSQL as a program: where its newest version lies, and the memory that it may use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any


def newest_server(paths: Iterable[str]) -> dict[str, Any]:
    """Return the newest among the files found: its directory of programs, and whether it counts statements.

    Args:
        paths: files named `postgres`, and pg_stat_statements' libraries, wherever they lie.

    """
    paths = list(paths)
    servers = [(found, path) for path in paths if (found := re.search(r"(\d*)/bin/postgres$", path))]
    if not servers:
        return {}
    # The wheel's first server lies in `pginstall`, its later ones in `pginstall18`, …
    home = max(servers, key=lambda server: int(server[0][1] or 0))[1].removesuffix("/bin/postgres")
    counted = any(path.startswith(f"{home}/") and "/pg_stat_statements." in path for path in paths)
    return {"bin": f"{home}/bin", "statements": counted}


def memory(total_mb: int, max_connections: int) -> dict[str, str]:
    """Return PostgreSQL's memory settings for a host of `total_mb` MiB.

    A quarter of the memory for shared buffers is PostgreSQL's own advice; 1 GB holds the data many times
    over, and a container sees the memory of the whole machine. Each connection may sort in `work_mem`:
    together they take a quarter at most, where that leaves them PostgreSQL's default of 4 MB each.
    """
    shared = max(128, min(total_mb // 4, 1024))
    return {
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(256, min(total_mb // 2, 4 * shared))}MB",
        "work_mem": f"{max(4, min(total_mb // 4 // max_connections, 16))}MB",
        "maintenance_work_mem": f"{max(64, min(total_mb // 16, 256))}MB",
    }
