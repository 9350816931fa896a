"""The file of a trial's samples on its host: of bounded size however long the trial is, read as a stream."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

# Above this every second sample is left out, and from then on they are taken half as often: so half of it is
# left, from all of the trial.
MOST_BYTES = 8 << 20
_TAIL_BYTES = 1 << 16


class Samples:
    """The file as the sampler writes it.

    Attributes:
        every: so many ticks pass from one sample to the next, for the file would grow too large otherwise.

    """

    def __init__(self, path: Path) -> None:
        """Begin a trial: what was sampled before is gone."""
        self._path = path
        self._out: IO[str] = path.open("w", encoding="utf-8")
        self.every = 1

    def write(self, line: list[Any]) -> None:
        """Write a line: a JSON array that begins with its kind; of a `service` the leg is the third."""
        self._out.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._out.flush()
        if self._out.tell() > MOST_BYTES:
            self._halve()

    def close(self) -> None:
        """Write no more."""
        self._out.close()

    def _halve(self) -> None:
        self._out.close()
        fresh = self._path.with_suffix(".new")
        with self._path.open(encoding="utf-8") as old, fresh.open("w", encoding="utf-8") as new:
            new.writelines(_every_second(old))
        fresh.replace(self._path)
        self._out = self._path.open("a", encoding="utf-8")
        self._out.seek(0, os.SEEK_END)
        self.every *= 2


def _every_second(lines: IO[str]) -> Iterator[str]:
    """Give every second sample of each kind and leg, its first and its last among them."""
    counts: dict[str, int] = {}
    left: dict[str, tuple[int, str]] = {}
    for at, line in enumerate(lines):
        kind = _kind(line)
        counts[kind] = counts.get(kind, -1) + 1
        if counts[kind] % 2:
            left[kind] = (at, line)
        else:
            left.pop(kind, None)
            yield line
    for _, line in sorted(left.values()):
        yield line


def _kind(line: str) -> str:
    """Return what a line is a sample of, without a look at all of it."""
    kind, _, rest = line.partition(",")
    return kind if kind != '["service"' else rest.split(",", 2)[1]


def lines(path: Path) -> Iterator[list[Any]]:
    """Give the lines one after the other; of a sampler that died in the midst of one, without that one."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def last_host_us(path: Path) -> int | None:
    """Return when the last sample of the whole host was taken; None if there is none near the file's end."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _TAIL_BYTES, 0))
        *whole, _ = file.read().split(b"\n")
    for line in reversed(whole):
        if line.startswith(b'["host",'):
            with suppress(ValueError):
                return int(line.split(b",", 2)[1])
    return None
