"""What the command line of a playbook may say, and what the user is told who says more."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tripod.inputs import command_line
from tripod.inputs.command_line import PLAYBOOKS
from tripod.inputs.errors import InputError

STAGES = [name for name, playbook in PLAYBOOKS.items() if playbook.plans]


def refused(root: Path, name: str, given: dict[str, object], **options: object) -> list[str]:
    """Return the problems that this command line has; none if it is taken."""
    try:
        command_line.check(root / name, given, options, root)
    except InputError as error:
        return error.problems
    return []


def test_every_playbook_has_its_names(root: Path) -> None:
    """A playbook that can be started is listed; the others are parts that a listed one imports."""
    there = {"bench.yml", *(f"playbooks/{path.name}" for path in (root / "playbooks").glob("*.yml"))}
    assert set(PLAYBOOKS) <= there
    text = "".join((root / name).read_text(encoding="utf-8") for name in there)
    for part in there - set(PLAYBOOKS):
        assert f"import_playbook: {Path(part).name}" in text or f"'{Path(part).name}' if" in text, part


def test_every_playbook_starts_with_its_check(root: Path) -> None:
    """Whatever is started, settings of others are refused while Ansible reads it: start.yml comes first."""
    for name in PLAYBOOKS:
        path = root / name
        while path.name != "start.yml":
            first = yaml.safe_load(path.read_text(encoding="utf-8"))[0]
            path = path.parent / first["ansible.builtin.import_playbook"]


@pytest.mark.parametrize("name", PLAYBOOKS)
@pytest.mark.parametrize(
    "foreign",
    ["webapp_port", "__plan_checked", "tripod_run_created", "create_run", "reach_pairs", "plan", "here"],
)
def test_what_is_internal_is_refused(root: Path, name: str, foreign: str) -> None:
    """Options of roles, facts and variables of plays are nobody's to set, in no playbook."""
    problem, allowed = refused(root, name, {foreign: "9999"})
    assert problem.startswith(f"-e {foreign} is '9999': {name} takes no such name")
    assert allowed.startswith(f"allowed with -e in {name}: ")


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_what_is_allowed_is_taken(root: Path, name: str) -> None:
    """All that the refusal lists is taken; a run's parameters are read by the playbooks that make a plan."""
    allowed = refused(root, name, {"nope": 1})[-1].removeprefix(f"allowed with -e in {name}: ")
    sound = {"matrix": "poc", "only": "*", "duration": "5s", "warmup": "0s", "postgres_reload": "true"}
    sound |= {"budget": "20m", "precision": "5%"}
    names = [one for part in allowed.split("; ") for one in part.split(": ")[1].split(", ")]
    assert names
    assert refused(root, name, {one: sound.get(one, "1") for one in names}) == []


@pytest.mark.parametrize(
    ("name", "misspelt", "meant"),
    [
        ("bench.yml", "wrokers", "workers"),
        ("bench.yml", "webapp_port", "app_port"),
        ("bench.yml", "ansible_usr", "ansible_user"),
        ("playbooks/table.yml", "runid", "run_id"),
        ("playbooks/stop.yml", "tripod_rot", "tripod_root"),
        ("playbooks/lab.yml", "lab_stat", "lab_state"),
    ],
)
def test_the_nearest_name_is_told(root: Path, name: str, misspelt: str, meant: str) -> None:
    """A misspelt name comes with what was probably meant, of what this playbook takes."""
    problem, _ = refused(root, name, {misspelt: "x"})
    assert problem.endswith(f"; did you mean {meant}?")


@pytest.mark.parametrize("name", STAGES)
def test_all_of_a_command_line_is_told_at_once(root: Path, name: str) -> None:
    """Names, values and options that are wrong have a line each; the names are listed once."""
    given = {"wrokers": "2", "db_sleeep": "2", "vus": "many", "postgres_reload": "treu"}
    told = refused(root, name, given, tags=["x"], check=True, step=False, subset="app")
    assert [line.split(" is ")[0] for line in told[:5]] == [
        "--tags",
        "--check",
        "--limit",
        "-e wrokers",
        "-e db_sleeep",
    ]
    assert [line.startswith("allowed with -e") for line in told].count(True) == 1
    assert "vus is 'many'; allowed: a whole number from 1 to 20000" in told
    assert "postgres_reload is 'treu'; allowed: true or false" in told


