"""Plans of matrices on PostgreSQL: cells, sizes, pools, ports, and what the user cannot ask for."""

from __future__ import annotations

from typing import Any

import pytest
from plan_types import Make, Refused, Write

from tripod.catalogue import databases
from tripod.runs.documents import problem_of

SERVERS = {
    "sync": (
        "gunicorn -k gthread -w {} --threads {} ",
        "granian --interface wsgi --workers {} --blocking-threads {} ",
    ),
    "async": ("uvicorn --workers {} --log-level error ", "granian --interface asgi --workers {} "),
}
# The systems of the write-up's four tables: app, mode, pooled, and the sizes there.
WRITE_UP = [
    ("django_unpooled:wsgi", "sync", False, [(1, 15), (2, 15)]),
    ("django_pooled:wsgi", "sync", True, [(1, 15), (2, 15), (3, 5)]),
    ("django_unpooled:asgi", "async", False, [(1, None), (2, None)]),
    ("django_pooled:asgi", "async", True, [(1, None)]),
    ("fastapi_sqlalchemy:app", "async", True, [(1, None), (2, None)]),
    ("fastapi_sqlalchemy_no_limit:app", "async", True, [(1, None)]),
    ("fastapi_psycopg_pool:app", "async", True, [(1, None)]),
    ("flask_sqlalchemy_app:app", "sync", True, [(3, 5)]),
    ("flask_psycopg_pool:app", "sync", True, [(3, 5)]),
]


@pytest.mark.parametrize("matrix", ["quotes", "quote-view"])
def test_quotes_has_every_row_of_the_write_up_under_two_servers(make: Make, matrix: str) -> None:
    """Each system at its sizes, WSGI under gthread and granian, ASGI under uvicorn and granian.

    Django under granian also has the 32 threads of the article that the write-up answers: 32 cells.
    """
    made = make(matrix=matrix)
    found = {(cell["command"], cell["mode"], cell["pool"] is not None) for cell in made["cells"]}
    expected = {
        (server.format(workers, threads) + app, mode, pooled)
        for app, mode, pooled, sizes in WRITE_UP
        for workers, threads in sizes
        for server in SERVERS[mode]
    }
    granian = "granian --interface wsgi --workers {} --blocking-threads 32 {}:wsgi"
    expected |= {
        (granian.format(workers, app), "sync", app == "django_pooled")
        for workers in (1, 2)
        for app in ("django_unpooled", "django_pooled")
    }
    assert found == expected
    assert len(made["cells"]) == len(expected) == 32
    assert all(cell["pool"] in (None, {"min": 5, "max": 15}) for cell in made["cells"])
    vus = {cell["stack"]: cell["load"]["vus"] for cell in made["cells"]}
    no_limit = {f"fastapi-sqlalchemy-no-limit-{server}" for server in ("uvicorn", "granian")}
    assert {stack for stack, users in vus.items() if users != 64} == (
        no_limit if matrix == "quotes" else set()
    )
    load = made["cells"][0]["load"]
    script = {"quotes": "quote"}.get(matrix, matrix)
    assert (load["name"], load["script"], load["vus"], load["pause_s"]) == (script, script, 64, 0)
    assert (load["duration_s"], load["warmup_s"]) == (10, 3 if matrix == "quotes" else 0)


def test_static_asks_no_database_and_saturate_gives_all_rows_the_same_users(make: Make) -> None:
    """The third scenario claims no query, and a stack's own users are those of the write-up's load alone."""
    static = make(matrix="quotes", load="static")
    assert problem_of(static, "plan") is None
    assert {(c["queries_per_request"], c["db_calls_per_request"]) for c in static["cells"]} == {(0, 0)}
    assert {cell["load"]["vus"] for cell in make(matrix="quotes", load="saturate")["cells"]} == {64}


def test_rows_of_the_same_workers_may_ask_for_as_much(make: Make) -> None:
    """With pools, sync or async, a process can have 15 queries at the database; 3x5 shares 15 over three.

    Threads beyond the pool wait for a connection of it, and are no slots.
    """
    for cell in make(matrix="quotes")["cells"]:
        if cell["pool"]:
            per_process = 5 if cell["threads"] == 5 else 15
            assert cell["ledger"]["slots"] == per_process * cell["workers"], cell["cell"]
            assert cell["ledger"]["pool_max_total"] == 15 * cell["workers"]


def test_a_short_run_of_quotes_is_bounded(make: Make) -> None:
    """The whole of quotes at 10 s and one repeat is announced as no more than eleven minutes."""
    made = make(matrix="quotes", duration="10s", repeats="1")
    assert 32 * 13 < made["expected_seconds"] <= 660


@pytest.fixture
def path(postgres_matrix: dict[str, Any], write_matrix: Write) -> str:
    """Return the file of a sound matrix on PostgreSQL."""
    return write_matrix(postgres_matrix)


def test_cells_have_no_latency_and_no_suffix(make: Make, path: str) -> None:
    """A cell is named after stack, workers and threads; there is one database service, and no ceiling."""
    made = make(matrix=path)
    assert problem_of(made, "plan") is None
    assert [cell["cell"] for cell in made["cells"]] == [
        "pooled-w1-t15",
        "pooled-w3-t5",
        "unpooled-w1",
        "unpooled-w2",
    ]
    assert {(cell["db_sleep_ms"], cell["ceiling_rps"], cell["db_service"]) for cell in made["cells"]} == {
        (None, None, "tripod-postgres")
    }
    assert made["database"] == "postgres"
    assert made["parameters"]["db_sleep"] is None
    (service,) = (service for service in made["services"] if service["leg"] == "db")
    assert service == {"name": "tripod-postgres", "leg": "db", "role": "postgres", "db_sleep_ms": None}


