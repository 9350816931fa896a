"""The cells that the contract is checked in: every command of a matrix on the fake database, at each size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tripod.catalogue import servers
from tripod.inputs import matrix

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Cell:
    """A server command ready to be typed, and what its `/ready` must say."""

    name: str
    command: str
    workers: int
    threads: int | None
    identity: tuple[tuple[str, str], ...]

    @property
    def module(self) -> str:
        """The application module that the command serves."""
        return self.command.split()[-1].partition(":")[0]

    @property
    def keeps_alive(self) -> bool:
        """Whether connections are kept: gunicorn's default worker has no keep-alive."""
        return not self.command.startswith("gunicorn") or " -k " in self.command

    @property
    def overlaps(self) -> bool:
        """Whether one worker has calls without number in flight: what the benchmark is about."""
        return self.module in {"async_app", "def_app"} or ("loop", "gevent") in self.identity

    @property
    def at_once(self) -> int:
        """Calls that all workers have in flight at most, unless they overlap without number."""
        return self.workers * (self.threads or 1)


def matrices(database: str) -> list[matrix.Matrix]:
    """Return the matrices in the repository that are on this kind of database."""
    loaded = [matrix.load(path, ROOT) for path in sorted((ROOT / "matrix").glob("*.yml"))]
    return [each for each in loaded if each.database.kind == database]


def all_cells() -> list[Cell]:
    """Return the cells of the repository's matrices on the fake database, each command once."""
    cells: dict[str, Cell] = {}
    for loaded in matrices("fakedb"):
        for stack in loaded.stacks:
            identity = tuple(sorted(servers.expected_identity(stack.command).items()))
            for workers, threads in stack.sizes:
                command = stack.command.format(workers=workers, threads=threads)
                name = f"{stack.name}-w{workers}" + (f"-t{threads}" if threads else "")
                cells.setdefault(command, Cell(name, command, workers, threads, identity))
    return list(cells.values())
