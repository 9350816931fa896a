"""YAML files that a user wrote, read with care: YAML itself takes a key twice, and any depth and size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tripod.inputs.errors import InputError, found

_MOST_BYTES = 1_000_000
_MOST_DEPTH = 32
_MOST_VALUES = 100_000

# libyaml's parser where PyYAML was built with it: some ten times as fast.
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _NotAllowedError(Exception):
    """The text is YAML, but not what is read here; the message says where and what is allowed."""


def read(path: Path) -> Any:
    """Return what a file says.

    Raises:
        InputError: naming the file, the line, what is wrong there and what is allowed.

    """
    try:
        node = _checked(_text(path))
        return None if node is None else yaml.SafeLoader("").construct_document(node)
    except _NotAllowedError as error:
        raise InputError(f"{path}: {error}") from None
    # ValueError: a date that there is not, a number of 5,000 digits.
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{path}: cannot be read as YAML: {' '.join(str(error).split())}") from None


def problems(path: Path) -> list[str]:
    """Return what `read` would refuse, for a file that somebody else reads; tags mean nothing here."""
    try:
        _checked(_text(path))
    except _NotAllowedError as error:
        return [f"{path}: {error}"]
    except (OSError, ValueError, yaml.YAMLError) as error:
        return [f"{path}: cannot be read as YAML: {' '.join(str(error).split())}"]
    return []


def line_of(key: str, path: Path) -> str:
    """Return `line N`, where the file has this key first; nothing where it has not, or cannot be read."""
    try:
        node = _composed(_text(path))
    except (_NotAllowedError, OSError, ValueError, yaml.YAMLError):
        return ""
    for mapping in _mappings(node) if node is not None else ():
        for name, _ in mapping.value:
            if name.value == key:
                return _line(name)
    return ""


def _text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise _NotAllowedError(f"is larger than allowed: {_MOST_BYTES} bytes")
    return content.decode("utf-8")


def _composed(text: str) -> yaml.Node | None:
    """Return the document, once it is known to be small, also with its aliases written out."""
    _check_size(text)
    node: yaml.Node | None = yaml.compose(text, Loader=_PARSER)
    return node


def _checked(text: str) -> yaml.Node | None:
    """Return the document, in which each key stands once."""
    node = _composed(text)
    if node is not None:
        for mapping in _mappings(node):
            _check_keys(mapping)
    return node


def _check_size(text: str) -> None:
    """Follow the events, which nests nothing, whatever the text does."""
    anchored: dict[str, int] = {}  # anchor → values in what it names
    around: list[tuple[str | None, int]] = []  # anchor and values of each collection that is open
    for event in yaml.parse(text, Loader=_PARSER):
        if isinstance(event, yaml.CollectionStartEvent):
            around.append((event.anchor, 0))
            if len(around) > _MOST_DEPTH:
                raise _NotAllowedError(f"{_line(event)}: is nested deeper than allowed: {_MOST_DEPTH} levels")
        elif isinstance(event, (yaml.CollectionEndEvent, yaml.NodeEvent)):
            size = 1
            if isinstance(event, yaml.CollectionEndEvent):
                anchor, size = around.pop()
                anchored |= {anchor: size} if anchor else {}
            elif isinstance(event, yaml.AliasEvent):
                size = _size_of(event, anchored, around)
            if around:
                anchor, before = around[-1]
                size += before
                around[-1] = anchor, size
            if size > _MOST_VALUES:
                raise _NotAllowedError(
                    f"{_line(event)}: has more values than allowed, with aliases written out: {_MOST_VALUES}"
                )


def _size_of(alias: yaml.AliasEvent, anchored: dict[str, int], around: list[tuple[str | None, int]]) -> int:
    """Return the values in what an alias stands for; one that there is not is left to YAML."""
    name = str(alias.anchor)
    if any(name == anchor for anchor, _ in around):
        raise _NotAllowedError(f"{_line(alias)}: *{name} stands in what it names; allowed: after it")
    return anchored.get(name, 1)


def _mappings(top: yaml.Node) -> Iterator[yaml.MappingNode]:
    """Give every mapping once, however many aliases lead to it."""
    seen: set[int] = set()
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield node
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _check_keys(mapping: yaml.MappingNode) -> None:
    lines: dict[tuple[str, str], str] = {}
    for key, _ in mapping.value:
        if isinstance(key, yaml.ScalarNode):
            name = key.tag, key.value
            if name in lines:
                raise _NotAllowedError(
                    f"{_line(key)}: has the key {found(key.value)} again, after {lines[name]}; allowed: once"
                )
            lines[name] = _line(key)


def _line(part: Any) -> str:
    """Return where an event or a node begins."""
    return f"line {part.start_mark.line + 1}"
