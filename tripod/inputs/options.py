"""One named value that a user may set: a parameter of a run (`-e`), or a variable of the inventory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tripod.inputs.errors import InputError, found


@dataclass(frozen=True)
class Option:
    """A named value.

    Attributes:
        name: as the user types it.
        parse: returns the value converted, or raises ValueError saying what is allowed.
        help: one line.
        default: as it stands when the user is silent; None where the help says what holds then.

    """

    name: str
    parse: Callable[[object], Any]
    help: str
    default: object = None

    def read(self, value: object, where: str = "") -> Any:
        """Return the value converted.

        Raises:
            InputError: naming the option, at `where`, with the value found and what is allowed.

        """
        try:
            return self.parse(value)
        except ValueError as error:
            raise InputError(f"{where}{self.name} is {found(value)}; allowed: {error}") from None


def by_name(*options: Option) -> dict[str, Option]:
    """Return the options under their names, in this order."""
    return {option.name: option for option in options}
