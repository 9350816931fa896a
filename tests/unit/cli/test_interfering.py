"""`make interference`: which run is measured next, the derived inventory, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from run_files import ROOT, RunFiles, cell, hosts

from tripod.cli import interfering, playbooks
from tripod.cli.interfering import NotFitError, Pair

SYNC = cell("sync-gunicorn")
NAME = SYNC["cell"]
GIVEN = ("-e", "duration=9s")


def pair(run_files: RunFiles, monkeypatch: pytest.MonkeyPatch, run_id: str) -> tuple[Pair, RunFiles]:
    """Return a run of the two, and its files, of which there is none yet."""
    monkeypatch.setattr(interfering, "ROOT", run_files.path.parents[1])
    return Pair(run_id, "inventory/lab.yml", GIVEN), RunFiles(run_files.path.with_name(run_id), run_files.k6)


def measured(files: RunFiles, more: tuple[str, ...]) -> None:
    """Leave what the measurement that is asked for leaves."""
    if more == (*GIVEN, "-e", "repeats=1"):
        files.plan([SYNC])
        files.trial(f"{NAME}-r1")
        return
    assert more == ("-e", "add_repeats=1")
    plan = json.loads((files.path / "plan.json").read_text(encoding="utf-8"))
    number = len(list(files.path.glob("plan*.json")))
    again = {"trial": f"{NAME}-r{number + 1}", "cell": NAME, "repeat": number + 1, "block": number + 1}
    files.write(f"plan.{number}.json", plan | {"continuation": number, "trials": [again]})
    files.write(f"hosts.{number}.json", hosts())
    files.trial(again["trial"])


def test_a_block_of_each_in_turn(run_files: RunFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three blocks of two runs: the one that goes first changes, and one that was begun is gone on with."""
    one, files_of_one = pair(run_files, monkeypatch, "t-one-host")
    apart, files_of_apart = pair(run_files, monkeypatch, "t-apart")
    files = {one.run_id: files_of_one, apart.run_id: files_of_apart}
    order = []
    for turn, more in interfering.turns(one, apart, 2):
        order.append(turn.run_id)
        measured(files[turn.run_id], more)
    assert order == ["t-one-host", "t-apart", "t-apart", "t-one-host"]
    for turn, more in interfering.turns(one, apart, 3):
        order.append(turn.run_id)
        measured(files[turn.run_id], more)
    assert order[4:] == ["t-one-host", "t-apart"]


