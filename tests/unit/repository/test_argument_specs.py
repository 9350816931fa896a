"""Each role's argument specs say what the role really takes and returns: names, types, defaults, values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
NAMES = sorted(path.name for path in ROLES.iterdir() if path.is_dir())
PLAYBOOKS = sorted((ROLES.parent / "playbooks").glob("*.yml"))
PLAY_VARS = sorted((ROLES.parent / "playbooks/vars").glob("*.yml"))
# Variables of the inventory whose names begin like a role's.
FROM_INVENTORY = {"service_manager", "host_ca_bundle", "k6_source", "k6_path"}
TYPES = {"str": str, "path": str, "int": int, "bool": bool, "list": list, "dict": dict}


def read(role: str, path: str) -> Any:
    """Read one of a role's YAML files; one that is not there is empty."""
    file = ROLES / role / path
    return (yaml.safe_load(file.read_text(encoding="utf-8")) or {}) if file.exists() else {}


def specs(role: str) -> dict[str, Any]:
    """Return entry point → spec."""
    found: dict[str, Any] = read(role, "meta/argument_specs.yml")["argument_specs"]
    return found


def options(role: str) -> dict[str, dict[str, Any]]:
    """Return every option over all entry points."""
    return {name: option for spec in specs(role).values() for name, option in spec["options"].items()}


def returned(role: str) -> set[str]:
    """Return the facts that a role hands on: `Returns NAME: what it is.` in the description of an entry."""
    told = [spec.get("description", []) for spec in specs(role).values()]
    texts = [text for one in told for text in ([one] if isinstance(one, str) else one)]
    return {name for text in texts for name in re.findall(r"^Returns (\w+): .+\.$", text)}


def code(*paths: Path) -> str:
    """Return the content of files without comments."""
    texts = (path.read_text(encoding="utf-8") for path in paths)
    return "\n".join(re.sub(r"(?m)(^|\s)#.*$", "", text) for text in texts)


def files_of(role: str) -> list[Path]:
    """Return a role's files that Ansible evaluates."""
    folders = ("tasks", "templates", "vars", "handlers")
    return [path for folder in folders for path in (ROLES / role / folder).rglob("*") if path.is_file()]


def made(tree: Any) -> set[str]:
    """Return the names that tasks set as facts, register, or give as variables, at any depth."""
    if isinstance(tree, list):
        return set().union(*(made(part) for part in tree))
    if not isinstance(tree, dict):
        return set()
    names = {tree["register"]} if isinstance(tree.get("register"), str) else set()
    for key in ("ansible.builtin.set_fact", "vars"):
        names |= set(tree.get(key) or {})
    return names.union(*(made(part) for part in tree.values()))


def literal(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that are no templates; null says that there is no default."""
    return {
        name: value for name, value in values.items() if value is not None and not str(value).startswith("{{")
    }


@pytest.mark.parametrize("role", NAMES)
def test_defaults_are_those_of_the_specs(role: str) -> None:
    """Every default stands in both files, a literal one with the same value; null means none."""
    defaults = read(role, "defaults/main.yml")
    in_specs = {name: option["default"] for name, option in options(role).items() if "default" in option}
    assert {name for name, value in defaults.items() if value is not None} == in_specs.keys()
    assert literal(defaults) == {name: in_specs[name] for name in literal(defaults)}


@pytest.mark.parametrize("role", NAMES)
def test_defaults_have_their_type(role: str) -> None:
    """A default is of the option's type, and among its choices where it has some."""
    for name, option in options(role).items():
        default = option.get("default")
        assert default is None or isinstance(default, TYPES[option["type"]]), name
        assert default is None or default in option.get("choices", [default]), name


@pytest.mark.parametrize("role", NAMES)
def test_options_are_described_and_named_after_the_role(role: str) -> None:
    """An option has type and description, its role's name before it, and no default if it is required."""
    for name, option in options(role).items():
        assert name.startswith(f"{role}_") or name == role, name
        assert option["type"] in TYPES, name
        assert option["description"].endswith("."), name
        assert not ("default" in option and option.get("required")), name


@pytest.mark.parametrize("role", NAMES)
def test_entry_points_are_task_files(role: str) -> None:
    """Each entry point of the specs is a task file with a short description; main is among them."""
    assert "main" in specs(role)
    for entry, spec in specs(role).items():
        assert (ROLES / role / "tasks" / f"{entry}.yml").is_file(), entry
        assert spec["short_description"], entry


@pytest.mark.parametrize("role", NAMES)
def test_what_a_role_reads_is_an_option(role: str) -> None:
    """Whatever of its own name a role's files use is an option or a variable; every option is used."""
    text = code(*files_of(role))
    used = set(re.findall(rf"(?<![\w.]){role}_\w+", text))
    known = {
        *options(role),
        *returned(role),
        *read(role, "vars/main.yml"),
        *re.findall(r"loop_var: (\w+)", text),
    }
    assert used - known == set()
    assert set(options(role)) - used - {role} == set()


@pytest.mark.parametrize("role", NAMES)
def test_what_a_role_returns_is_set(role: str) -> None:
    """Every documented fact is set by the role's tasks, every public name that they set is documented."""
    tasks = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROLES / role / "tasks").glob("*")]
    public = {name for name in made(tasks) if name.startswith(f"{role}_")}
    assert public - options(role).keys() == returned(role)


