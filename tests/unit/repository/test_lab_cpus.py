"""Which CPUs the lab's hosts get."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[3] / "roles/lab/files/cpus.py"
spec = importlib.util.spec_from_file_location("lab_cpus", PATH)
assert spec is not None
assert spec.loader is not None
lab_cpus = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lab_cpus)


@pytest.mark.parametrize(
    ("cpus", "load", "app", "db"),
    [
        ([0], "0", "0", "0"),
        ([0, 1], "0", "1", "0"),
        ([0, 1, 2], "0", "2", "1"),
        ([0, 1, 2, 3], "0", "2,3", "1"),
        ([4, 5, 6, 7, 8, 9], "4,5,6", "8,9", "7"),
    ],
)
def test_the_app_owns_its_cpus(cpus: list[int], load: str, app: str, db: str) -> None:
    """The app shares none where there are two or more; with four or more it has two."""
    assert lab_cpus.shared_out(cpus) == {"load": load, "app": app, "db": db}


@pytest.mark.parametrize(
    ("siblings", "order"),
    [
        ({0: "0", 1: "1"}, [0, 1]),
        ({0: "0-1", 1: "0-1", 2: "2-3", 3: "2-3"}, [0, 1, 2, 3]),
        ({0: "0,2", 1: "1,3", 2: "0,2", 3: "1,3"}, [0, 2, 1, 3]),
    ],
)
def test_siblings_stand_together(siblings: dict[int, str], order: list[int]) -> None:
    """However the kernel numbers them, the CPUs of one core are neighbours: the app gets a whole core."""
    assert lab_cpus.ordered(siblings) == order
