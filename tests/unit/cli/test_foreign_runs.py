"""Whose runs collect.py pulls: an inventory can name programs to start, and any plan.json names one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from run_files import ROOT, RunFiles, cell

from tripod.cli.main import run
from tripod.runs.made import NotMadeError, note_of, take_note

RUN = "20261123T034500Z-poc"
NAME = "sync-gunicorn-w1-db25"

INVENTORY = """
all:
  children:
    load:
      hosts:
        evil:
          ansible_connection: local
          ansible_python_interpreter: "{{ lookup('ansible.builtin.pipe', 'touch PROOF') }}"
"""

PLAYBOOK = """
- name: Stand in for the hosts
  hosts: all
  gather_facts: false
  tasks:
    - name: Say what the interpreter is
      ansible.builtin.debug:
        msg: "{{ ansible_python_interpreter }}"
"""


@pytest.fixture
def root(run_files: RunFiles) -> Path:
    """Return a checkout with an incomplete run; whoever gives its inventory to Ansible leaves a proof."""
    run_files.plan([cell("sync-gunicorn")], repeats=2, inventory=["inventory/mine.yml"])
    run_files.trial(f"{NAME}-r1")
    root = run_files.path.parent.parent
    for name, text in (
        ("playbooks/fetch.yml", PLAYBOOK),
        ("inventory/mine.yml", INVENTORY.replace("PROOF", str(root / "mine"))),
        ("results/evil.yml", INVENTORY.replace("PROOF", str(root / "executed"))),
    ):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def change_plan(root: Path, **changes: object) -> None:
    """Change plan.json of the run."""
    path = root / "results" / RUN / "plan.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes), encoding="utf-8")


@pytest.mark.parametrize("command", [[], ["pull"]])
@pytest.mark.parametrize("case", ["foreign", "changed", "own"])
def test_only_inventories_of_own_runs_are_used(
    root: Path, command: list[str], case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a downloaded run nor a plan.json that was exchanged makes Ansible read its inventory."""
    if case != "foreign":
        take_note(root, root / "results" / RUN)
    if case != "own":
        change_plan(root, inventory=["results/evil.yml"])
    code = run(root, command)
    told = capsys.readouterr()
    assert not (root / "executed").exists()
    assert (root / "mine").exists() == (case == "own")
    assert code == (0 if case == "own" and command else 2 if not command else 1)
    if case != "own":
        why = {
            "foreign": "nothing notes that this checkout made it",
            "changed": "its plan.json is not the one",
        }
        assert told.err.startswith("collect.py: not pulled: ")
        assert why[case] in told.err
        typed = f"type: .venv/bin/ansible-playbook -i INVENTORY playbooks/fetch.yml -e run_id={RUN}"
        assert told.err.endswith(f"{typed}\n")
        assert "'results/evil.yml' is what its plan.json names" in told.err


def test_the_inventory_is_that_of_the_note(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan.json that is exchanged after the check makes no difference: its inventory is never read."""
    take_note(root, root / "results" / RUN)

    def swapped(*arguments: Path) -> object:
        note = note_of(*arguments)
        change_plan(root, inventory=["results/evil.yml"])
        return note

    monkeypatch.setattr("tripod.cli.pulling.note_of", swapped)
    assert run(root, ["pull"]) == 0
    assert (root / "mine").exists()
    assert not (root / "executed").exists()


@pytest.mark.parametrize("name", ["{{ lookup('pipe', 'touch x') }}", "a b=c", "-e", "\x1b[31mred", "a\n"])
def test_a_directory_that_is_no_run_id_is_never_passed_on(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ansible takes -e for a template: a directory's name must not get there."""
    (root / "results" / RUN).rename(root / "results" / name)
    assert run(root, ["pull"]) == 1
    assert capsys.readouterr().err.startswith("collect.py: not pulled: '")
    assert not (root / "mine").exists()


def test_notes_survive_a_move_and_are_bound_to_name_and_content(root: Path, tmp_path: Path) -> None:
    """A moved checkout keeps its runs; a note proves neither another run nor another plan."""
    run_dir = root / "results" / RUN
    take_note(root, run_dir)
    moved = tmp_path / "moved"
    root_copy = shutil.copytree(root, moved, ignore=lambda *_: ["moved"])
    assert note_of(root_copy, root_copy / "results" / RUN).inventory == ["inventory/mine.yml"]
    shutil.copytree(run_dir, run_dir.with_name("other"))
    with pytest.raises(NotMadeError):
        note_of(root, run_dir.with_name("other"))
    shutil.copy(root / ".made" / f"{RUN}.json", root / ".made" / "other.json")
    with pytest.raises(NotMadeError):
        note_of(root, run_dir.with_name("other"))


@pytest.mark.parametrize("content", ["", "{}", "[" * 100_000, '{"format": 2}'])
def test_a_damaged_note_proves_nothing(root: Path, content: str) -> None:
    """It is as if there were none."""
    take_note(root, root / "results" / RUN)
    (root / ".made" / f"{RUN}.json").write_text(content)
    with pytest.raises(NotMadeError, match="nothing notes"):
        note_of(root, root / "results" / RUN)


def test_a_complete_copy_ends_by_its_content(
    root: Path, run_files: RunFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy elsewhere needs nothing of hosts: 0 if it is sound, 2 if a trial failed, and no complaint."""
    run_files.trial(f"{NAME}-r2")
    copy = tmp_path / "copy"
    shutil.copytree(root / "results", copy)
    assert run(root, ["--results", str(copy)]) == 0
    assert run(root, ["pull", "--results", str(copy)]) == 0
    shutil.rmtree(copy)
    run_files.failed_trial(f"{NAME}-r2", "app-gone")
    shutil.copytree(root / "results", copy)
    assert run(root, ["--results", str(copy)]) == 2
    assert capsys.readouterr().err == ""


def test_an_incomplete_copy_says_why_it_is_not_pulled(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is there is shown, with the reason and the command that asks for no more."""
    copy = tmp_path / "my copy"
    shutil.copytree(root / "results", copy)
    assert run(root, ["--results", str(copy)]) == 2
    told = capsys.readouterr()
    assert "is not in this checkout's results/" in told.err
    assert told.err.endswith(f"type: ./collect.py table --results '{copy}'\n")
    assert f"failed: {NAME}-r2: not-run" in told.out


def test_the_plan_stage_takes_the_note() -> None:
    """The note is taken right where plan.json is written."""
    tasks = (ROOT / "playbooks" / "plan.yml").read_text(encoding="utf-8")
    assert tasks.index('dest: "{{ results }}/{{ tripod_plan.run_id }}/plan.json"') < tasks.index(
        "tripod_made:"
    )
