"""A run that was begun is continued: what is left of it, in which blocks, and what is refused."""

from __future__ import annotations

import copy
import json
import multiprocessing
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import run_files as made_files
import yaml
from plan_fixtures import GROUPS, MATRIX, ROOT
from run_files import RunFiles

from tripod.inputs.errors import InputError
from tripod.planning import left, plan, resume
from tripod.runs import going, made, stints
from tripod.runs.documents import problem_of
from tripod.runs.results import read_run

RUN = "20261123T034500Z-poc"
PARTS = (
    "apps",
    "fakedb",
    "k6",
    "matrix",
    "playbooks",
    "plugins",
    "quotesdb",
    "requirements",
    "roles",
    "tripod",
)
CHOICE = {"only": "one,two", "workers": "1", "threads": "4", "repeats": "2", "seed": "7"}
ONE, TWO = "one-w1-db25", "two-w1-t4-db25"
VARIABLES = {host: {"bench_address": f"10.0.0.{number}"} for number, host in enumerate("abc", start=1)}


class Begun:
    """A run of two cells and two repeats, in a checkout of its own, of which some trials were measured."""

    def __init__(self, root: Path, files: RunFiles) -> None:
        """Plan it, and write what the plan stage writes."""
        self.root, self.files = root, files
        self.matrix = root / "mine.yml"
        self.matrix.write_text(yaml.safe_dump(MATRIX), encoding="utf-8")
        self.plan = self.planned(matrix=str(self.matrix), run_id=RUN, **CHOICE)
        files.write("plan.json", self.plan)
        made.take_note(root, files.path)
        self.trials = [trial["trial"] for trial in self.plan["trials"]]

    def planned(self, variables: dict[str, Any] | None = None, **extra_vars: object) -> dict[str, Any]:
        """Return what a plan with these parameters becomes."""
        return plan.make(
            plan.Request(
                root=self.root,
                now=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
                extra_vars=extra_vars,
                inventory=["inventory/mine.yml"],
                groups=GROUPS,
                host_vars={host: known | (variables or {}) for host, known in VARIABLES.items()},
                results=self.files.path.parent,
            )
        )

    def continued(self, **more: Any) -> dict[str, Any]:
        """Return the plan of a continuation."""
        return self.planned(run_id=RUN, resume="true", **more)

    def refused(self, **more: Any) -> str:
        """Return why it is refused; nothing may have been written."""
        before = sorted(self.files.path.rglob("*"))
        with pytest.raises(InputError) as caught:
            self.continued(**more)
        assert sorted(self.files.path.rglob("*")) == before
        return str(caught.value)

    def measured(self, *trials: str, boot: str = "first", number: int = 0, **changes: Any) -> None:
        """Write hosts.json of a stint, and trials that were measured in it."""
        name = f"hosts.{number}.json" if number else "hosts.json"
        self.files.write(name, hosts(boot))
        for trial in trials:
            base = trial.split("-try")[0]
            self.files.trial(base if base == trial else "other-r1", **changes)
            if base != trial:
                shutil.move(self.files.path / "trials/other-r1", self.files.path / "trials" / trial)
                record = made_files.record(base) | {"trial": trial}
                self.files.write(f"trials/{trial}/record.json", record)

    def began(self, trial: str) -> None:
        """Make what a trial leaves that was killed."""
        (self.files.path / "trials" / trial).mkdir(parents=True)

    def settled(
        self, continuation: dict[str, Any], boot: str, number: int = 1, **facts: Any
    ) -> dict[str, Any]:
        """Return the continuation's plan once its hosts were seen, and write both as measure does."""
        seen = hosts(boot, **facts)
        settled = plan.settled(continuation, str(self.files.path), seen)
        self.files.write(f"plan.{number}.json", settled)
        self.files.write(f"hosts.{number}.json", seen)
        return settled


def hosts(boot: str, **facts: Any) -> dict[str, Any]:
    """Return hosts.json of the three hosts in a boot of this name."""
    seen = made_files.hosts()
    names = dict(zip(seen["hosts"], "abc", strict=True))
    seen["hosts"] = {
        names[name]: host | {"clock": {"boot_id": f"{boot}-{name}"}} | {"database": None} | facts
        for name, host in seen["hosts"].items()
    }
    return seen


def entries(continuation: dict[str, Any]) -> list[tuple[str, int]]:
    """Return name and block of each trial."""
    return [(trial["trial"], trial["block"]) for trial in continuation["trials"]]