def test_pools_go_to_cells_and_services(make: Make, path: str) -> None:
    """Each cell and each app's service has its row's pool, or none; the claim comes from the workload."""
    made = make(matrix=path)
    pools = {"pooled": {"min": 5, "max": 15}, "unpooled": None}
    assert all(cell["pool"] == pools[cell["stack"]] for cell in made["cells"])
    apps = [service for service in made["services"] if service["role"] == "webapp"]
    assert {service["name"]: service["pool"] for service in apps} == {
        cell["service"]: cell["pool"] for cell in made["cells"]
    }
    assert {(cell["queries_per_request"], cell["views_per_request"]) for cell in made["cells"]} == {(1, 0)}


def test_a_fake_database_has_neither_pool_nor_ledger(make: Make) -> None:
    """What only a real database has is null on the fake one."""
    made = make(matrix="quick")
    assert {(cell["pool"], cell["ledger"], cell["queries_per_request"]) for cell in made["cells"]} == {
        (None, None, None)
    }
    assert made["database"] == "fakedb"


def test_latency_of_a_real_database_cannot_be_asked_for(refused: Refused, path: str) -> None:
    """`-e db_sleep=25` with a matrix on PostgreSQL: one message with parameter, value and what is allowed."""
    (problem,) = refused(matrix=path, db_sleep="25")
    assert problem == (
        "db_sleep is '25', but the database of matrix mine is postgres; "
        "allowed: leave db_sleep out, or choose a matrix with database: fakedb"
    )


@pytest.mark.parametrize(
    ("asked", "pooled"),
    [
        ({}, ["1x15", "3x5"]),
        ({"workers": "1,2,3", "threads": "1,5,15"}, [f"{w}x{t}" for w in (1, 2, 3) for t in (1, 5, 15)]),
        ({"threads": "4"}, ["1x4", "3x4"]),
        ({"workers": "2"}, ["2x15", "2x5"]),
    ],
)
def test_workers_and_threads_are_crossed(
    make: Make, path: str, asked: dict[str, str], pooled: list[str]
) -> None:
    """Sizes are the matrix's own until the user asks for others, which are crossed with what is left."""
    cells = [cell for cell in make(matrix=path, **asked)["cells"] if cell["stack"] == "pooled"]
    assert [f"{cell['workers']}x{cell['threads']}" for cell in cells] == pooled
    for cell in cells:
        sizes = f"-w {cell['workers']} --threads {cell['threads']}"
        assert cell["command"] == f"gunicorn -k gthread {sizes} django_pooled:wsgi"


def test_a_stack_may_have_users_of_its_own(
    make: Make, postgres_matrix: dict[str, Any], write_matrix: Write
) -> None:
    """A stack's `vus` for the load hold, ledger included, until the user says how many there shall be."""
    postgres_matrix["stacks"][0]["vus"] = {"quote-view": 3}
    postgres_matrix["stacks"][1]["vus"] = {"quote": 2}
    own = write_matrix(postgres_matrix)
    found = {cell["stack"]: cell for cell in make(matrix=own)["cells"]}
    assert {stack: cell["load"]["vus"] for stack, cell in found.items()} == {"pooled": 64, "unpooled": 2}
    assert found["unpooled"]["ledger"]["slots"] == 2
    assert {cell["load"]["vus"] for cell in make(matrix=own, vus="8")["cells"]} == {8}


def test_threads_mean_nothing_to_a_command_without(make: Make, path: str) -> None:
    """A stack without threads keeps its sizes when others are given threads."""
    cells = make(matrix=path, threads="1,5")["cells"]
    assert [(c["workers"], c["threads"]) for c in cells if c["stack"] == "unpooled"] == [(1, None), (2, None)]


@pytest.mark.parametrize(("matrix", "port"), [("quick", 9000), (None, 5432)])
def test_the_database_has_its_kinds_port(make: Make, path: str, matrix: str | None, port: int) -> None:
    """Without `db_port` in the inventory it is the kind's own on every host; with it, it is that."""
    hosts = make(matrix=matrix or path)["hosts"]
    assert {host["db_port"] for host in hosts.values()} == {port}
    hosts = make(matrix=matrix or path, variables={"db_port": "15432"})["hosts"]
    assert {host["db_port"] for host in hosts.values()} == {15432}


def test_the_kinds_port_must_not_be_the_apps(refused: Refused, path: str) -> None:
    """The two ports are compared after the database's default is known."""
    assert refused(matrix=path, variables={"app_port": 5432})[0] == (
        "a: app_port and db_port are both 5432; allowed: two ports"
    )


def test_matrix_and_inventory_are_refused_together(refused: Refused, path: str) -> None:
    """A parameter that the matrix does not take and a bad inventory variable come in one refusal."""
    problems = refused(matrix=path, db_sleep=["25"], variables={"db_max_connections": "many"})
    assert problems[0].startswith("db_sleep is ['25']")
    assert problems[1] == "a: db_max_connections is 'many'; allowed: a whole number from 20 to 2000"


@pytest.mark.parametrize(
    ("kind", "url"),
    [("fakedb", "http://10.0.0.3:9000"), ("postgres", "postgresql://tripod@10.0.0.3:5432/tripod")],
)
def test_apps_are_told_where_the_database_is(kind: str, url: str) -> None:
    """The address that an app gets is its kind's, and holds no password."""
    assert databases.url(kind, "10.0.0.3", databases.DATABASES[kind].port) == url
