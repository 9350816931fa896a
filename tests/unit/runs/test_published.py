"""The write-ups' published figures: their form, and that what stands for them is in the matrices."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from run_files import ROOT

from tripod.inputs import matrix as matrices
from tripod.runs import published
from tripod.runs.documents import DamagedFileError
from tripod.runs.finding import RunNotFoundError

NAMES = ("original", "poc", "quotes")
MATRICES = {"poc": "poc", "quotes": "quotes", "original": "quotes"}


def test_each_write_up_has_its_figures() -> None:
    """These three, under these names."""
    assert published.names(ROOT) == list(NAMES)
    assert [len(published.read(ROOT, name).figures) for name in NAMES] == [20, 13, 13]


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_of_one_row_and_load_each(name: str) -> None:
    """No row stands twice, no cell for two rows of one load; latencies ascend; k6's counts fit its rates."""
    text = published.read(ROOT, name)
    rows = [(figure.row, figure.load, figure.db_sleep_ms) for figure in text.figures]
    assert len(set(rows)) == len(rows)
    cells = [
        (cell.stack, cell.workers, cell.threads, figure.load, figure.db_sleep_ms)
        for figure in text.figures
        for cell in figure.cells
    ]
    assert len(set(cells)) == len(cells)
    for figure in text.figures:
        times = figure.latency_ms
        told = [times.min, times.med, times.p90, times.p95, times.max]
        known = [value for value in told if value is not None]
        assert known == sorted(known)
        assert (times.min or 0) <= times.avg <= times.max
        # closed: as many users as there are requests under way and pausing, to the figures' own precision
        load = text.loads[figure.load]
        if not load.pause_s:
            assert figure.rps * times.avg / 1000 == pytest.approx(load.vus, rel=0.05)
        if figure.requests:
            assert figure.requests / figure.rps == pytest.approx(load.duration_s, rel=0.08)


@pytest.mark.parametrize("name", NAMES)
def test_what_stands_for_a_row_is_a_stack_of_the_matrix(name: str) -> None:
    """Stacks and loads are those that a run has, but for sizes that are asked for by -e."""
    matrix = matrices.load(matrices.find(MATRICES[name], ROOT), ROOT)
    stacks = {stack.name for stack in matrix.stacks}
    text = published.read(ROOT, name)
    assert {cell.stack for figure in text.figures for cell in figure.cells} <= stacks
    assert set(text.loads) <= {load.name for load in matrix.loads}


def test_a_name_that_there_is_not() -> None:
    """The message has the nearest, and all that there are."""
    with pytest.raises(RunNotFoundError, match=r"did you mean published:quotes\? valid: published:original"):
        published.read(ROOT, "quote")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("rps: 69.804625", "rps: fast"),
        ("load: poc", "load: saturate"),
        ("\nfigures:", "\nfigures: ["),
        ("format: 1", "format: 2"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, change: str, said: str) -> None:
    """By its path; nothing of it is used."""
    folder = tmp_path / "published"
    folder.mkdir()
    content = (ROOT / "published" / "poc.yml").read_text(encoding="utf-8")
    assert change in content
    (folder / "poc.yml").write_text(content.replace(change, said, 1), encoding="utf-8")
    with pytest.raises(DamagedFileError, match=r"published/poc\.yml: "):
        published.read(tmp_path, "poc")


def test_every_key_is_declared() -> None:
    """A key that nobody reads would be a fact that nobody checks."""
    content = (ROOT / "published" / "poc.yml").read_bytes().replace(b"date:", b"day:")
    with pytest.raises(msgspec.ValidationError, match="day"):
        msgspec.yaml.decode(content, type=published.Published)