@pytest.fixture
def begun(tmp_path: Path, run_files: RunFiles) -> Begun:
    """Give a run that was planned, and nothing else."""
    root = tmp_path / "checkout"
    root.mkdir()
    for part in PARTS:
        (root / part).symlink_to(ROOT / part)
    return Begun(root, run_files)


def test_finished_trials_stay_and_the_rest_is_left(begun: Begun) -> None:
    """The one that had begun has a new name, those that were never reached keep theirs; blocks go on."""
    first, second, third, fourth = begun.trials
    begun.measured(first)
    begun.began(second)
    again = begun.continued()
    assert problem_of(again, "plan") is None
    assert (again["run_id"], again["continuation"], again["seed"]) == (RUN, 1, 7)
    assert entries(again) == [(f"{second}-try2", 1), (third, 2), (fourth, 2)]
    assert again["trials"][0]["instead_of"] == second
    assert again["trials"][0]["why"] == "not-run"
    assert "instead_of" not in again["trials"][1]
    assert f"measured again, not-run: {second}" in left.announced(again)
    assert "left: 3 trials of 2 cells" in left.announced(again)


def test_each_trial_counts_once_and_old_files_stay(begun: Begun) -> None:
    """After a continuation a run has every cell and repeat once, in the order of measurement."""
    first, second, third, fourth = begun.trials
    begun.measured(first)
    begun.files.failed_trial(second, "lease-lost")
    begun.files.write("end.json", made_files.end(RUN) | {"outcome": "interrupted"})
    begun.settled(begun.continued(), "first")
    begun.measured(f"{second}-try2", third, fourth, number=1, rps=50.0)
    begun.files.write("end.1.json", made_files.end(RUN))
    run = read_run(begun.files.path)
    assert run.problems == ()
    assert [trial.name for trial in run.trials] == [first, f"{second}-try2", third, fourth]
    assert [trial.block for trial in run.trials] == [1, 1, 2, 2]
    assert all(trial.figures for trial in run.trials)
    assert run.end is not None
    assert run.end["outcome"] == "completed"
    assert [len(stint.plan["trials"]) for stint in run.stints] == [4, 3]
    old = json.loads((begun.files.path / "trials" / second / "record.json").read_text())
    assert old["reasons"] == ["lease-lost"]
    assert "nothing is left to measure" in begun.refused()


def test_what_the_app_did_is_not_tried_again(begun: Begun) -> None:
    """An app that broke stays so; a machine that slept, or a host that was away, voids its trial."""
    first, second, third, fourth = begun.trials
    begun.measured(first)
    begun.files.failed_trial(second, "app-gone")
    begun.files.failed_trial(third, "unreachable", "app-gone")
    slept = {"seconds": made_files.record(fourth)["seconds"] | {"slept": 30.0}}
    begun.files.trial(fourth, **slept)
    again = begun.continued()
    assert [(trial["instead_of"], trial["why"]) for trial in again["trials"]] == [
        (third, "unreachable"),
        (fourth, "slept"),
    ]


@pytest.mark.parametrize(("boot", "blocks"), [("first", [1, 2, 2]), ("second", [3, 2, 2])])
def test_after_a_boot_the_rest_is_a_block_of_its_own(begun: Begun, boot: str, blocks: list[int]) -> None:
    """A block that has a trial of an earlier boot is not gone on with; one without any is."""
    begun.measured(begun.trials[0])
    begun.began(begun.trials[1])
    settled = begun.settled(begun.continued(), boot)
    assert sorted(block for _, block in entries(settled)) == sorted(blocks)
    assert dict(entries(settled))[f"{begun.trials[1]}-try2"] == blocks[0]
    assert [block for _, block in entries(settled)] == sorted(blocks)


def test_blocks_stay_apart_over_several_boots(begun: Begun) -> None:
    """No two trials of a cell are ever in one block, whatever was added or interrupted."""
    first, second, *_ = begun.trials
    begun.measured(first)
    begun.began(second)
    begun.settled(begun.continued(), "second")
    begun.measured(f"{second}-try2", number=1, boot="second")
    begun.settled(begun.continued(add_repeats="1"), "third", number=2)
    run = read_run(begun.files.path)
    places = [(trial.cell, trial.block) for trial in run.trials]
    assert len(places) == len(set(places)) == 6
    blocks = {trial.name: trial.block for trial in run.trials}
    assert blocks[first] == 1
    assert blocks[f"{second}-try2"] == 3
    assert {block for name, block in blocks.items() if name.split("-r")[1].startswith("3")} == {4}


