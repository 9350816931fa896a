"""Filters: thin adapters over the library; they take and return plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tripod.catalogue import databases, k6, postgres
from tripod.hosts import definitions, separation
from tripod.hosts import postgres as postgres_host
from tripod.trial import told

_OBSERVED = [
    "system",
    "kernel",
    "architecture",
    "cpu_model",
    "cpus",
    "memory_bytes",
    "virtualisation",
    "python",
    "packages",
    "limits",
    "clock",
]


def tripod_hosts(plan: dict[str, Any], hostvars: Any) -> dict[str, Any]:
    """Return the content of hosts.json from what the role host registered on every host of the plan."""
    observed, probed = {}, {}
    for name in plan["hosts"]:
        known = hostvars[name]
        seen = known["__host_observed"]
        observed[name] = {"address": known["__host_address"]} | {key: seen[key] for key in _OBSERVED}
        # Only of a run on it: the note may be older than the run.
        on_it = plan["database"] == "postgres" and name in plan["legs"]["db"]
        observed[name]["database"] = seen["database"] if on_it else None
        probed[name] = known["__host_probed"]["pairs"]
    return separation.document(plan, observed, probed)


def tripod_k6_problem(version_text: str) -> str:
    """Return why the k6 that printed this as its version cannot be used; empty if it can."""
    try:
        k6.check_version(version_text)
    except k6.K6VersionError as error:
        return str(error)
    return ""


def tripod_tree(source: str, patterns: list[str]) -> list[str]:
    """Return the files under `source` that the globs match, as sorted relative paths."""
    root = Path(source)
    found = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    return sorted(str(path.relative_to(root)) for path in found)


class FilterModule:
    """The filters' names."""

    def filters(self) -> dict[str, Any]:
        """Return name → function."""
        return {
            "tripod_hosts": tripod_hosts,
            "tripod_k6_problem": tripod_k6_problem,
            "tripod_tree": tripod_tree,
            "tripod_fakedbs": definitions.fakedbs,
            "tripod_webapps": definitions.webapps,
            "tripod_postgres": definitions.postgres,
            "tripod_postgres_memory": postgres.memory,
            "tripod_postgres_server": postgres.newest_server,
            "tripod_postgres_user": postgres_host.system_user,
            "tripod_db_url": databases.url,
            "tripod_k6_binary": k6.binary,
            "tripod_trials": told.trials,
        }
