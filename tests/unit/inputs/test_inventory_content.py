"""Inventories that Ansible takes and we do not: names that nobody reads, values that hide others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ansible
import pytest

from tripod.inputs import inventory_content, names
from tripod.inputs.errors import InputError

ONE = {"load": ["a"], "app": ["a"], "db": ["a"]}
TWO = {"load": ["a"], "app": ["b"], "db": ["b"]}


def refused(
    host_vars: Mapping[str, Mapping[str, object]],
    groups: dict[str, list[str]] = ONE,
    group_vars: Mapping[str, Mapping[str, object]] | None = None,
    files: list[Path] | None = None,
) -> list[str]:
    """Return the problems that an inventory has."""
    try:
        inventory_content.check(groups, group_vars or {}, host_vars, files or [])
    except InputError as error:
        return error.problems
    return []


@pytest.mark.parametrize(
    ("name", "meant"),
    [("app_prot", "app_port"), ("ansible_usr", "ansible_user"), ("webapp_port", "app_port"), ("workers", "")],
)
def test_a_variable_that_nobody_reads(name: str, meant: str) -> None:
    """It is named with its hosts and its value, once, and with what was probably meant."""
    (problem,) = refused({"a": {name: 8100}, "b": {name: 8100}}, TWO)
    hint = f"did you mean {meant}? " if meant else ""
    assert problem.startswith(
        f"a, b: {name} is 8100; no variable has this name; {hint}allowed: bench_address, "
    )
    assert "x_…" in problem


def test_its_place_is_told(tmp_path: Path) -> None:
    """Every file that says it is named with the line."""
    first, second = tmp_path / "mine.yml", tmp_path / "group_vars" / "all.yml"
    second.parent.mkdir()
    first.write_text("all:\n  vars:\n    app_prot: 1\n", encoding="utf-8")
    second.write_text("app_prot: 2\n", encoding="utf-8")
    files = inventory_content.files_of([str(first)])
    assert files == [first, second]
    (problem,) = refused({"a": {"app_prot": 2}}, files=files)
    assert problem.startswith(f"a: app_prot is 2 in {first} line 3 and {second} line 1; no variable")


def test_what_is_taken() -> None:
    """Tripod's variables, Ansible's own, and a user's that begin with x_."""
    taken = (
        "app_port",
        "k6_path",
        "ansible_host",
        "ansible_become_password",
        "ansible_docker_extra_args",
        "x_site",
    )
    assert refused({"a": dict.fromkeys(taken, "1")}) == []


def of_ansible() -> Iterator[str]:
    """Give the variables that Ansible documents: of its settings, and of its plugins for reaching a host."""
    folder = Path(ansible.__file__).parent
    yield from re.findall(r"ansible_\w+", (folder / "config/base.yml").read_text(encoding="utf-8"))
    for kind in ("connection", "become", "shell", "doc_fragments"):
        for path in (folder / "plugins" / kind).glob("*.py"):
            yield from re.findall(r"name: (ansible_\w+)", path.read_text(encoding="utf-8"))


def test_no_variable_of_ansible_is_a_misspelling() -> None:
    """What Ansible documents is taken, and what we list is documented there."""
    documented = {*of_ansible()}
    assert len(documented) > 100
    assert [name for name in documented if name not in names.OF_HOSTS and not names.is_free(name)] == []
    of_core = ("connection", "become", "become_method", "shell_type", "shell_executable")
    assert set(names.OF_HOSTS) - documented <= {f"ansible_{name}" for name in of_core}


def test_a_host_of_two_legs_has_one_value() -> None:
    """Ansible would take that of the group whose name comes last: both are named instead."""
    vars_of_groups = {
        "load": {"app_port": 8100},
        "app": {"app_port": 8200, "db_port": 1},
        "db": {"db_port": 1},
    }
    assert refused({}, ONE, vars_of_groups) == [
        "a: app_port is 8100 in the group load, and 8200 in app; allowed: one value for a host"
    ]
    assert refused({}, TWO, vars_of_groups) == []


def test_yaml_that_ansible_takes_with_a_warning(tmp_path: Path) -> None:
    """A key that comes twice and endless depth are refused by file and line; tags are left to Ansible."""
    texts = {
        "twice.yml": "all:\n  vars:\n    app_port: 1\n    app_port: 2\n",
        "deep.yaml": "a: " + "[" * 5000,
        "sound.yml": "all:\n  vars:\n    app_port: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      3964\n",
        "hosts": "no YAML: [",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    deep, twice = refused({}, files=inventory_content.files_of([str(tmp_path)]))
    assert twice == f"{tmp_path}/twice.yml: line 4: has the key 'app_port' again, after line 3; allowed: once"
    assert deep == f"{tmp_path}/deep.yaml: line 1: is nested deeper than allowed: 32 levels"


class Unresolved(dict[str, Any]):
    """As Ansible gives a host's variables: what is undefined shows when it is read."""

    def __getitem__(self, key: str) -> Any:
        """Raise for a template."""
        if "{{" in str(super().__getitem__(key)):
            raise LookupError("Error while resolving value for 'app_port': 'nope' is undefined")
        return super().__getitem__(key)


def test_a_value_that_cannot_be_resolved() -> None:
    """Host, variable and template are named, and what is undefined in it; a password stays hidden."""
    said = {
        "app_port": "{{ nope }}",
        "db_port": 9000,
        "ansible_become_password": "{{ nope }}",
        "other": "{{ nope }}",
    }
    with pytest.raises(InputError) as caught:
        inventory_content.variables_given(ONE, {"a": Unresolved(said)}, lambda _: said, (LookupError,), [])
    first, second = caught.value.problems
    assert first.startswith(
        "a: app_port is '{{ nope }}', and 'nope' is undefined; allowed: a value, or a template"
    )
    assert second.startswith("a: ansible_become_password is (not shown), and ")