def test_other_code_is_named_and_measured_again(begun: Begun) -> None:
    """A changed application voids what was measured with the old one, and nothing is lost of it."""
    begun.measured(*begun.trials)
    (begun.root / "apps").unlink()
    shutil.copytree(ROOT / "apps", begun.root / "apps")
    (begun.root / "apps/async_app.py").write_text("# other\n", encoding="utf-8")
    (begun.root / "apps/CONTRACT.md").write_text("other words\n", encoding="utf-8")
    again = begun.continued()
    assert {trial["why"] for trial in again["trials"]} == {"measured with other code or packages: apps"}
    assert [trial["trial"] for trial in again["trials"]] == [f"{name}-try2" for name in begun.trials]


def test_words_are_no_code(begun: Begun) -> None:
    """What documents say, and what Python leaves behind, changes no fingerprint."""
    begun.measured(*begun.trials)
    (begun.root / "fakedb").unlink()
    shutil.copytree(ROOT / "fakedb", begun.root / "fakedb")
    (begun.root / "fakedb/README.md").write_text("other words\n", encoding="utf-8")
    assert "nothing is left to measure" in begun.refused()


def test_other_machines_void_what_was_measured(begun: Begun) -> None:
    """A kernel that was updated meanwhile is seen once the hosts are; memory may differ by a little."""
    first = begun.trials[0]
    begun.measured(first)
    continuation = begun.continued()
    settled = begun.settled(copy.deepcopy(continuation), "second", memory_bytes=8 * 2**30 - 2**20)
    assert first not in [trial.get("instead_of") for trial in settled["trials"]]
    settled = begun.settled(continuation, "second", kernel="6.19.0")
    why = next(trial["why"] for trial in settled["trials"] if trial.get("instead_of") == first)
    assert why.startswith("measured on other hosts: a.kernel was '6.18.5' and is '6.19.0'; b.kernel")
    assert {trial.get("instead_of") for trial in settled["trials"]} == {first, None}


def test_more_repeats_of_a_finished_run(begun: Begun) -> None:
    """They are further blocks, in the order that the run's seed gives them; the first ones are kept."""
    begun.measured(*begun.trials)
    begun.files.write("end.json", made_files.end(RUN))
    more = begun.planned(run_id=RUN, add_repeats="2")
    assert (more["parameters"]["repeats"], more["continuation"]) == (4, 1)
    anew = begun.planned(matrix=str(begun.matrix), run_id="other", **CHOICE | {"repeats": "4"})
    assert [trial["trial"] for trial in more["trials"]] == [trial["trial"] for trial in anew["trials"][4:]]
    assert [block for _, block in entries(more)] == [3, 3, 4, 4]
    begun.settled(more, "first")
    assert begun.continued()["repeats"]["chosen_by"] == more["repeats"]["chosen_by"] == "repeats"


def test_what_was_said_then_may_be_said_again(begun: Begun) -> None:
    """Parameters that agree with the run's are no reason to refuse it."""
    begun.measured(begun.trials[0])
    assert len(begun.continued(workers="1", only=["one", "two"])["trials"]) == 3


def _rewritten(begun: Begun) -> None:
    stacks = copy.deepcopy(MATRIX)
    stacks["stacks"][0]["command"] = "gunicorn -w {workers} --preload sync_app:app"
    begun.matrix.write_text(yaml.safe_dump(stacks), encoding="utf-8")


def _of_earlier_tripod(begun: Begun) -> None:
    known = {key: value for key, value in begun.plan.items() if key not in {"given", "fingerprint"}}
    begun.files.write("plan.json", known)
    made.take_note(begun.root, begun.files.path)


def _of_another_checkout(begun: Begun) -> None:
    shutil.rmtree(begun.root / made.FOLDER)


def _edited(begun: Begun) -> None:
    begun.files.change("plan.json", seed=8)


@pytest.mark.parametrize(
    ("change", "given", "told"),
    [
        (None, {"duration": "9s"}, ["duration is 9.0, but run", "has none", "leave duration out"]),
        (None, {"repeats": "5"}, ["repeats is 5, but run", "planned with 2", "-e add_repeats="]),
        (None, {"matrix": "quick"}, ["matrix is 'quick', but run", "leave matrix out"]),
        (None, {"variables": {"app_port": 8100}}, ["inventory differs", "a.app_port was 8000 and is 8100"]),
        (_rewritten, {}, ["matrix differs", "stacks[0].command was", "--preload"]),
        (_of_earlier_tripod, {}, ["an earlier Tripod planned"]),
        (_of_another_checkout, {}, ["nothing notes that this checkout made it"]),
        (_edited, {}, ["its plan.json is not the one that this checkout wrote"]),
    ],
)
def test_what_differs_is_refused(
    begun: Begun, change: Callable[[Begun], None] | None, given: dict[str, Any], told: list[str]
) -> None:
    """Another matrix, other hosts, other parameters, a run of elsewhere: named, and nothing is written."""
    begun.measured(begun.trials[0])
    if change:
        change(begun)
    said = begun.refused(**given)
    assert all(part in said for part in told), said


