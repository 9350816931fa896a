"""The one exception for input that the plan refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

_SHOWN = 80
_DEEPEST = 3
_FEW = 20


class InputError(Exception):
    """Something that the user gave is wrong; nothing was touched.

    Attributes:
        problems: one sentence each, naming the parameter, the value found and what is allowed.

    """

    def __init__(self, problems: Iterable[str] | str) -> None:
        """Keep the problems apart, so that all of them can be shown at once."""
        self.problems: list[str] = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


def found(value: object) -> str:
    """Show a value as the user would recognise it, shortened to 80 characters."""
    return shortened(_brief(value, 0))


def shortened(text: str) -> str:
    """Return at most 80 characters of a text."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _brief(value: object, depth: int) -> str:
    """Return the beginning of a value's text, which may be endless: aliases of YAML, two megabytes."""
    if isinstance(value, str):
        return repr(value[: _SHOWN + 1])
    if not isinstance(value, (Mapping, list, tuple)):
        return repr(value)
    if depth == _DEEPEST:
        return "..."
    if isinstance(value, Mapping):
        pairs = islice(value.items(), _FEW)
        return (
            "{" + ", ".join(f"{_brief(key, depth + 1)}: {_brief(of, depth + 1)}" for key, of in pairs) + "}"
        )
    return "[" + ", ".join(_brief(item, depth + 1) for item in value[:_FEW]) + "]"
