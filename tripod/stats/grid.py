"""A quantile grid that takes little room: a run of many trials has several for each of them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

Point = tuple[float, float]


class Grid(Sequence[Point]):
    """Points (share 0…1, value), both ascending, as a sequence; kept as numbers, without an object each.

    Attributes:
        shares: of the points; grids of the same k6 have them in common.
        values: of the points.

    """

    __slots__ = ("shares", "values")

    shares: array[float]
    values: array[float]

    def __init__(self, shares: Sequence[float], values: Sequence[float]) -> None:
        """Keep shares and values of the same length; those that are arrays as they are."""
        self.shares = shares if isinstance(shares, array) else array("d", shares)
        self.values = values if isinstance(values, array) else array("d", values)

    @classmethod
    def of(cls, points: Iterable[Point]) -> Grid:
        """Return the grid of the points; a grid as it is."""
        if isinstance(points, cls):
            return points
        pairs = list(points)
        return cls([share for share, _ in pairs], [value for _, value in pairs])

    @overload
    def __getitem__(self, at: int) -> Point: ...
    @overload
    def __getitem__(self, at: slice) -> Grid: ...
    def __getitem__(self, at: int | slice) -> Point | Grid:
        """Return a point, or the grid of some of them."""
        if isinstance(at, slice):
            return Grid(self.shares[at], self.values[at])
        return self.shares[at], self.values[at]

    def __len__(self) -> int:
        """Return how many points there are."""
        return len(self.values)

    def __iter__(self) -> Iterator[Point]:
        """Give the points."""
        return zip(self.shares, self.values, strict=True)

    def __eq__(self, other: object) -> bool:
        """Say whether the other has the same points."""
        return isinstance(other, Grid) and (self.shares, self.values) == (other.shares, other.values)

    def __hash__(self) -> int:
        """Return the same for grids that are equal."""
        return hash((len(self), *self[:1], *self[-1:]))

    def __repr__(self) -> str:
        """Return what tells grids apart."""
        return f"Grid({len(self)} points from {self[0]} to {self[-1]})" if len(self) else "Grid()"