def test_unknown_runs_are_refused(begun: Begun) -> None:
    """Without a name, with a wrong one or the beginning of one, nothing is continued."""
    for given, told in (
        ({"resume": "true"}, "no run_id says which run is meant"),
        ({"resume": "true", "run_id": "20261123T034500Z-pox"}, f"did you mean {RUN}?"),
        ({"resume": "true", "run_id": "20261123"}, f"the whole name, such as {RUN}"),
        ({"run_id": RUN}, "-e resume=true beside it, which continues that run"),
    ):
        with pytest.raises(InputError) as caught:
            begun.planned(matrix=str(begun.matrix), **given)
        assert told in str(caught.value)


def _hold(root: Path, run_id: str, told: Any, until: Any) -> None:
    held = going.Held(root, run_id)
    told.set()
    until.wait(30)
    del held


def test_a_run_that_goes_on_is_refused(begun: Begun) -> None:
    """As long as its process lives; another run of the checkout does not matter."""
    processes = multiprocessing.get_context("fork")
    told, until = processes.Event(), processes.Event()
    process = processes.Process(target=_hold, args=(begun.root, RUN, told, until))
    process.start()
    assert told.wait(30)
    said = begun.refused()
    assert "a run that goes on now" in said
    assert not going.goes_on(begun.root, "other")
    process.kill()
    process.join(30)
    assert not going.goes_on(begun.root, RUN)
    assert begun.continued()["continuation"] == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"run_id": "other"}, "of run 'other', continuation 1"),
        ({"continuation": 3}, "continuation 3; allowed"),
        ({"cells": []}, "'cells'"),
        ({"trials": [{"trial": f"{ONE}-r1", "cell": TWO, "repeat": 1}]}, "measured something else before"),
    ],
)
def test_a_continuation_that_does_not_fit_is_left_out(
    begun: Begun, changes: dict[str, Any], told: str
) -> None:
    """It is named, and what was measured before is read; the run is not continued over it."""
    begun.measured(begun.trials[0])
    begun.settled(begun.continued(), "first")
    begun.files.change("plan.1.json", **changes)
    run = read_run(begun.files.path)
    assert any("plan.1.json" in problem and told in problem for problem in run.problems), run.problems
    assert sum(trial.figures is not None for trial in run.trials) == 1
    assert "plan.1.json" in begun.refused()


def test_a_run_that_was_continued_meanwhile_is_refused(begun: Begun) -> None:
    """Of two that are typed at once, the second waits for the first one's lease; then its plan is old."""
    begun.measured(*begun.trials)
    first, second = (begun.planned(run_id=RUN, add_repeats="1") for _ in range(2))
    runs = begun.files.path.parent
    assert resume.overtaken(first, str(runs)) == []
    begun.settled(first, "first")
    (problem,) = resume.overtaken(second, str(runs))
    assert f"run_id is '{RUN}'" in problem
    assert "plan.1.json" in problem
    assert "-e resume=true" in problem
    assert resume.overtaken(begun.plan, str(runs)) != []  # a new run of that name, too


def test_what_others_say_in_a_later_plan_is_not_done(begun: Begun) -> None:
    """A run is continued as its first plan says, which this checkout noted."""
    begun.measured(begun.trials[0])
    begun.settled(begun.continued(), "first")
    evil = begun.root / "evil.yml"
    stacks = copy.deepcopy(MATRIX)
    stacks["stacks"][0]["command"] = "gunicorn -w {workers} evil:app"
    evil.write_text(yaml.safe_dump(stacks), encoding="utf-8")
    later = json.loads((begun.files.path / "plan.1.json").read_text(encoding="utf-8"))
    begun.files.change(
        "plan.1.json",
        given=later["given"] | {"matrix": str(evil)},
        matrix=later["matrix"] | {"content": stacks},
        seed=8,
    )
    again = begun.continued()
    assert again["matrix"]["content"] == begun.plan["matrix"]["content"]
    assert (again["given"], again["seed"]) == (begun.plan["given"], 7)
    assert not [cell for cell in again["cells"] if "evil" in cell["command"]]


