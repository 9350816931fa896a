"""Each role's argument specs say what the role really takes: names, types, defaults, values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
NAMES = sorted(path.name for path in ROLES.iterdir() if path.is_dir())
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
    text = "\n".join(
        re.sub(r"^\s*#.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for folder in ("tasks", "templates", "vars", "handlers")
        for path in (ROLES / role / folder).rglob("*")
        if path.is_file()
    )
    used = set(re.findall(rf"(?<![\w.]){role}_\w+", text))
    known = {*options(role), *read(role, "vars/main.yml"), *re.findall(r"loop_var: (\w+)", text)}
    assert used - known == set()
    assert set(options(role)) - used - {role} == set()


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