@pytest.mark.parametrize("role", NAMES)
def test_a_role_reads_nothing_private_of_others(role: str) -> None:
    """What begins with `__` is the role's own, and of another role's names it only passes options."""
    text = code(*files_of(role))
    assert {name for name in re.findall(r"\b__\w+", text) if not name.startswith(f"__{role}_")} == set()
    for other in set(NAMES) - {role, "trial"}:
        read_here = set(re.findall(rf"(?<![\w.'\"/]){other}_\w+(?!\w*:)\b", text))
        assert read_here - returned(other) - options(other).keys() - options(role).keys() == set(), other


@pytest.mark.parametrize("playbook", [*PLAYBOOKS, *PLAY_VARS], ids=lambda path: path.name)
def test_a_playbook_reads_what_it_made_or_what_roles_return(playbook: Path) -> None:
    """No playbook reads a private name but its own; what it reads of a role is a documented returned fact."""
    content = yaml.safe_load(playbook.read_text(encoding="utf-8"))
    plays = [{"vars": content}] if playbook in PLAY_VARS else content
    text = code(playbook)
    assert set(re.findall(r"\b__\w+", text)) - made(plays) == set()
    for role in NAMES:
        inside = " ".join(re.findall(r"\{\{.*?\}\}|(?:when|that|mark): [^\n}]*", text, re.DOTALL))
        found = set(re.findall(rf"(?<![\w]){role}_\w+", inside))
        own = {name for play in plays for name in play.get("vars", {})} | FROM_INVENTORY
        assert found - own - returned(role) == set(), role


def test_what_roles_return_is_read() -> None:
    """A returned fact that nobody reads is none."""
    readers = [*PLAYBOOKS, *PLAY_VARS]
    readers += [path for role in NAMES for path in files_of(role)]
    text = code(*readers)
    for role in NAMES:
        for name in returned(role):
            assert len(re.findall(rf"\b{name}\b", text)) > 1, name


def test_plays_pass_what_roles_take() -> None:
    """What a play passes to a role is one of its options; Ansible would ignore a misspelt one."""
    passed = 0
    for playbook in (ROLES.parent / "playbooks").glob("*.yml"):
        for play in yaml.safe_load(playbook.read_text(encoding="utf-8")):
            for entry in play.get("roles", []):
                given = {name for name in entry if name.startswith(f"{entry['role']}_")}
                assert given - options(entry["role"]).keys() == set(), playbook
                passed += len(given)
    assert passed > 0


@pytest.mark.parametrize("role", NAMES)
def test_task_files_are_short_and_their_tasks_are_named(role: str) -> None:
    """A task file has at most 80 lines, and all of its tasks have names."""
    for path in (ROLES / role / "tasks").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 80, path
        for task in yaml.safe_load(text):
            assert task.get("name"), path
