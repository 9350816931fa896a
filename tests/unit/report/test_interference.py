"""What it costs that load, app and database share one machine, as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from comparison_runs import STACKS, made, one_host, read
from run_files import OPEN, RunFiles, cell

from tripod.report import interference
from tripod.report.sides import NotComparableError
from tripod.runs.formats.comparison import Interference, SharedCell
from tripod.runs.formats.declaration import keys_of
from tripod.runs.results import Run

APART = dict(zip(STACKS, (70.0, 110.0, 150.0, 130.0), strict=True))
# The third stack loses most, and falls behind the fourth.
SHARED = dict(zip(STACKS, (63.0, 88.0, 75.0, 104.0), strict=True))


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, k6_summary: dict[str, Any]) -> Run:
    """Return a run whose legs are apart, with a block every hour."""
    return read(made(tmp_path_factory.mktemp("results") / "apart", k6_summary, APART, app_cpu_s=56.0))


@pytest.fixture(scope="module")
def in_turn(tmp_path_factory: pytest.TempPathFactory, k6_summary: dict[str, Any]) -> Run:
    """Return a run on one host, whose blocks come ten minutes after those of the other."""
    folder = tmp_path_factory.mktemp("results") / "shared"
    return read(made(folder, k6_summary, SHARED, seen=one_host(), minutes=10, app_cpu_s=57.0))


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory, k6_summary: dict[str, Any]) -> Run:
    """Return the same, measured when the other was over."""
    folder = tmp_path_factory.mktemp("results") / "later"
    return read(made(folder, k6_summary, SHARED, seen=one_host(), minutes=1000))


def test_it_has_the_keys_that_are_declared(in_turn: Run, apart: Run) -> None:
    """Every key is declared, and every declared one is there."""
    found = interference.make(in_turn, apart)
    assert set(found) == {name for name in keys_of(Interference) if "." not in name}
    for one in found["cells"]:
        assert set(one) == {name for name in keys_of(SharedCell) if "." not in name}


def test_what_sharing_costs_each_cell(in_turn: Run, apart: Run) -> None:
    """Shared ÷ apart, with its interval; CPU per request is that of the app."""
    found = interference.make(in_turn, apart)
    costs = {one["cell"]: one["cost"] for one in found["cells"]}
    for stack in STACKS:
        rate = costs[f"{stack}-w1-db25"]["rate"]
        assert rate["ratio"] == pytest.approx(SHARED[stack] / APART[stack], rel=0.01)
        assert rate["interval"][0] < rate["ratio"] < rate["interval"][1]
        cpu = costs[f"{stack}-w1-db25"]["app_cpu"]
        assert cpu["ratio"] == pytest.approx(57 / 56 * APART[stack] / SHARED[stack], rel=0.01)
    mean = (63 / 70 * 88 / 110 * 75 / 150 * 104 / 130) ** 0.25
    assert found["overall"]["rate"]["ratio"] == pytest.approx(mean, rel=0.01)
    assert found["overall"]["p95"] is not None


def test_trials_are_paired_where_they_were_measured_in_turn(in_turn: Run, later: Run, apart: Run) -> None:
    """By the times of the blocks; else that the machines may have drifted between is told."""
    pairs, single = interference.make(in_turn, apart), interference.make(later, apart)
    assert (pairs["in_turn"], pairs["blocks"], pairs["caveats"]) == (True, 3, [])
    assert single["in_turn"] is False
    [said] = single["caveats"]
    assert said.startswith("the two runs were not measured in turn")

    def width(found: dict[str, Any]) -> float:
        low, high = found["cells"][0]["cost"]["rate"]["interval"]
        return float(high / low)

    assert width(pairs) < width(single)


def test_blocks_that_overlap_were_not_measured_in_turn(
    apart: Run, tmp_path: Path, k6_summary: dict[str, Any]
) -> None:
    """Two runs at the same time on one machine are no pair of anything; nor are blocks out of step."""
    for minutes in (1, 70):
        shared = read(made(tmp_path / str(minutes), k6_summary, SHARED, seen=one_host(), minutes=minutes))
        assert interference.make(shared, apart)["in_turn"] is False


def test_the_order_that_sharing_changes(in_turn: Run, apart: Run) -> None:
    """A pair is told apart in both runs, the other way round on one machine; some in one run alone."""
    order = interference.make(in_turn, apart)["order"]
    assert order["pairs"] == 6
    [changed] = [one for one in order["changed"] if one["second"] == "async-worker-w1-db25"]
    assert changed["first"] == "async-uvicorn-w1-db25"
    assert changed["apart"] == pytest.approx(150 / 130, rel=0.01)
    assert changed["shared"] == pytest.approx(75 / 104, rel=0.01)
    assert order["told_in_both"] >= len(order["changed"]) == 2  # it falls behind the second stack, too
    told = order["told_in_both"] + len(order["told_apart_only"]) + len(order["told_shared_only"])
    assert told <= order["pairs"]


def test_the_sentence_names_cores_and_separation_of_both(in_turn: Run, apart: Run) -> None:
    """And what it costs, and whether the order is another one."""
    sentence = interference.make(in_turn, apart)["sentence"]
    for part in (
        "share 2 cores (one-host), instead of 2 cores for the app alone (shared-kernel)",
        "27 % less throughput on average (",
        "by cell 50 % less to 10 % less",
        "times the CPU time per request",
        "of the 6 pairs that both runs tell apart, 2 changed order.",
    ):
        assert part in sentence


def test_what_the_load_limits_is_at_least(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """Limited apart the cost is at least so much; limited in both no rate shows it, nor has a mean it."""
    rates = APART | {"async-uvicorn": 236.0, "async-worker": 236.0}
    apart = read(made(tmp_path / "apart", k6_summary, rates))
    shared = read(
        made(tmp_path / "shared", k6_summary, rates | {"async-worker": 118.0}, seen=one_host(), minutes=10)
    )
    found = interference.make(shared, apart)
    limited = {one["cell"].split("-w1")[0]: one["limited"] for one in found["cells"]}
    assert limited["async-uvicorn"] == "both"
    assert limited["async-worker"] == "apart"
    assert found["overall"]["rate"]["ratio"] == pytest.approx(0.5 ** (1 / 3), rel=0.01)
    assert "(at least, since the load limits some cells" in found["sentence"]
    assert not [one for one in found["order"]["changed"] if "async-uvicorn" in one["first"]]


def test_an_open_load_has_no_rate_to_lose(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """Its rate is offered; tail and CPU time are what sharing costs, and there is no order of rates."""
    apart = read(made(tmp_path / "apart", k6_summary, APART, load=OPEN))
    shared = read(made(tmp_path / "shared", k6_summary, APART, load=OPEN, seen=one_host(), minutes=10))
    found = interference.make(shared, apart)
    assert {one["cost"]["rate"] for one in found["cells"]} == {None}
    assert found["overall"]["p95"]["ratio"] == pytest.approx(1)
    assert found["order"]["pairs"] == 0


def test_runs_that_do_not_fit_are_refused(
    in_turn: Run, apart: Run, tmp_path: Path, k6_summary: dict[str, Any]
) -> None:
    """With what differs, and what to type."""
    with pytest.raises(NotComparableError, match=r"both runs are shared-kernel: .*compare apart apart"):
        interference.make(apart, apart)
    with pytest.raises(
        NotComparableError, match=r"the second run, shared, is the one on one host; type: .* shared apart"
    ):
        interference.make(apart, in_turn)
    larger = read(made(tmp_path / "larger", k6_summary, SHARED, seen=one_host(4)))
    with pytest.raises(
        NotComparableError, match="the shared host has 4 cores, the app host of apart 2 cores: size"
    ):
        interference.make(larger, apart)
    load = cell(STACKS[0])["load"] | {"vus": 40}
    other = read(made(tmp_path / "other", k6_summary, SHARED, load=load, seen=one_host()))
    with pytest.raises(NotComparableError, match=r"no cell in common: other loads .*vus 40 against 10"):
        interference.make(other, apart)
    (tmp_path / "other" / "hosts.json").unlink()
    with pytest.raises(NotComparableError, match="of the first run, other, nobody knows how far"):
        interference.make(read(tmp_path / "other"), apart)


def test_two_separate_runs_are_refused(apart: Run, tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """Neither shared-kernel nor separate kernels is one machine for all legs."""
    files = RunFiles(tmp_path / "kernels", k6_summary)
    made(files.path, k6_summary, APART)
    seen = json.loads((files.path / "hosts.json").read_text(encoding="utf-8"))
    files.write("hosts.json", seen | {"separation": "separate-kernels"})
    with pytest.raises(
        NotComparableError, match="the first run, apart, is shared-kernel, and must be one-host"
    ):
        interference.make(apart, read(files.path))


def test_the_mean_says_which_way_the_load_moves_it(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """Of the throughput alone; cells that are limited in both runs are in no range of it."""
    rates = APART | {"async-uvicorn": 236.0, "async-worker": 100.0}
    apart = read(made(tmp_path / "apart", k6_summary, rates))
    told = {}
    for name, changed in (("shared", {"async-worker": 236.0}), ("none", {"async-worker": 90.0})):
        folder = made(tmp_path / name, k6_summary, rates | changed, seen=one_host(), minutes=10)
        told[name] = interference.make(read(folder), apart)["sentence"]
    assert " (at most, since the load limits some cells on one machine); makes the p95" in told["shared"]
    assert "by cell 10 % less to 0 % less)" in told["none"]
    assert "since the load limits" not in told["none"]


@pytest.mark.parametrize("time", ["2026-02-30T03:45:10Z", None])
def test_a_time_that_is_none_breaks_nothing(
    in_turn: Run, tmp_path: Path, k6_summary: dict[str, Any], time: str | None
) -> None:
    """A record with a day that no calendar has is refused like any damaged file; one may tell no time."""
    files = RunFiles(made(tmp_path / "apart", k6_summary, APART), k6_summary)
    files.change("trials/sync-gunicorn-w1-db25-r1/record.json", started_at=time)
    found = interference.make(in_turn, read(files.path))
    refused = [line for line in found["caveats"] if line.startswith("refused: ")]
    assert bool(refused) is bool(time)
    assert all("'started_at' is '2026-02-30T03:45:10Z', allowed: a time that" in line for line in refused)
    assert found["in_turn"] is True
    trials = {one["cell"]: one["apart"]["trials"] for one in found["cells"]}
    assert trials["sync-gunicorn-w1-db25"] == (2 if time else 3)
