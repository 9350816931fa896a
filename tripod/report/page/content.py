"""What a page says of one run, in the order in which it says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tripod.report import contrasts, disturbed, header
from tripod.report.page import census, reproduce, shown
from tripod.runs.results import Run, cells_of


def of_run(run: Run, table: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return what the templates show of a run, and below `drawn` what is drawn of it.

    Args:
        run: as read.
        table: made of it.
        prefix: of all ids, so that several runs can stand in one page.

    """
    cells = {str(cell.planned["cell"]): cell for cell in cells_of(run)}
    groups = [
        _group(number, heading, rows, [_row(run, cells, row, prefix) for row in rows], prefix)
        for number, (heading, rows) in enumerate(header.groups(table["rows"]), start=1)
    ]
    facts = header.facts(table)
    anchors = {row["cell"]: row["anchor"] for group in groups for row in group["rows"]}
    return {
        "prefix": prefix,
        "run_id": table["run_id"],
        "matrix": table["matrix"],
        "created_at": table["created_at"],
        "outcome": None if table["outcome"] == "completed" else dict(facts)["outcome"],
        "facts": facts,
        "census": census.sentence(table["rows"]),
        "disturbed": disturbed.sentence(table["rows"]),
        "findings": _findings(table, anchors),
        "contrasts": _contrasts(table, anchors),
        "caveats": table["caveats"],
        "notes": header.notes(table),
        "hosts": table["hosts"],
        "pairs": table["pairs"],
        "groups": groups,
        "packages": _packages(run),
        "readiness": _readiness(run),
        "asked_again": reproduce.asked_again(run.plan),
        "checkout": reproduce.checkout(run.plan),
        "dirty": table["git"]["dirty"],
        "ran": reproduce.ran(run),
        "drawn": {
            group["id"]: [row["drawn"] | {"id": row["anchor"]} for row in group["rows"]] for group in groups
        },
    }


def _row(run: Run, cells: Mapping[str, Any], made: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    # names of cells are checked when a plan is read: letters, digits, `.`, `_` and `-`
    return shown.row(run, cells[made["cell"]], made, f"{prefix}cell-{made['cell']}")


def _group(
    number: int, heading: str, made: Sequence[Mapping[str, Any]], rows: list[dict[str, Any]], prefix: str
) -> dict[str, Any]:
    for row, bar in zip(rows, shown.bars(made), strict=True):
        row["bar"] = bar
    return {
        "id": f"{prefix}group-{number}",
        "heading": heading,
        "name": _short(made[0]),
        "census": census.sentence(made),
        "rows": rows,
        "routes": list(dict.fromkeys(route["name"] for row in rows for route in row["routes"])),
        "stations": list(dict.fromkeys(name for row in rows for name, _ in row["stations"])),
        "has_costs": any(row["cost"] for row in made),
        "has_intervals": any(row["rps_interval"] for row in made),
    }


def _short(made: Mapping[str, Any]) -> str:
    sleep = "" if made["db_sleep_ms"] is None else f" at {made['db_sleep_ms']:g} ms"
    return f"{made['load']['name']}{sleep}"


def _findings(table: Mapping[str, Any], anchors: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"sentence": _sentence(found["sentence"]), "kind": found["kind"], "rows": _rows(found, anchors)}
        for found in table["findings"]
    ]


def _contrasts(table: Mapping[str, Any], anchors: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "claim": found["claim"],
            "answer": found["answer"],
            "answered": contrasts.in_words(found["answer"]),
            "ratio": None if found["ratio"] is None else f"{found['ratio']:.2f}",
            "interval": _interval(found["interval"]),
            "why": found["why"],
            "rows": _rows(found, anchors),
        }
        for found in table["contrasts"]
    ]


def _sentence(text: str) -> str:
    """Return a sentence that stands by itself."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def _interval(found: Sequence[float] | None) -> str | None:
    return f"{found[0]:.2f} to {found[1]:.2f}" if found else None


def _rows(found: Mapping[str, Any], anchors: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return cell and anchor of each row that a finding is about, a few of them."""
    return [(cell, anchors[cell]) for cell in found["cells"] if cell in anchors]


def _packages(run: Run) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each host with the versions of what is installed there for the run."""
    hosts = run.hosts["hosts"] if run.hosts else {}
    return [(name, sorted(host["packages"].items())) for name, host in hosts.items() if host.get("packages")]


def _readiness(run: Run) -> list[tuple[list[str], Mapping[str, Any]]]:
    """Return every point that is not ready, or not known to be, with the hosts of which the same is said."""
    hosts = run.hosts["hosts"] if run.hosts else {}
    found: dict[tuple[str, ...], tuple[list[str], Mapping[str, Any]]] = {}
    for name, host in hosts.items():
        for point in host.get("readiness") or []:
            if point["state"] != "ready":
                key = tuple(str(point[part]) for part in ("what", "state", "found", "remedy"))
                found.setdefault(key, ([], point))[0].append(name)
    return list(found.values())