def test_what_is_left_of_a_block_comes_first(run_files: RunFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial that lost its host is made up for; where that fails twice, nothing is measured any more."""
    one, files = pair(run_files, monkeypatch, "t-one-host")
    files.plan([SYNC])
    files.failed_trial(f"{NAME}-r1", "unreachable")
    turns = interfering.turns(one, one, 1)
    assert next(turns) == (one, ("-e", "resume=true"))
    with pytest.raises(NotFitError, match="could not be measured to its end"):
        next(turns)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("-e", "repeats=5"), "ARGS has repeats; allowed: leave it out; that is said by REPEATS="),
        (("-eresume=true",), "ARGS has resume"),
        (("-e", '{"run_id": "x"}'), "ARGS has run_id"),
        (
            ("-e", "tripod_root=/srv/x"),
            "ARGS has tripod_root; allowed: leave it out; that is said by the inv",
        ),
        (("-i", "other.yml"), "ARGS has an inventory; allowed: INVENTORY=PATH"),
    ],
)
def test_what_would_make_other_runs_is_refused(given: tuple[str, ...], told: str) -> None:
    """What make's own variables say, ARGS may not."""
    done = _called(*given)
    assert done.returncode == 1
    assert told in done.stderr


def test_a_run_that_cannot_be_read_is_not_gone_on_with(
    run_files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is named, and nothing is measured."""
    one, files = pair(run_files, monkeypatch, "t-one-host")
    files.write("plan.json", {"format": 2})
    with pytest.raises(NotFitError, match=r"t-one-host.plan\.json: "):
        next(interfering.turns(one, one, 1))


def test_a_name_leaves_room_for_both_runs() -> None:
    """It is refused before anything is touched, not by the plan of a run when both are deployed."""
    with pytest.raises(NotFitError, match="at most 91 of them"):
        interfering.command.main(["--inventory", "i", "--name", "x" * 92], standalone_mode=False)


def test_the_run_s_name_is_said_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file of variables may have one, which would make both runs one; it is read when Ansible is."""
    monkeypatch.setattr(interfering, "ROOT", tmp_path)
    asked = []
    monkeypatch.setattr(interfering, "one_host_inventory", lambda _: "one.yml")
    monkeypatch.setattr(playbooks, "shown", lambda _, arguments: asked.append(arguments) or len(asked) > 4)
    with pytest.raises(SystemExit):
        interfering.command.main(["--inventory", "i", "--name", "t", "--", "-e", "@mine.yml"])
    assert asked[4][-4:] == ["-e", "repeats=1", "-e", "run_id=t-one-host"]


def test_legs_on_one_host_are_refused(tmp_path: Path) -> None:
    """So is an inventory that is not there, or that lacks a leg; each is named."""
    lacking = tmp_path / "lacking.yml"
    lacking.write_text("app: {hosts: {a: {}}}\nload: {hosts: {b: {}}}\n", encoding="utf-8")
    for inventory, told in (
        ("inventory/localhost.yml", "in which app and load and db are one host; allowed: an app host apart"),
        (str(lacking), "which has load: b, app: a, db: none; allowed: an app host, and others"),
        ("nowhere.yml", "INVENTORY is nowhere.yml; allowed: the path of an inventory"),
    ):
        with pytest.raises(click.ClickException) as caught:
            interfering.one_host_inventory(inventory)
        assert told in caught.value.message


def test_the_app_host_is_all_legs(tmp_path: Path) -> None:
    """The derived inventory has its variables, those beside the file and templates too, and a place apart."""
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/app.yml").write_text("app_port: 8100\n", encoding="utf-8")
    inventory = tmp_path / "mine.yml"
    content: dict[str, Any] = {
        "all": {"vars": {"ansible_user": "admin", "x_net": "10.0.0", "tripod_root": "/srv/tripod"}},
        "load": {"hosts": {"a": {"bench_address": "10.0.0.1"}}},
        "app": {"hosts": {"b": {"bench_address": "{{ x_net }}.2", "ansible_become_password": "secret"}}},
        "db": {"hosts": {"c": {}}},
    }
    inventory.write_text(yaml.safe_dump(content), encoding="utf-8")
    derived = interfering.one_host_inventory(str(inventory))
    assert "secret" not in (ROOT / derived).read_text(encoding="utf-8")
    program = playbooks.PROGRAM.with_name("ansible-inventory")
    shown = subprocess.run(
        [program, "-i", derived, "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (ROOT / derived).unlink()
    listed = json.loads(shown.stdout)
    assert [listed[leg]["hosts"] for leg in ("load", "app", "db")] == [["b"], ["b"], ["b"]]
    said = {
        name: value["__ansible_unsafe"] if isinstance(value, dict) else value
        for name, value in listed["_meta"]["hostvars"]["b"].items()
        if name != "ansible_local"  # which ansible-inventory adds
    }
    assert said == {
        "ansible_user": "admin",
        "ansible_become_password": "secret",
        "x_net": "10.0.0",
        "app_port": 8100,
        "bench_address": "{{ x_net }}.2",
        "tripod_root": "/srv/tripod-one-host",
        "tripod_user": "tripod-one",
        "service_prefix": "tripod-one",
    }


def _called(*given: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "tripod.cli.interfering",
        "--inventory",
        "inventory/lab.yml",
        "--",
        *given,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