@pytest.mark.parametrize("name", ["playbooks/stop.yml", "playbooks/reset.yml", "playbooks/inventory.yml"])
def test_what_a_run_was_started_with_stops_it(root: Path, name: str) -> None:
    """The names that bench.yml takes are taken, whatever their values; so nobody is kept from stopping."""
    given = {one: object() for kind in PLAYBOOKS["bench.yml"].takes for one in command_line.kinds(root)[kind]}
    assert refused(root, name, given, subset="app", tags=("all",)) == []


def test_words_without_a_value(root: Path) -> None:
    """`-e vus` is told with what was typed, not with Ansible's name for it."""
    problem, _ = refused(root, "bench.yml", {"_raw_params": "vus"})
    assert problem.startswith("-e 'vus' has no name or no value; allowed: NAME=VALUE")


def test_files_of_values_are_read_with_care(root: Path, tmp_path: Path) -> None:
    """A key that comes twice in a file of -e is refused by file and line, like one of a matrix."""
    file = tmp_path / "mine.yml"
    file.write_text("vus: 10\nvus: 20\n", encoding="utf-8")
    (problem,) = refused(root, "bench.yml", {"vus": 20}, extra_vars=("duration=5s", f"@{file}"))
    assert problem == f"{file}: line 2: has the key 'vus' again, after line 1; allowed: once"


def test_an_address_of_one_host_is_not_for_all(root: Path) -> None:
    """`bench_address` stands in the inventory alone: -e would give it to every host."""
    problem, _ = refused(root, "bench.yml", {"bench_address": "10.0.0.5"})
    assert problem.startswith("-e bench_address is '10.0.0.5'; allowed: in the inventory only")


def test_what_may_be_a_secret_is_not_shown(root: Path) -> None:
    """A misspelt password is named without its value."""
    problem, _ = refused(root, "bench.yml", {"ansible_become_pasword": "geheim"})
    assert problem.endswith("; did you mean ansible_become_password?")
    assert "geheim" not in problem


def test_endless_input_has_a_short_answer(root: Path) -> None:
    """Megabytes of text, thousands of names and nested aliases are told in lines that a person reads."""
    bomb: object = "x"
    for _ in range(40):
        bomb = [bomb] * 40
    given = {"long": "x" * 2_000_000, "y" * 100_000: 1, "bomb": bomb} | {
        f"n{number}": 1 for number in range(5000)
    }
    told = refused(root, "bench.yml", given)
    assert len(told) == 12
    assert told[-2] == "and 4993 more such names"
    assert max(map(len, told[:-1])) < 300


def test_a_part_of_other_playbooks_is_not_started(root: Path) -> None:
    """everyone.yml alone has nothing to look at: the playbooks that can be started are named."""
    (problem,) = refused(root, "playbooks/everyone.yml", {})
    assert problem.startswith("playbooks/everyone.yml is a part of other playbooks; allowed: bench.yml, ")


def test_playbooks_of_others_are_not_judged(root: Path, tmp_path: Path) -> None:
    """Whoever calls the roles from a playbook of his own sets what he likes."""
    command_line.check(tmp_path / "mine.yml", {"webapp_port": 1}, {}, root)


def test_a_module_alone_is_not_judged(root: Path) -> None:
    """`ansible -m` has no playbook: Ansible gives a name without a file."""
    command_line.check(root / "__adhoc_playbook__", {"webapp_port": 1}, {}, root)


def test_the_lab_takes_what_its_role_leaves_open(root: Path) -> None:
    """The lab's names are the role's own, but for what the playbook passes."""
    names = command_line.kinds(root)["of the lab"]
    [_, play] = yaml.safe_load((root / "playbooks/lab.yml").read_text(encoding="utf-8"))
    assert {"lab_state", "lab_cache", "lab_mirror"} <= set(names)
    assert not set(names) & set(play["roles"][0])
