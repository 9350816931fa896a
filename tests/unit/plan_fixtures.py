"""Fixtures of the plan's tests: the checkout, plans on three hosts, and matrix files."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from plan_types import Make, Refused, Write

from tripod.inputs.errors import InputError
from tripod.planning import plan

ROOT = Path(__file__).parents[2]
GROUPS = {"load": ["a"], "app": ["b"], "db": ["c"]}
MATRIX: dict[str, Any] = {
    "name": "mine",
    "database": "fakedb",
    "load": {"script": "poc", "vus": 10, "duration": "5s", "warmup": "2s"},
    "db_sleep": [25],
    "stacks": [
        {"name": "one", "mode": "sync", "command": "gunicorn -w {workers} sync_app:app", "workers": [1]},
        {
            "name": "two",
            "mode": "sync",
            "command": "gunicorn -k gthread -w {workers} --threads {threads} sync_app:app",
            "workers": [1, 2],
            "threads": [4, 8],
        },
    ],
}


POSTGRES: dict[str, Any] = {
    "name": "mine",
    "database": "postgres",
    "load": {"script": "quote", "vus": 64, "duration": "5s", "warmup": "2s"},
    "stacks": [
        {
            "name": "pooled",
            "mode": "sync",
            "command": "gunicorn -k gthread -w {workers} --threads {threads} django_pooled:wsgi",
            "sizes": ["1x15", "3x5"],
            "pool": {"min": 5, "max": 15},
        },
        {
            "name": "unpooled",
            "mode": "async",
            "command": "uvicorn --workers {workers} django_unpooled:asgi",
            "workers": [1, 2],
            "pool": "none",
        },
    ],
}


@pytest.fixture
def root() -> Path:
    """Return the checkout."""
    return ROOT


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make the plan of a run with these parameters, on three hosts unless told otherwise.

    `variables` are inventory variables of every host.
    """

    def make_plan(
        groups: dict[str, list[str]] | None = None,
        *,
        variables: dict[str, object] | None = None,
        forks: int = 10,
        **extra_vars: object,
    ) -> dict[str, Any]:
        return plan.make(
            plan.Request(
                root=ROOT,
                now=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
                extra_vars=extra_vars,
                inventory=["inventory/mine.yml"],
                groups=GROUPS if groups is None else groups,
                host_vars={
                    host: {"bench_address": f"10.0.0.{number}"} | (variables or {})
                    for number, host in enumerate(("a", "b", "c"), start=1)
                },
                results=tmp_path / "results",
                forks=forks,
            )
        )

    return make_plan


@pytest.fixture
def refused(make: Make) -> Refused:
    """Return the problems for which a plan is refused."""

    def problems(groups: dict[str, list[str]] | None = None, **given: object) -> list[str]:
        with pytest.raises(InputError) as caught:
            make(groups, **given)
        assert str(caught.value) == "\n".join(caught.value.problems)
        return caught.value.problems

    return problems


@pytest.fixture
def matrix() -> dict[str, Any]:
    """Return a sound matrix, to be damaged."""
    return copy.deepcopy(MATRIX)


@pytest.fixture
def postgres_matrix() -> dict[str, Any]:
    """Return a sound matrix on PostgreSQL, to be damaged."""
    return copy.deepcopy(POSTGRES)


@pytest.fixture
def write_matrix(tmp_path: Path) -> Write:
    """Write a matrix file, from its content or its text, and return its path."""

    def write(content: object, name: str = "mine") -> str:
        path = tmp_path / f"{name}.yml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
        return str(path)

    return write
