"""Figures that are kept: the same as those that are made, and never of another file, or of other code."""

from __future__ import annotations

import ast
import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tripod.runs import kept, measured, slim
from tripod.stats.figures import Figures, from_k6_summary, needs_quantiles


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty checkout, where figures are kept."""
    monkeypatch.setattr(kept, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def folder(tmp_path: Path, k6_summary: dict[str, Any]) -> Path:
    """Return a trial's directory with what a real k6 summed up."""
    place = tmp_path / "trial"
    place.mkdir()
    (place / "k6.json.gz").write_bytes(gzip.compress(json.dumps(k6_summary).encode()))
    return place


def kept_files(root: Path) -> list[Path]:
    """Return what is kept."""
    return list((root / kept.FOLDER).iterdir())


def test_what_is_kept_is_what_was_made(root: Path, folder: Path, k6_summary: dict[str, Any]) -> None:
    """The second reading gives the same figures, without a look into the summary."""
    made = measured.figures_of(folder, folder)
    assert made == from_k6_summary(k6_summary)
    [file] = kept_files(root)
    found = kept.find((folder / "k6.json.gz").read_bytes())
    assert found == made
    assert isinstance(found, Figures)
    before = file.stat().st_mtime_ns
    assert measured.figures_of(folder, folder) == made
    assert file.stat().st_mtime_ns == before


def test_another_content_is_read_anew(root: Path, folder: Path, k6_summary: dict[str, Any]) -> None:
    """One request more in the file is one more in the figures, though others were kept of its trial."""
    before = measured.figures_of(folder, folder).requests
    changed = copy.deepcopy(k6_summary)
    changed["metrics"]["http_reqs"]["values"]["count"] += 1
    (folder / "k6.json.gz").write_bytes(gzip.compress(json.dumps(changed).encode()))
    assert measured.figures_of(folder, folder).requests == before + 1
    assert len(kept_files(root)) == 2


@pytest.mark.parametrize("damage", [b"", b"x" * 500, None])
def test_damaged_ones_are_made_anew(root: Path, folder: Path, damage: bytes | None) -> None:
    """A kept file that is cut off, or has other bytes than were written, is not believed."""
    made = measured.figures_of(folder, folder)
    [file] = kept_files(root)
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if damage is None else damage)
    assert kept.find((folder / "k6.json.gz").read_bytes()) is None
    assert measured.figures_of(folder, folder) == made
    assert file.read_bytes() == whole


def test_whatever_makes_figures_is_in_the_name() -> None:
    """Each module of the library that the makers import is one of them: a change of it leaves nothing."""
    makers = {module.__name__ for module in kept.MAKERS}
    for module in kept.MAKERS:
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for node in [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]:
            package = str(node.module)
            names = [f"{package}.{alias.name}" for alias in node.names]
            if package.startswith("tripod."):
                assert package in makers or set(names) <= makers, f"{module.__name__}: {package}"


def test_where_nothing_can_be_kept_nothing_is(root: Path, folder: Path) -> None:
    """A file in the place of the folder is no error: figures are made each time."""
    (root / kept.FOLDER).parent.write_text("")
    assert measured.figures_of(folder, folder) == measured.figures_of(folder, folder)


@pytest.mark.parametrize("part", [Path(kept.FOLDER), Path(kept.FOLDER).parent], ids=str)
def test_nothing_is_kept_or_removed_behind_a_link(
    root: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: Path
) -> None:
    """What lies there is somebody else's, and would not be found again."""
    monkeypatch.setattr(kept, "MOST", 1)
    elsewhere = tmp_path / "elsewhere"
    theirs = elsewhere / (root / kept.FOLDER).relative_to(root / part)
    theirs.mkdir(parents=True)
    for name in ("a", "b"):
        (theirs / (name * 64)).write_text("theirs")
    (root / part).parent.mkdir(exist_ok=True)
    (root / part).symlink_to(elsewhere)
    measured.figures_of(folder, folder)
    assert sorted(path.name for path in theirs.iterdir()) == ["a" * 64, "b" * 64]


def test_the_older_half_goes(root: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many files room is made, oldest first; nothing that is not ours is counted, or in the way."""
    monkeypatch.setattr(kept, "MOST", 2)
    place = root / kept.FOLDER
    place.mkdir(parents=True)
    (place / "notes").mkdir()
    (place / "to-nowhere").symlink_to(root / "nowhere")
    for name in ("a" * 64, "b" * 64, f".{'c' * 64}.x_1", "d" * 64):
        (place / name).write_text("")
    measured.figures_of(folder, folder)
    left = [path.name for path in kept_files(root) if path.name not in {"notes", "to-nowhere"}]
    assert len(left) == 3
    assert len(kept_files(root)) == 5


def test_the_quick_reader_sees_what_the_other_does(k6_summary: dict[str, Any]) -> None:
    """Figures of a summary with the quantiles that are needed are those of the whole one."""
    found = slim.decode(json.dumps(k6_summary).encode(), needs_quantiles)
    assert found is not None
    assert from_k6_summary(found) == from_k6_summary(k6_summary)
    without = [name for name in k6_summary["metrics"] if not needs_quantiles(name)]
    assert all("p(12.3)" not in found["metrics"][name]["values"] for name in without)
