"""The one exception for input that the plan refuses."""

from __future__ import annotations

from collections.abc import Iterable


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
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - stated in the docstring
