"""What had been counted at moments of a count, so that a part of it can be told apart later."""

import time
from itertools import pairwise
from typing import Any

# Beyond so many every second one is forgotten, and new ones come half as often: a count of any length takes
# 200 kB at most, and while there is something to count no two are farther apart than an eightieth of it.
MOST = 240
FIRST_EVERY_NS = 100_000_000


class Moments:
    """Counters at moments; they are taken as something is counted, so that nothing wakes up for them."""

    __slots__ = ("_every_ns", "_kept", "due_ns")

    def __init__(self) -> None:
        """Begin with none; `due_ns` is when the next one is due, on the monotonic clock."""
        self._every_ns = FIRST_EVERY_NS
        self._kept: list[tuple[int, int, int, list[int]]] = []
        self.due_ns = 0

    def keep(self, now_ns: int, error_ns: int, counts: list[int]) -> None:
        """Keep what has been counted before `now_ns`: the sum of errors, and answers by bucket."""
        self._kept.append((now_ns, time.time_ns(), error_ns, list(counts)))
        if len(self._kept) > MOST:
            del self._kept[1::2]
            self._every_ns *= 2
        self.due_ns = now_ns + self._every_ns

    def as_json(self, now_ns: int, error_ns: int, counts: list[int]) -> dict[str, Any]:
        """Return them as columns, with what has been counted until `now_ns` as the last one.

        Each column has its first value, and then by how much each differs from the one before. Buckets in
        which nothing was counted have none.
        """
        kept = [*self._kept, (now_ns, time.time_ns(), error_ns, list(counts))]
        return {
            "monotonic_us": _differences([now // 1000 for now, *_ in kept]),
            "wall_us": _differences([wall // 1000 for _, wall, *_ in kept]),
            "error_ns": _differences([error for _, _, error, _ in kept]),
            "counts": {
                str(bucket): _differences([before[bucket] for *_, before in kept])
                for bucket, count in enumerate(counts)
                if count
            },
        }


def _differences(values: list[int]) -> list[int]:
    return [values[0], *(after - before for before, after in pairwise(values))]
