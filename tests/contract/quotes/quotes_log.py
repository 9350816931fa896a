"""What the server's log says of an application: connections, statements, errors; and SQL in one spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_STATEMENT = re.compile(r"(?:statement|execute [^:]+): (.*)", re.DOTALL)
_AUTHORIZED = re.compile(r"connection authorized: .* application_name=(\S+)")
# What SQLAlchemy asks once per process, on its first connection.
_FIRST_CONNECT = "select pg_catalog.version()"


def opened(entries: Iterable[dict[str, Any]], service: str) -> int:
    """Return how many connections a service opened."""
    found = (_AUTHORIZED.fullmatch(entry["message"]) for entry in entries)
    return sum(1 for match in found if match and match[1] == service)


def statements(entries: Iterable[dict[str, Any]], service: str) -> list[str]:
    """Return the statements of a service, in one spelling and with their parameters put in."""
    seen = []
    for entry in entries:
        match = _STATEMENT.fullmatch(entry["message"])
        if match and entry.get("application_name") == service:
            seen.append(spell(_put_in(match[1], entry.get("detail", ""))))
    assert _FIRST_CONNECT not in seen, "a worker was not warm"
    return seen


def errors(entries: Iterable[dict[str, Any]]) -> list[str]:
    """Return the messages of all errors, whoever made them."""
    severities = {"ERROR", "FATAL", "PANIC"}
    return [entry["message"] for entry in entries if entry.get("error_severity") in severities]


def spell(sql: str) -> str:
    """Return a statement as it would be without quotation marks, aliases, casts and needless brackets.

    The columns that are selected, and the two sides of a join's condition, come in alphabetical order: they
    stand in another order from one application to the next, and mean the same.
    """
    text = re.sub(r"::\w+|\basc\b|\binner\b|\"", "", sql.lower()).replace("random()", "random")
    text = " ".join(re.sub(r"[()]", " ", text).replace("=", " = ").split())
    for table, alias in re.findall(r"(?:from|join) (\w+) (?:as )?(?!join|on|order|limit|for)(\w+)", text):
        text = re.sub(rf"(from|join) {table} (as )?{alias}\b", rf"\1 {table}", text)
        text = re.sub(rf"\b{alias}\.", f"{table}.", text)
    text = re.sub(r"\b(?:quote|author)\.(\w+) as \w+", _without_alias, text)
    text = re.sub(r"on (\S+) = (\S+)", lambda match: "on " + " = ".join(sorted(match.groups())), text)
    if text.startswith("update quote "):
        text = text.replace("quote.", "")
    if match := re.fullmatch(r"select (.*?) (from .*)", text):
        text = f"select {', '.join(sorted(match[1].split(', ')))} {match[2]}"
    return text


def _without_alias(match: re.Match[str]) -> str:
    return match[0].partition(" as ")[0]


def _put_in(sql: str, detail: str) -> str:
    for number, value in re.findall(r"\$(\d+) = '([^']*)'", detail):
        sql = re.sub(rf"\${number}\b", value, sql)
    return sql
