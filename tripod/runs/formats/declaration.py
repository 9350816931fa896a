"""How a key of a file is declared, and what is made of a declaration: its schema, and a list of its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

# Above everything that can be counted or measured, and far below what a float cannot hold: no sum or ratio
# that is made of a file becomes infinite.
MOST = 10**18

Integer = Annotated[int, Meta(ge=-MOST, le=MOST)]
Count = Annotated[int, Meta(ge=0, le=MOST)]
Whole = Annotated[int, Meta(ge=1, le=MOST)]
Number = Annotated[float, Meta(ge=-MOST, le=MOST)]
Measure = Annotated[float, Meta(ge=0, le=MOST)]
# Python's $ also stands before a newline at the end, which (?!\n) refuses; \d has digits of all scripts.
Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$(?!\n)")]
Time = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|\+00:00)$(?!\n)",
    ),
]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$(?!\n)")]
Leg = Literal["load", "app", "db"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def key(meaning: str, unit: str = "", **schema: Any) -> Meta:
    """Return what a key means, in Markdown, and the unit of its value; counts and texts have none.

    `schema` goes into the JSON Schema: what a type cannot say.
    """
    return Meta(description=meaning, extra_json_schema={"unit": unit, **schema} if unit else schema or None)


@dataclass(frozen=True)
class Key:
    """A key as it was declared.

    Attributes:
        name: its path from the declared object on, parts joined by dots.
        type: JSON type of the value; that of a list's items in `items`.
        unit: of the value, or of each item; empty for counts and texts.
        meaning: one phrase, in Markdown.
        nullable: whether the value may be null.
        allowed: the only values, if there are few.
        items: JSON type of a list's items; empty where the value is no list.
        model: name of the declaration that the value, or each item, follows; empty if it follows none.

    """

    name: str
    type: str
    unit: str
    meaning: str
    nullable: bool
    allowed: tuple[Any, ...]
    items: str
    model: str


@cache
def schema_of(model: type[Struct], title: str = "") -> dict[str, Any]:
    """Return the JSON Schema of a declaration. Further keys are allowed."""
    made = msgspec.json.schema(model)
    definitions = made["$defs"]
    top = definitions.pop(model.__name__)
    return {"$schema": _DIALECT, **top, "title": title or model.__name__, "$defs": definitions}


@cache
def keys_of(model: type[Struct]) -> Mapping[str, Key]:
    """Return every key of the declared object; those of an object in it follow the one that holds them."""
    schema = schema_of(model)
    return {found.name: found for found in _keys(schema, schema["$defs"], "")}


def _keys(schema: Mapping[str, Any], definitions: Mapping[str, Any], prefix: str) -> Iterator[Key]:
    for name, declared in schema["properties"].items():
        value, nullable = _value(declared)
        inner = value.get("items", value) if "$ref" not in value else value
        model = inner.get("$ref", "").rpartition("/")[2]
        yield Key(
            name=prefix + name,
            type="object" if "$ref" in value else _type(value),
            unit=declared.get("unit", ""),
            meaning=declared["description"],
            nullable=nullable,
            allowed=tuple(value.get("enum", ())),
            items=_type(value["items"]) if "items" in value else "",
            model=model,
        )
        if "$ref" in value:
            yield from _keys(definitions[model], definitions, f"{prefix}{name}.")


def _value(declared: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
    """Return the schema of the value if it is not null, and whether it may be null."""
    options = declared.get("anyOf", [declared])
    value = next(option for option in options if option.get("type") != "null")
    return value, len(options) > 1


def _type(value: Mapping[str, Any]) -> str:
    if "$ref" in value:
        return "object"
    return str(value.get("type") or ("integer" if isinstance(value["enum"][0], int) else "string"))
