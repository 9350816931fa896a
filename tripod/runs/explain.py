"""Says what is wrong with a document that its declaration refuses: key, value found, what is allowed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_LONGEST_VALUE = 60
_MOST_NAMES = 20
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


def first_problem(document: object, schema: Mapping[str, Any]) -> str | None:
    """Return what is wrong, in one phrase; None if nothing is found.

    Args:
        document: as read from JSON.
        schema: the JSON Schema of a declaration, as `formats.declaration.schema_of` makes it.

    """
    return _problem(document, schema, schema["$defs"], "")


def short(value: object) -> str:
    """Return a value as a message shows it."""
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"


def listed(names: Sequence[str], between: str = ", ") -> str:
    """Return names as a message lists them, the first few in full; `between` may be what they do not hold."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return between.join(names[:_MOST_NAMES]) + more


def _problem(value: Any, schema: Mapping[str, Any], known: Mapping[str, Any], where: str) -> str | None:
    schema, nullable = _chosen(value, schema, known)
    if value is None and nullable:
        return None
    allowed = _allowed(value, schema)
    if allowed:
        found = f"'{where}'" if where else "the file"
        return f"{found} is {short(value)}, allowed: {allowed}{_or_null(allowed, schema) if nullable else ''}"
    if isinstance(value, dict):
        return _problem_of_keys(value, schema, known, where)
    if isinstance(value, list) and "items" in schema:
        problems = (
            _problem(item, schema["items"], known, f"{where}[{index}]") for index, item in enumerate(value)
        )
        return next((problem for problem in problems if problem), None)
    return None


def _problem_of_keys(
    value: Mapping[str, Any], schema: Mapping[str, Any], known: Mapping[str, Any], where: str
) -> str | None:
    lacking = [name for name in schema.get("required", ()) if name not in value]
    if lacking:
        found = f"'{where}'" if where else "the file"
        return f"{found} lacks {', '.join(repr(name) for name in lacking)}"
    declared, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, inner in value.items():
        rule = declared.get(name, others)
        if isinstance(rule, Mapping):
            problem = _problem(inner, rule, known, f"{where}.{name}".lstrip("."))
            if problem:
                return problem
    return None


def _chosen(
    value: Any, schema: Mapping[str, Any], known: Mapping[str, Any]
) -> tuple[Mapping[str, Any], bool]:
    """Return the schema that the value has to follow unless it is null, and whether it may be null."""
    options: Sequence[Mapping[str, Any]] = schema.get("anyOf", [schema])
    nullable = any(option.get("type") == "null" for option in options)
    kinds = schema.get("discriminator", {}).get("mapping")
    if kinds:
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind in kinds:
            return _referred({"$ref": kinds[kind]}, known), nullable
        types = {"type": {"enum": sorted(kinds)}}
        return {"type": "object", "required": ["type"], "properties": types}, nullable
    return _referred(next(option for option in options if option.get("type") != "null"), known), nullable


def _referred(schema: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = known[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return found


def _allowed(value: Any, schema: Mapping[str, Any]) -> str | None:
    """Return what is allowed in place of the value itself, None if it is; its parts are not looked at."""
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return str(kind)
    if "enum" in schema:
        one_of: Sequence[Any] = schema["enum"]
        fits = any(value == one and type(value) is type(one) for one in one_of)
        return None if fits else ", ".join(map(str, one_of))
    return next((told for told in _limits(value, schema) if told), None)


def _limits(value: Any, schema: Mapping[str, Any]) -> list[str | None]:
    size = len(value) if isinstance(value, list | dict | str) else 0
    limits: dict[str, tuple[Any, str]] = {
        "minimum": (lambda limit: value >= limit, "{} or more"),
        "maximum": (lambda limit: value <= limit, "{} or less"),
        "exclusiveMinimum": (lambda limit: value > limit, "more than {}"),
        "pattern": (lambda limit: re.search(limit, value), "text that matches {}"),
        "minItems": (lambda limit: size >= limit, "{} entries or more"),
        "maxItems": (lambda limit: size <= limit, "{} entries or fewer"),
        "minProperties": (lambda limit: size >= limit, "{} entries or more"),
    }
    return [
        told.format(_as_told(schema[name]))
        for name, (fits, told) in limits.items()
        if name in schema and not fits(schema[name])
    ]


def _as_told(limit: object) -> str:
    # a line break at the end is refused apart, which nobody who reads a pattern needs to know
    return f"{limit:g}" if isinstance(limit, float) else str(limit).removesuffix(r"(?!\n)")


def _or_null(allowed: str, schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", null"
    return " or null" if allowed in _TYPES else ", or null"
