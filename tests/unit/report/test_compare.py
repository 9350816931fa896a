"""Runs compared, as data: what differs, the shift, each cell, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from comparison_runs import STACKS, made, one_host, read, smaller
from run_files import OPEN, RunFiles, cell, hosts

from tripod.report import compare, compare_text
from tripod.report.sides import NotComparableError, Side, side
from tripod.runs.formats.comparison import ComparedCell, Comparison
from tripod.runs.formats.declaration import keys_of

RATES = dict(zip(STACKS, (70.0, 110.0, 150.0, 130.0), strict=True))


def faster(factor: float, **changed: float) -> dict[str, float]:
    """Return the rates of a machine of another speed, on which these stacks changed beside."""
    own = {name.replace("_", "-"): change for name, change in changed.items()}
    return {stack: rate * factor * own.get(stack, 1.0) for stack, rate in RATES.items()}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, k6_summary: dict[str, Any]) -> dict[str, Path]:
    """Return runs by what is the matter with them."""
    results = tmp_path_factory.mktemp("results")
    other = hosts()
    for host in other["hosts"].values():
        host |= {"kernel": "6.1.0", "packages": {"flask": "3.1.2", "granian": "2.8"}}
    return {
        "base": made(results / "base", k6_summary, RATES),
        "again": made(results / "again", k6_summary, faster(1.004), minutes=500),
        "slow": made(results / "slow", k6_summary, faster(0.8, sync_gthread=0.7), minutes=1000, seen=other),
        "once": made(results / "once", k6_summary, RATES, blocks=1),
        "once-more": made(results / "once-more", k6_summary, RATES, blocks=1),
        "shared": made(results / "shared", k6_summary, RATES, seen=one_host()),
        "broken": made(results / "broken", k6_summary, RATES, failed=["async-worker"]),
        "other-load": made(
            results / "other-load", k6_summary, RATES, load=cell(STACKS[0])["load"] | {"vus": 40}
        ),
    }


def of(runs: Mapping[str, Path], *names: str) -> Side:
    """Return a side of these runs."""
    return side([read(runs[name]) for name in names], "A")


def told(comparison: Mapping[str, Any]) -> dict[str, str]:
    """Return stack → answer."""
    return {found["stack"]: found["answer"] for found in comparison["cells"]}


def test_it_has_the_keys_that_are_declared(runs: dict[str, Path]) -> None:
    """Every key of a comparison and of its cells is declared, and every declared one is there."""
    found = compare.make(of(runs, "base"), of(runs, "slow"))
    assert set(found) == {name for name in keys_of(Comparison) if "." not in name}
    for one in found["cells"]:
        assert set(one) == {name for name in keys_of(ComparedCell) if "." not in name}


def test_the_machine_is_told_from_the_stack(runs: dict[str, Path]) -> None:
    """All cells lost a fifth, one of them a third more: that one is slower, the others show no difference."""
    found = compare.make(of(runs, "base"), of(runs, "slow"))
    assert found["shifts"]["rate"]["ratio"] == pytest.approx(0.8, rel=0.03)
    assert told(found) == {
        stack: "slower" if stack == "sync-gthread" else "no-difference" for stack in STACKS
    }
    [slower] = [one for one in found["cells"] if one["stack"] == "sync-gthread"]
    rate = slower["change"]["rate"]
    assert rate["to_shift"] == pytest.approx(0.7, rel=0.04)
    assert rate["to_shift_interval"][0] < 0.7 < rate["to_shift_interval"][1] < 0.8
    assert rate["ratio"] == pytest.approx(0.56, rel=0.03)
    assert slower["p"] < 0.05
    assert (slower["a"]["trials"], slower["b"]["trials"]) == (3, 3)
    assert slower["a"]["p95_ms"] is not None


def test_the_other_way_round_it_is_faster(runs: dict[str, Path]) -> None:
    """The answer is of B."""
    assert told(compare.make(of(runs, "slow"), of(runs, "base")))["sync-gthread"] == "faster"


def test_environments_that_differ_are_named(runs: dict[str, Path]) -> None:
    """Kernels and versions that both have, once for all legs; nothing that is alike, or that one lacks."""
    found = compare.make(of(runs, "base"), of(runs, "slow"))["differences"]
    assert {"what": "kernel (load, app, db)", "a": "6.18.5", "b": "6.1.0"} in found
    assert {"what": "flask", "a": "3.1.3", "b": "3.1.2"} in found
    assert not [one for one in found if "granian" in one["what"] or "system" in one["what"]]


def test_parameters_and_lengths_that_differ_are_named(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """So are commands: the same stack may be started otherwise."""
    for name, seconds, command in (("a", 60.0, "gunicorn -w 1 a:app"), ("b", 30.0, "gunicorn -w 1 b:app")):
        files = RunFiles(tmp_path / name, smaller(k6_summary))
        load = cell("sync-gunicorn")["load"] | {"duration_s": seconds}
        later = {"budget": None, "tune": True} if name == "b" else {}
        asked = {"warmup": 0.5, "precision": None} if name == "b" else {"warmup": None, "precision": 0.05}
        parameters = {"duration": seconds, **asked, **later}
        files.plan([cell("sync-gunicorn", command=command, load=load)], parameters=parameters)
        files.trial("sync-gunicorn-w1-db25-r1", rps=70)
    found = compare.make(*(side([read(tmp_path / name)], "A") for name in "ab"))["differences"]
    assert {"what": "parameter duration", "a": "60s", "b": "30s"} in found
    assert {"what": "parameter warmup", "a": "default", "b": "0.5s"} in found
    assert {"what": "parameter precision", "a": "5%", "b": "default"} in found
    # a parameter that earlier runs did not know differs if it was asked for
    assert {"what": "parameter tune", "a": "unknown", "b": "true"} in found
    assert not [one for one in found if "budget" in one["what"]]
    assert {"what": "length of a trial", "a": "60 s", "b": "30 s"} in found
    named = {
        "what": "command of sync-gunicorn-w1-db25",
        "a": "gunicorn -w 1 a:app",
        "b": "gunicorn -w 1 b:app",
    }
    assert named in found


def test_one_run_a_side_is_called_so(runs: dict[str, Path]) -> None:
    """What runs differ by cannot be known from one; of several a side nothing is said."""
    [one] = compare.make(of(runs, "base"), of(runs, "slow"))["caveats"]
    assert one.startswith("one run a side: ")
    assert compare.make(of(runs, "base", "again"), of(runs, "slow", "once"))["caveats"] == []
    [half] = compare.make(of(runs, "base", "again"), of(runs, "slow"))["caveats"]
    assert half.startswith("side B has one run: ")


def test_several_runs_a_side_are_judged_by_what_runs_differ_by(runs: dict[str, Path]) -> None:
    """The figures of a side are over all trials of its runs."""
    found = compare.make(of(runs, "base", "again"), of(runs, "slow"))
    assert {one["a"]["trials"] for one in found["cells"]} == {6}
    assert [one["run_id"] for one in found["a"]["runs"]] == ["base", "again"]
    assert told(found)["sync-gthread"] == "slower"


def test_one_trial_a_side_tells_nothing(runs: dict[str, Path]) -> None:
    """The ratio stands, without an interval, and the answer is that none can be given."""
    found = compare.make(of(runs, "base"), of(runs, "once"))
    assert set(told(found).values()) == {"no-difference"}  # the other side's three tell how trials vary
    single = compare.make(of(runs, "once"), of(runs, "once-more"))
    assert set(told(single).values()) == {"cannot-be-told"}
    assert {one["why"] for one in single["cells"]} == {"too few trials for an interval"}


def test_a_regression_is_one_that_is_sure(runs: dict[str, Path]) -> None:
    """The interval must lie wholly beyond what may be lost; the exit code says so."""
    found = compare.make(of(runs, "base"), of(runs, "slow"), allowed_loss=0.05)
    assert found["regressions"] == ["sync-gthread-w1-db25"]
    assert {one["stack"]: one["regression"] for one in found["cells"]} == {
        stack: stack == "sync-gthread" for stack in STACKS
    }
    assert compare.exit_code(found) == 3
    assert compare.exit_code(compare.make(of(runs, "base"), of(runs, "slow"), allowed_loss=0.4)) == 0
    assert compare.exit_code(compare.make(of(runs, "base"), of(runs, "again"), allowed_loss=0.05)) == 0
    assert compare.exit_code(compare.make(of(runs, "base"), of(runs, "slow"))) == 0


def test_a_stack_that_broke_is_a_regression(runs: dict[str, Path]) -> None:
    """A cell that fails on side B alone is the worst loss; on side A it is left out, with the reason."""
    found = compare.make(of(runs, "base"), of(runs, "broken"), allowed_loss=0.05)
    assert found["regressions"] == ["async-worker-w1-db25"]
    assert [(one["side"], one["code"]) for one in found["left_out"]] == [("a", "failed-b")]
    turned = compare.make(of(runs, "broken"), of(runs, "base"), allowed_loss=0.05)
    assert (turned["regressions"], compare.exit_code(turned)) == ([], 0)
    assert [(one["side"], one["code"]) for one in turned["left_out"]] == [("a", "failed-a")]


def test_a_cell_that_left_nothing_is_left_out_as_not_measured(
    tmp_path: Path, k6_summary: dict[str, Any]
) -> None:
    """That it failed is not known: the run may have been interrupted before it."""
    for name in "ab":
        files = RunFiles(tmp_path / name, smaller(k6_summary))
        files.plan([cell("sync-gunicorn"), cell("sync-gthread")])
        for stack in ("sync-gunicorn", *(["sync-gthread"] if name == "a" else [])):
            files.trial(f"{stack}-w1-db25-r1", rps=70)
    sides = [side([read(tmp_path / name)], "A") for name in "ab"]
    found = compare.make(*sides, allowed_loss=0.05)
    [left] = found["left_out"]
    assert (left["code"], left["why"]) == ("unmeasured-b", "not measured on side B")
    assert found["regressions"] == []


def test_where_no_cell_can_be_judged_the_exit_code_says_so(runs: dict[str, Path]) -> None:
    """Otherwise a check that looked for regressions would pass for having seen nothing."""
    found = compare.make(of(runs, "once"), of(runs, "once-more"), allowed_loss=0.05)
    assert compare.exit_code(found) == 2


def test_few_cells_of_which_slots_limit_some(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """What slots limit tells the shift then, too: nothing is called different that is not so by itself."""
    before = {"sync-gunicorn": 106.0, "async-uvicorn": 150.0, "async-worker": 140.0}
    after = before | {"async-uvicorn": 130.0, "async-worker": 112.0}
    a, b = (
        side([read(made(tmp_path / name, k6_summary, rates, slots=["sync-gunicorn"], app_cpu_s=58.0))], name)
        for name, rates in {"A": before, "B": after}.items()
    )
    found = compare.make(a, b)["cells"]
    assert {one["stack"]: (one["follows"], one["answer"]) for one in found} == {
        # 1.15 times the shift, and as fast as before
        "sync-gunicorn": ("in-part", "no-difference"),
        "async-uvicorn": ("mixed", "no-difference"),
        "async-worker": ("mixed", "slower"),
    }
    beside = {one["stack"]: one["change"]["rate"]["to_shift_interval"] for one in found}
    assert beside["sync-gunicorn"][0] > 1
    assert "slots limit some of the few cells that tell the shift: by itself x 0.800" in str(
        compare_text.sheet(compare.make(a, b))
    )


def test_runs_of_a_side_may_differ_in_length(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """A rate is a trial's requests ÷ its own length; of trials shorter than 5 s there is no p99."""
    paths = {}
    for name, seconds in {"long": 60.0, "half": 30.0, "short": 3.0}.items():
        load = cell(STACKS[0])["load"] | {"duration_s": seconds}
        paths[name] = made(tmp_path / name, k6_summary, dict.fromkeys(STACKS, 70.0), load=load)
    long, half, short = (read(path) for path in paths.values())
    found = compare.make(side([long], "A"), side([half], "B"))
    both = compare.make(side([long, half], "A"), side([short], "B"))
    assert both["shifts"]["p99"] is None
    for apart, together in zip(found["cells"], both["cells"], strict=True):
        rates = [apart[of]["rate"] for of in "ab"]
        assert rates[1] == pytest.approx(2 * rates[0])  # the same requests in half the time
        assert together["a"]["rate"] == pytest.approx(sum(rates) / 2)
        assert together["a"]["p99_ms"] is not None
        assert (together["b"]["p99_ms"], together["change"]["p99"]) == (None, None)


