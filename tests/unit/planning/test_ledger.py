"""The concurrency ledger: slots, pools, and cells that cannot get their connections."""

from __future__ import annotations

from typing import Any

import pytest
from plan_types import Make, Refused, Write

from tripod.planning.ledger import Concurrency, ledger

GTHREAD = "gunicorn -k gthread -w 3 --threads 5 x:wsgi"


def _figures(**changes: Any) -> tuple[int | None, ...]:
    given = {"mode": "sync", "command": GTHREAD, "workers": 3, "pool_max": None, "vus": 64}
    return tuple(ledger(Concurrency(**given | changes), 200).figures().values())


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (15, None, 15, 200)),
        ({"pool_max": 15}, (15, 45, 45, 200)),
        ({"pool_max": 2}, (6, 6, 6, 200)),
        ({"mode": "async", "command": "uvicorn x:app", "pool_max": 15}, (45, 45, 45, 200)),
        ({"mode": "async", "command": "uvicorn x:app"}, (64, None, 64, 200)),
        # threads of an async server are no slots: one thread works on many requests
        (
            {"mode": "async", "command": "granian --interface asgi --runtime-threads 2 x:app"},
            (64, None, 64, 200),
        ),
        ({"command": "granian --interface wsgi --blocking-threads 4 x:wsgi"}, (12, None, 12, 200)),
        ({"command": "uvicorn def_app:app", "vus": 200}, (120, None, 120, 200)),
        ({"command": "gunicorn -w 3 x:wsgi"}, (3, None, 3, 200)),
        ({"command": "gunicorn -k gthread -w 3 x:wsgi"}, (3, None, 3, 200)),
        ({"command": "gunicorn --worker-class=sync -w 3 x:wsgi"}, (3, None, 3, 200)),
        ({"command": "gunicorn -k gevent -w 3 x:wsgi"}, (64, None, 64, 200)),
        ({"command": "granian --interface wsgi x:wsgi"}, (64, None, 64, 200)),
        ({"command": "uvicorn x:app", "pool_max": 5}, (15, 15, 15, 200)),
    ],
)
def test_arithmetic(changes: dict[str, Any], expected: tuple[int | None, ...]) -> None:
    """Slots are workers x threads, or the pools' connections, or what is in flight; then the connections."""
    assert _figures(**changes) == expected


def test_the_plan_has_a_ledger_of_every_cell(
    make: Make, postgres_matrix: dict[str, Any], write_matrix: Write
) -> None:
    """Each cell carries its ledger, made from its own size and pool, and the DB host's limit."""
    made = make(matrix=write_matrix(postgres_matrix), variables={"db_max_connections": "150"})
    keys = ("slots", "pool_max_total", "connections_max", "max_connections")
    assert {cell["cell"]: tuple(cell["ledger"][key] for key in keys) for cell in made["cells"]} == {
        "pooled-w1-t15": (15, 15, 15, 150),
        "pooled-w3-t5": (15, 45, 45, 150),
        "unpooled-w1": (64, None, 64, 150),
        "unpooled-w2": (64, None, 64, 150),
    }


def test_a_cell_that_cannot_get_its_connections_is_refused_with_the_arithmetic(
    refused: Refused, postgres_matrix: dict[str, Any], write_matrix: Write
) -> None:
    """Each such cell is one problem: what it can open and why, what it is left, and what to type."""
    path = write_matrix(postgres_matrix)
    found = refused(matrix=path, only="pooled", workers="16")
    assert found[0] == (
        "cell pooled-w16-t15 can open 240 connections (16 workers x a pool of up to 15), but "
        "db_max_connections is 200, which leaves it 195 (3 are kept for superusers, 2 for Tripod); "
        "allowed: at most 195 connections, or -e db_max_connections=245"
    )
    assert [problem.split(" can ")[0] for problem in found] == [
        f"cell pooled-w16-t{threads}" for threads in (15, 5)
    ]
    (problem, _) = refused(matrix=path, only="unpooled", vus="196")
    assert "can open 196 connections (196 virtual users in flight, no pool: a connection each)" in problem


def test_threads_without_a_pool_open_a_connection_each(
    refused: Refused, postgres_matrix: dict[str, Any], write_matrix: Write
) -> None:
    """Without a pool the arithmetic is that of the threads."""
    postgres_matrix["stacks"][0]["pool"] = "none"
    path = write_matrix(postgres_matrix)
    (problem,) = refused(matrix=path, only="pooled", workers="2", threads="100")
    assert "can open 200 connections (2 workers x 100 threads, no pool: a connection each)" in problem


def test_the_last_connection_can_be_had(
    make: Make, refused: Refused, postgres_matrix: dict[str, Any], write_matrix: Write
) -> None:
    """A cell may take all that max_connections leaves, and not one more; the limit is the DB host's."""
    path = write_matrix(postgres_matrix)
    assert make(matrix=path, only="unpooled", workers="1", vus="195")["cells"]
    assert refused(matrix=path, only="unpooled", workers="1", vus="196")
    assert make(matrix=path, only="unpooled", workers="1", vus="196", variables={"db_max_connections": 201})[
        "cells"
    ]