def test_no_more_trials_of_a_cell_than_a_run_may_have(begun: Begun) -> None:
    """Repeats that are added count with those that are there."""
    begun.measured(*begun.trials)
    assert begun.planned(run_id=RUN, add_repeats="998")["parameters"]["repeats"] == 1000
    with pytest.raises(InputError) as caught:
        begun.planned(run_id=RUN, add_repeats="999")
    assert "is 999, which makes 1001 trials of every cell; allowed: at most 998" in str(caught.value)


def test_a_later_plan_with_a_thousand_million_repeats_is_refused(begun: Begun) -> None:
    """Nobody waits for what somebody else has written there."""
    begun.measured(*begun.trials)
    begun.settled(begun.planned(run_id=RUN, add_repeats="1"), "first")
    later = json.loads((begun.files.path / "plan.1.json").read_text(encoding="utf-8"))
    begun.files.change("plan.1.json", trials=[later["trials"][0] | {"repeat": 10**9}])
    assert f"run_id is '{RUN}', which has 1000000000 trials of every cell" in begun.refused()


def test_names_that_lie_there_are_not_used(begun: Begun) -> None:
    """A later plan may have been lost, and its trials be there: no trial could begin under their names."""
    begun.measured(*begun.trials)
    begun.began(f"{ONE}-r3")
    begun.began(f"{TWO}-r3")
    begun.began(f"{TWO}-r3-try2")
    more = begun.planned(run_id=RUN, add_repeats="1")
    assert sorted(trial["trial"] for trial in more["trials"]) == [f"{ONE}-r3-try2", f"{TWO}-r3-try3"]
    begun.settled(more, "first")
    assert len(read_run(begun.files.path).trials) == 6


def test_who_ends_a_continuation_before_its_first_trial_loses_none(begun: Begun) -> None:
    """With other code, by mistake: what its plan wanted measured again was not, and counts as before."""
    begun.measured(*begun.trials)
    begun.files.write("end.json", made_files.end(RUN))
    (begun.root / "apps").unlink()
    shutil.copytree(ROOT / "apps", begun.root / "apps")
    (begun.root / "apps/async_app.py").write_text("# other\n", encoding="utf-8")
    begun.settled(begun.continued(), "first")
    begun.files.write("end.1.json", made_files.end(RUN) | {"outcome": "interrupted"})
    run = read_run(begun.files.path)
    assert [trial.name for trial in run.trials if trial.figures] == begun.trials
    assert run.problems == ()
    assert run.end == run.stints[0].end
    assert run.plan["fingerprint"] == begun.plan["fingerprint"]
    shutil.rmtree(begun.root / "apps")
    (begun.root / "apps").symlink_to(ROOT / "apps")
    assert "nothing is left to measure" in begun.refused()
    more = begun.planned(run_id=RUN, add_repeats="1")
    assert (more["continuation"], len(more["trials"])) == (2, 2)


def test_a_continuation_that_has_begun_counts_whole(begun: Begun) -> None:
    """What was measured with other code before is not shown beside what is measured now."""
    begun.measured(*begun.trials)
    (begun.root / "apps").unlink()
    shutil.copytree(ROOT / "apps", begun.root / "apps")
    (begun.root / "apps/async_app.py").write_text("# other\n", encoding="utf-8")
    begun.settled(begun.continued(), "first")
    begun.began(f"{begun.trials[0]}-try2")
    assert not [trial for trial in read_run(begun.files.path).trials if trial.figures]


def test_why_a_trial_is_measured_again_is_told_until_it_is(begun: Begun) -> None:
    """A continuation that was killed before the trial began does not make it one that never was."""
    first, second, *_ = begun.trials
    begun.measured(first)
    begun.began(second)
    begun.settled(begun.continued(), "first")
    again = begun.continued()["trials"][0]
    assert (again["trial"], again["instead_of"], again["why"]) == (f"{second}-try2", second, "not-run")


def test_all_trials_are_looked_through_a_few_times_only(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not for each trial: with 16,000 that must be measured again it took minutes."""
    begun.measured(*begun.trials)
    run, looked = read_run(begun.files.path), []
    known = stints.every
    monkeypatch.setattr(stints, "every", lambda of: looked.append(of) or known(of))
    other = begun.plan | {"fingerprint": {"code": {"apps": "other"}, "locks": {}}}
    assert len(left.trials(run, other, None)) == len(begun.trials)
    assert len(looked) < len(begun.trials)
