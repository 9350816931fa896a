"""Rewrites the schemas, and the parts of the documents, that are made from the library: `make docs`.

Such a part stands between two comments; the first names the part. A test holds that the committed documents
are what this makes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from tripod.inputs import command_line
from tripod.report import findings
from tripod.report.columns import COLUMNS
from tripod.runs.documents import NEWEST, schema
from tripod.runs.formats import comparison, hosts, plan, published, record, table
from tripod.runs.formats.declaration import Key, keys_of
from tripod.verdicts import failures, registry
from tripod.verdicts.rule import Limit, Rule, Severity

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "docs" / "schemas"
PAGES = tuple(ROOT / "docs" / f"{name}.md" for name in ("parameters", "results"))

_PART = re.compile(
    r"(?P<start><!-- made by `make docs`: (?P<name>[\w-]+) -->\n).*?(?P<end><!-- end -->\n)", re.DOTALL
)
# Parts of a row that have a table of their own.
_APART = {"Latency", "Neighbour", "DatabaseSide", "Cost", "ServiceLevel"}
_TITLES = {column.key: column.name for column in COLUMNS if not column.machine}


def generated(text: str) -> str:
    """Return a page with its generated parts made anew; raises KeyError if it names one that there is not."""
    return _PART.sub(lambda part: f"{part['start']}\n{PARTS[part['name']]()}\n{part['end']}", text)


def _lines(heading: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table of Markdown; `heading` has its titles, separated by bars."""
    titles = heading.split("|")
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _extra_vars() -> str:
    rows = []
    for kind, names in command_line.kinds(ROOT).items():
        takers = [name for name, playbook in command_line.PLAYBOOKS.items() if kind in playbook.takes]
        rows.append([kind, _quoted(names), _quoted(name.removeprefix("playbooks/") for name in takers)])
    return _lines("names|which|taken by", rows)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _severities() -> str:
    return _lines(
        "severity|means|place in the order|exit code",
        ([f"*{found.word}*", found.meaning, _place(found), str(found.exit_code)] for found in Severity),
    )


def _place(severity: Severity) -> str:
    if severity.has_place:
        return "kept"
    return "none, below the others" if severity.below else "none, but stands among the others by its rate"


def _rules() -> str:
    return _lines(
        "code|severity|given when|limits, and where they come from|not judged without|what to do",
        (
            [
                f"`{rule.code}`",
                _severity(rule),
                rule.meaning,
                "; ".join(_limit(limit) for limit in rule.limits),
                rule.needs,
                rule.remedy,
            ]
            for rule in _of_figures()
        ),
    )


def _severity(rule: Rule) -> str:
    first, *milder = (f"*{found.word}*" for found in rule.severities)
    return ", ".join([first, *(f"{word} {rule.mild_where}" for word in milder)])


def _of_figures() -> list[Rule]:
    return [rule for rule in registry.RULES if rule not in failures.RULES]


def _limit(limit: Limit) -> str:
    return f"{limit.name}: {limit.value:g} {limit.unit} ({limit.source})"


def _failures() -> str:
    return _lines(
        "code|given when|what to do",
        ([f"`{rule.code}`", rule.meaning, rule.remedy] for rule in failures.RULES),
    )


def _findings() -> str:
    return _lines("kind|said when", ([f"`{kind}`", meaning] for kind, meaning in findings.KINDS.items()))


def _keys_of(model: type[Struct]) -> Callable[[], str]:
    return lambda: _keys(keys_of(model))


def _row_keys() -> str:
    own = keys_of(table.Row)
    apart = tuple(f"{name}." for name, key in own.items() if key.model in _APART)
    return _keys({name: key for name, key in own.items() if not name.startswith(apart)}, titles=True)


def _cost_keys() -> str:
    own = keys_of(table.Row)
    return _keys({name: key for name, key in own.items() if name.startswith("cost.")}, titles=True)


def _db_keys() -> str:
    own = keys_of(table.Row)
    return _keys({name: key for name, key in own.items() if name.startswith("db.")}, titles=True)


def _keys(keys: Mapping[str, Key], *, titles: bool = False) -> str:
    """Return a table of keys; with `titles` also what the column for people is called."""
    heading = "key|type|unit|" + ("column|" if titles else "") + "meaning"
    return _lines(
        heading,
        (
            [f"`{name}`", _type(key), key.unit, *([_TITLES.get(name, "")] if titles else []), key.meaning]
            for name, key in keys.items()
        ),
    )


def _type(key: Key) -> str:
    text = f"array of {key.items}s" if key.items else key.type
    if key.type == "string" and key.allowed:
        text = ", ".join(f"`{value}`" for value in key.allowed)
    return f"{text} or null" if key.nullable else text


PARTS: dict[str, Callable[[], str]] = {
    "extra-vars": _extra_vars,
    "severities": _severities,
    "rules": _rules,
    "failures": _failures,
    "plan-ledger": _keys_of(plan.Ledger),
    "plan-trial": _keys_of(plan.PlannedTrial),
    "hosts-readiness": _keys_of(hosts.Readiness),
    "plan-load": _keys_of(plan.Load),
    "plan-repeats": _keys_of(plan.Repeats),
    "plan-contrasts": _keys_of(plan.PlannedContrast),
    "summary-routes": _keys_of(table.Route),
    "summary-service-level": _keys_of(table.ServiceLevel),
    "record-capacity": _keys_of(record.Capacity),
    "record-probes": _keys_of(record.Probe),
    "record-database": _keys_of(record.Database),
    "record-statements": _keys_of(record.Statement),
    "record-fakedb": _keys_of(record.FakeDatabase),
    "summary-run": _keys_of(table.Table),
    "summary-hosts": _keys_of(table.Host),
    "summary-pairs": _keys_of(table.Pair),
    "summary-findings": _keys_of(table.Finding),
    "findings": _findings,
    "summary-contrasts": _keys_of(table.Contrast),
    "summary-failures": _keys_of(table.Failure),
    "summary-again": _keys_of(table.MeasuredAgain),
    "summary-rows": _row_keys,
    "summary-neighbour": _keys_of(table.Neighbour),
    "summary-db": _db_keys,
    "summary-cost": _cost_keys,
    "summary-telemetry": _keys_of(table.Sampler),
    "record-telemetry": _keys_of(record.HostTelemetry),
    "record-service-activity": _keys_of(record.ServiceActivity),
    "record-k6-used": _keys_of(record.K6Used),
    "summary-latency": _keys_of(table.Latency),
    "comparison": _keys_of(comparison.Comparison),
    "comparison-side": _keys_of(comparison.ComparedSide),
    "comparison-cells": _keys_of(comparison.ComparedCell),
    "comparison-pairs": _keys_of(comparison.PublishedPair),
    "comparison-left-out": _keys_of(comparison.LeftOut),
    "interference": _keys_of(comparison.Interference),
    "interference-cells": _keys_of(comparison.SharedCell),
    "interference-pairs": _keys_of(comparison.OrderedPair),
    "published": _keys_of(published.Published),
    "published-figures": _keys_of(published.PublishedFigure),
}


def schemas() -> dict[Path, str]:
    """Return the JSON Schema of each file of a run, for other tools, by where it is kept."""
    return {
        SCHEMAS / f"{kind}.schema.json": json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"
        for kind in NEWEST
    }


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(generated(page.read_text(encoding="utf-8")), encoding="utf-8")
    for path, text in schemas().items():
        path.write_text(text, encoding="utf-8")