def test_what_the_load_limits_is_not_judged(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """Limited on both sides nothing is told; on one, what may be more there cannot be called less."""
    a = made(tmp_path / "a", k6_summary, RATES | {"async-uvicorn": 235.0, "async-worker": 235.0})
    rates = RATES | {"async-uvicorn": 235.0, "async-worker": 100.0, "sync-gthread": 109.0}
    five = {"sync-gunicorn": 71.0}
    b = made(tmp_path / "b", k6_summary, rates | five)
    found = compare.make(side([read(a)], "A"), side([read(b)], "B"))
    why = {one["stack"]: one["why"] for one in found["cells"]}
    assert why["async-uvicorn"] == "the load limits it on both sides"
    # two cells are left, which tell no shift
    assert found["shifts"]["rate"] is None
    assert set(told(found).values()) == {"cannot-be-told"}


def test_a_bound_rate_supports_at_least_only(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """Bound on side A it may have been faster: slower stands, faster does not."""
    stacks = dict.fromkeys(STACKS, 100.0)
    cells = [cell(stack, workers) for stack in stacks for workers in (1, 2)]

    def run(name: str, **changed: float) -> Side:
        files = RunFiles(tmp_path / name, smaller(k6_summary))
        files.plan(cells, repeats=3)
        for number, known in enumerate(cells):
            rate = changed.get(known["cell"].replace("-", "_"), 60.0 + 10 * number)
            for block in range(3):
                files.trial(f"{known['cell']}-r{block + 1}", rps=rate * (1 + 0.004 * ((block + number) % 3)))
        return side([read(tmp_path / name)], "A")

    bound = run("bound", sync_gunicorn_w1_db25=232.0, sync_gunicorn_w2_db25=232.0)
    free = run("free", sync_gunicorn_w1_db25=150.0, sync_gunicorn_w2_db25=231.0 * 0.93)
    answers = {
        one["b"]["cell"]: (one["answer"], one["why"])
        for one in compare.make(bound, free, allowed_loss=0.05)["cells"]
    }
    assert answers["sync-gunicorn-w1-db25"] == ("slower", None)
    turned = {
        one["b"]["cell"]: (one["answer"], one["regression"])
        for one in compare.make(free, bound, allowed_loss=0.05)["cells"]
    }
    assert turned["sync-gunicorn-w1-db25"] == ("faster", None)


def test_an_open_load_is_judged_by_its_p95(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """The load offers the rate, so no rate is compared."""
    a, b = (made(tmp_path / name, k6_summary, RATES, load=OPEN) for name in "ab")
    found = compare.make(side([read(a)], "A"), side([read(b)], "B"))
    assert {one["judged_by"] for one in found["cells"]} == {"p95"}
    assert {one["change"]["rate"] for one in found["cells"]} == {None}
    assert found["shifts"]["p95"]["ratio"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        (
            "base",
            "shared",
            r"separation differs: A \(base\) is shared-kernel, B \(shared\) is one-host; type: .*--across",
        ),
        ("base", "base", "run base is on both sides"),
        ("base", "other-load", "no cell in common: other loads .*vus 10 against 40"),
    ],
)
def test_what_does_not_fit_is_refused(runs: dict[str, Path], a: str, b: str, said: str) -> None:
    """The message says what differs, and what to type."""
    with pytest.raises(NotComparableError, match=said):
        compare.make(of(runs, a), of(runs, b))


def test_a_copy_of_a_run_is_that_run(runs: dict[str, Path], tmp_path: Path) -> None:
    """Wherever it lies: compared with itself it would show how sure nothing is."""
    shutil.copytree(runs["base"], tmp_path / "copy")
    with pytest.raises(NotComparableError, match="run base is on both sides"):
        compare.make(of(runs, "base"), side([read(tmp_path / "copy")], "B"))


def test_across_separations_if_it_is_asked_for(runs: dict[str, Path]) -> None:
    """Then the separation is the first of the differences."""
    found = compare.make(of(runs, "base"), of(runs, "shared"), across=True)
    assert found["differences"][0] == {"what": "separation", "a": "shared-kernel", "b": "one-host"}


def test_runs_without_a_cell_in_common_are_refused(
    runs: dict[str, Path], tmp_path: Path, k6_summary: dict[str, Any]
) -> None:
    """Both sides' cells are named."""
    files = RunFiles(tmp_path / "two", k6_summary)
    files.plan([cell("sync-gunicorn", 2)])
    files.trial("sync-gunicorn-w2-db25-r1")
    said = r"no cell in common: A has sync-gunicorn-w1-db25, .*; B has sync-gunicorn-w2-db25"
    with pytest.raises(NotComparableError, match=said):
        compare.make(of(runs, "base"), side([read(tmp_path / "two")], "B"))


def test_runs_of_a_side_must_fit(runs: dict[str, Path]) -> None:
    """A run twice, another separation, and other loads are refused with what differs."""
    with pytest.raises(NotComparableError, match="A has a run twice: base, base"):
        of(runs, "base", "base")
    with pytest.raises(NotComparableError, match="separation of base is shared-kernel, of shared one-host"):
        of(runs, "base", "shared")
    with pytest.raises(NotComparableError, match="no cell in common: other loads"):
        of(runs, "base", "other-load")


def test_refused_files_are_named(runs: dict[str, Path], tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """A damaged record costs its trial, and is told."""
    damaged = made(tmp_path / "damaged", k6_summary, RATES)
    (damaged / "trials" / "sync-gunicorn-w1-db25-r1" / "record.json").write_text("{")
    found = compare.make(of(runs, "base"), side([read(damaged)], "B"))
    assert [line for line in found["caveats"] if line.startswith("refused: ")]
    assert {one["b"]["cell"]: one["b"]["trials"] for one in found["cells"]}["sync-gunicorn-w1-db25"] == 2


def test_a_cell_that_answered_nothing_is_lost(tmp_path: Path, k6_summary: dict[str, Any]) -> None:
    """Without an error and without a success: no ratio has it, and no check for regressions passes it."""
    a = made(tmp_path / "a", k6_summary, RATES)
    b = made(tmp_path / "b", k6_summary, RATES | {"sync-gthread": 0.0})
    found = compare.make(side([read(a)], "A"), side([read(b)], "B"), allowed_loss=0.05)
    [lost] = [one for one in found["cells"] if one["stack"] == "sync-gthread"]
    assert (lost["answer"], lost["why"]) == (
        "cannot-be-told",
        "a trial of side B answered nothing in its window",
    )
    assert (found["regressions"], compare.exit_code(found)) == (["sync-gthread-w1-db25"], 3)
