"""What a plan holds: cells, services, the order of trials, and what it expects of each server."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from plan_types import Make, Refused, Write
from run_files import ROOT

from tripod.catalogue.servers import bind_environment, expected_identity
from tripod.planning.provenance import git_state
from tripod.runs.documents import problem_of

# The cells of poc at one latency: stack, and the threads of each worker.
SIZED = [
    ("sync-gunicorn", None),
    ("sync-gthread", None),
    *(("sync-gthread-threads", threads) for threads in (2, 8, 32)),
    ("sync-gevent", None),
    ("sync-granian", 32),
    ("async-uvicorn", None),
    ("async-gunicorn", None),
    ("async-gunicorn-asgi", None),
    ("async-granian", None),
    ("def-uvicorn", None),
    ("blocking-async-uvicorn", None),
    ("asyncio-run-gunicorn", None),
]
QUICK = [
    "sync-gunicorn-w1",
    "sync-gthread-threads-w1-t32",
    "sync-gevent-w1",
    "sync-granian-w1-t32",
    "async-uvicorn-w1",
    "async-gunicorn-w1",
    "async-gunicorn-asgi-w1",
    "async-granian-w1",
    "def-uvicorn-w1",
    "blocking-async-uvicorn-w1",
]
_README = (ROOT / "README.md").read_text(encoding="utf-8")
README_RUNS = [
    found
    for found in re.findall(r"^ +\.venv/bin/ansible-playbook bench\.yml((?: -e \S+)*)", _README, re.MULTILINE)
    if "run_id=" not in found
]
UVICORN = {"loop": "uvloop", "http": "httptools"}


def named(load: str, vus: int, duration_s: float, warmup_s: float, **changes: object) -> dict[str, object]:
    """Return a closed load of the plan, as a matrix names it."""
    return {
        "name": load,
        "script": "poc",
        "shape": "constant-vus",
        "model": "closed",
        "vus": vus,
        "rate": None,
        "slo_ms": None,
        "pause_s": 0.1,
        "route": None,
        "keepalive": True,
        "duration_s": duration_s,
        "warmup_s": warmup_s,
    } | changes


def test_poc_has_56_cells(make: Make) -> None:
    """Every stack at two worker counts, its threads and two latencies, three times each; under an hour."""
    made = make()
    names = {
        f"{stack}-w{workers}{f'-t{threads}' if threads else ''}-db{ms}"
        for ms in (25, 0)
        for stack, threads in SIZED
        for workers in (1, 2)
    }
    assert {cell["cell"] for cell in made["cells"]} == names
    assert len(made["cells"]) == len(names) == 56
    assert len(made["trials"]) == 3 * 56
    assert {cell["db_sleep_ms"]: cell["ceiling_rps"] for cell in made["cells"]} == {25: 240, 0: 300}
    assert made["cells"][0]["load"] == named("poc", 10, 10, 3)
    assert made["run_id"] == "20300102T030405Z-poc"
    assert made["expected_seconds"] < 3600


def test_quick_ranks_ten_stacks_within_five_minutes(make: Make) -> None:
    """One worker each at 25 ms, 32 users without a pause, three trials of 3 s after 1 s of warm-up."""
    made = make(matrix="quick")
    assert [cell["cell"] for cell in made["cells"]] == [f"{name}-db25" for name in QUICK]
    assert {round(cell["ceiling_rps"]) for cell in made["cells"]} == {32 * 3 / 0.025}
    assert made["cells"][0]["load"] == named("saturate", 32, 3, 1, pause_s=0)
    assert len(made["trials"]) == 3 * len(QUICK)
    assert made["matrix"]["path"] == "matrix/quick.yml"
    assert made["expected_seconds"] <= 300


def test_what_quick_chooses_holds_until_the_user_says_otherwise(make: Make) -> None:
    """Other stacks and workers of poc are a parameter away, and threads mean nothing to those without."""
    cells = make(matrix="quick", only="async-uvicorn,sync-gthread", workers="1,2", repeats="1")["cells"]
    assert [cell["cell"] for cell in cells] == [
        f"{stack}-w{workers}-db25" for stack in ("sync-gthread", "async-uvicorn") for workers in (1, 2)
    ]


def test_parameters_override_the_matrix(make: Make) -> None:
    """Strings, as `-e` gives them, and lists, as YAML does, choose the same cells."""
    made = make(db_sleep="10,0", workers="3", only="async-u*", vus="20", duration="1m", warmup="0s")
    again = make(db_sleep=[10, 0], workers=3, only=["async-u*"], vus=20, duration="60s", warmup="0s")
    assert made["cells"] == again["cells"]
    assert [cell["cell"] for cell in made["cells"]] == ["async-uvicorn-w3-db10", "async-uvicorn-w3-db0"]
    assert made["cells"][0]["load"] == named("poc", 20, 60, 0)
    assert made["cells"][0]["ceiling_rps"] == pytest.approx(20 * 3 / 0.11)


@pytest.mark.parametrize(
    ("only", "stacks"),
    [
        ("stupid-uvicorn", ["blocking-async-uvicorn"]),
        ("donkey*, sync-gthread", ["sync-gthread", "asyncio-run-gunicorn"]),
        ("granian", ["sync-granian", "async-granian"]),
        (
            "flask",
            [
                "sync-gunicorn",
                "sync-gthread",
                "sync-gthread-threads",
                "sync-gevent",
                "sync-granian",
                "asyncio-run-gunicorn",
            ],
        ),
        ("sync-g[rt]*", ["sync-gthread", "sync-gthread-threads", "sync-granian"]),
        ("[as]*-granian", ["sync-granian", "async-granian"]),
    ],
)
def test_only_matches_stacks_by_glob_and_frameworks_and_servers_by_name(
    make: Make, only: str, stacks: list[str]
) -> None:
    """Words are globs over names, a write-up's own among them, or the name of a framework or a server."""
    assert list(dict.fromkeys(cell["stack"] for cell in make(only=only)["cells"])) == stacks


def test_the_write_up_s_own_rows_are_a_parameter_away(make: Make) -> None:
    """Its eight stacks, once, for 60 s."""
    cells = make(only="write-up-*", duration="60s", repeats="1", db_sleep="25")["cells"]
    assert len(cells) == 16
    assert {cell["threads"] for cell in cells} == {None}


def test_a_cell_says_framework_server_and_slots(make: Make) -> None:
    """Slots are threads or greenlets over all workers, FastAPI's own threads, too; null: all that come."""
    cells = {cell["cell"]: cell for cell in make(db_sleep="25")["cells"]}
    told = {name: (cell["framework"], cell["server"], cell["slots"]) for name, cell in cells.items()}
    assert told["sync-gthread-threads-w2-t8-db25"] == ("flask", "gunicorn", 16)
    assert told["sync-gunicorn-w2-db25"] == ("flask", "gunicorn", 2)
    assert told["sync-gevent-w1-db25"] == ("flask", "gunicorn", 1000)
    assert told["def-uvicorn-w2-db25"] == ("fastapi", "uvicorn", 80)
    assert told["async-granian-w1-db25"] == ("fastapi", "granian", None)


def test_every_cell_has_its_services_once(make: Make) -> None:
    """Services are one per stack and workers, and one per database setting; every cell's are among them."""
    made = make()
    names = [service["name"] for service in made["services"]]
    assert len(names) == len(set(names)) == 28 + 2
    assert {cell[key] for cell in made["cells"] for key in ("service", "db_service")} == set(names)
    commands = {service["name"]: service.get("command") for service in made["services"]}
    assert all(commands[cell["service"]] == cell["command"] for cell in made["cells"])
    assert all(cell["service"].startswith("tripod-") for cell in made["cells"])


def test_the_seed_decides_the_order(make: Make) -> None:
    """The same seed gives the same order, another one another; without one, a seed is drawn and recorded."""
    order = make(seed="7", repeats="3")["trials"]
    assert make(seed=7, repeats=3)["trials"] == order
    assert make(seed=8, repeats=3)["trials"] != order
    drawn = make(repeats="3")
    assert make(seed=drawn["seed"], repeats="3")["trials"] == drawn["trials"]
    assert drawn["parameters"]["seed"] == drawn["seed"]


def test_each_block_holds_each_cell_once(make: Make) -> None:
    """A block is one repeat of every cell; blocks follow one another and differ in their order."""
    made = make(seed="7", repeats="3")
    cells = sorted(cell["cell"] for cell in made["cells"])
    blocks = [
        made["trials"][start : start + len(cells)] for start in range(0, len(made["trials"]), len(cells))
    ]
    assert len(blocks) == 3
    for number, block in enumerate(blocks, start=1):
        assert {trial["repeat"] for trial in block} == {number}
        assert sorted(trial["cell"] for trial in block) == cells
        assert all(trial["trial"] == f"{trial['cell']}-r{number}" for trial in block)
    orders = [[trial["cell"] for trial in block] for block in blocks]
    assert orders[0] != orders[1] != orders[2]
    assert orders[0] != [cell["cell"] for cell in made["cells"]]


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"matrix": "quick"},
        {"load": "poc,saturate,rate"},
        {"route": "api"},
        {"repeats": "2", "warmup": "0s", "workers": "1,4"},
    ],
)
def test_a_plan_follows_its_schema(make: Make, parameters: dict[str, str]) -> None:
    """Whatever the plan is made from, `plan.schema.json` describes it; a plan without trials breaks it."""
    made = make(**parameters)
    assert problem_of(made, "plan") is None
    assert problem_of({**made, "trials": []}, "plan") is not None


def test_one_host_can_be_all_legs(make: Make) -> None:
    """A host that is in all three groups occurs once, with its legs in order."""
    made = make({"load": ["a"], "app": ["a"], "db": ["a"]})
    assert made["hosts"]["a"]["legs"] == ["load", "app", "db"]
    assert made["legs"] == {"load": ["a"], "app": ["a"], "db": ["a"]}
    assert made["hosts"]["a"]["bench_address"] == "10.0.0.1"


def test_the_announced_time_covers_the_measurements(make: Make) -> None:
    """The expected time grows with what is measured and is never below it; each load counts its own."""
    short, long = make(matrix="quick"), make(matrix="quick", repeats="4")
    assert short["expected_seconds"] > 30 * 4
    assert long["expected_seconds"] - short["expected_seconds"] > 10 * 4
    both = make(matrix="quick", load="saturate,poc")
    assert both["expected_seconds"] - short["expected_seconds"] > 30 * 4


def test_identity_of_every_command_of_poc(make: Make) -> None:
    """`/ready` must show uvloop and httptools wherever uvicorn serves, and gevent's loop under gevent."""
    expected = {
        "gunicorn -w 1 sync_app:app": {},
        "gunicorn -k gthread -w 1 sync_app:app": {},
        "gunicorn -k gevent -w 1 sync_app:app": {"loop": "gevent"},
        **{f"gunicorn -k gthread -w 1 --threads {threads} sync_app:app": {} for threads in (2, 8, 32)},
        "granian --interface wsgi --workers 1 --blocking-threads 32 sync_app:app": {"http": "granian"},
        "granian --interface asgi --workers 1 async_app:app": {"loop": "uvloop", "http": "granian"},
        "gunicorn -k asgi -w 1 async_app:app": {"loop": "uvloop", "http": "gunicorn"},
        "uvicorn --workers 1 --log-level error async_app:app": UVICORN,
        "gunicorn -k uvicorn_worker.UvicornWorker -w 1 async_app:app": UVICORN,
        "uvicorn --workers 1 --log-level error def_app:app": UVICORN,
        "uvicorn --workers 1 --log-level error stupid_async_app:app": UVICORN,
        "gunicorn -w 1 donkey_patched_async_app:app": {},
    }
    cells = make(workers="1", db_sleep="0")["cells"]
    assert {cell["command"]: cell["expect"] for cell in cells} == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("uvicorn --loop asyncio x:app", {"loop": "asyncio", "http": "httptools"}),
        ("uvicorn --http=h11 --loop auto x:app", {"loop": "uvloop", "http": "h11"}),
        ("gunicorn --worker-class=uvicorn.workers.UvicornWorker x:app", UVICORN),
        ("gunicorn --worker-class gevent x:app", {"loop": "gevent"}),
        ("gunicorn -k asgi --asgi-loop asyncio x:app", {"loop": "asyncio", "http": "gunicorn"}),
        ("granian --interface asgi x:app", {"loop": "uvloop", "http": "granian"}),
        ("granian --interface=asginl --loop asyncio x:app", {"loop": "asyncio", "http": "granian"}),
        ("granian --interface wsgi --blocking-threads 5 x:app", {"http": "granian"}),
    ],
)
def test_identity_follows_the_options(command: str, expected: dict[str, str]) -> None:
    """A row that asks for another loop or parser is expected to show that one."""
    assert expected_identity(command) == expected


def test_the_address_goes_through_the_environment() -> None:
    """Each server is told where to listen by its environment, so that the row stays as it is typed."""
    assert bind_environment("uvicorn x:app", "10.0.0.2", 8000) == {
        "UVICORN_HOST": "10.0.0.2",
        "UVICORN_PORT": "8000",
    }
    assert bind_environment("gunicorn x:app", "10.0.0.2", 8000) == {
        "GUNICORN_CMD_ARGS": "--bind 10.0.0.2:8000 --no-control-socket"
    }
    assert bind_environment("granian x:app", "10.0.0.2", 8000) == {
        "GRANIAN_HOST": "10.0.0.2",
        "GRANIAN_PORT": "8000",
    }


def test_the_commit_and_its_changes_are_recorded(tmp_path: Path) -> None:
    """The commit, and whether files differ from it, as git sees them; outside git neither is known."""
    assert git_state(tmp_path) == {"commit": None, "dirty": None}
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    head = subprocess.run(
        [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert git_state(tmp_path) == {"commit": head, "dirty": False}
    (tmp_path / "new").write_text("x", encoding="utf-8")
    assert git_state(tmp_path) == {"commit": head, "dirty": True}


def test_the_plan_carries_what_git_says(make: Make, root: Path) -> None:
    """The checkout's state goes into the plan as it is read."""
    assert make()["git"]["commit"] == git_state(root)["commit"]


def test_every_host_must_take_part(make: Make, refused: Refused) -> None:
    """In a trial the processes of all hosts go in step: fewer forks than hosts are refused."""
    (problem,) = refused(forks=2)
    assert problem == "forks is 2; allowed: 3 or more, one for each host of the run; type: --forks 3"
    assert make(forks=3)["trials"]


def test_all_wait_for_the_latency(make: Make) -> None:
    """A cell's users wait for its own latency, an app for the largest of the run: it serves all of them."""
    made = make(db_sleep="0,60000", duration="90s", vus="3")
    assert {cell["db_sleep_ms"]: cell["patience"] for cell in made["cells"]} == {
        0: {"request_s": 20, "drain_s": 30},
        60_000: {"request_s": 200, "drain_s": 210},
    }
    assert {service["db_call_s"] for service in made["services"] if service["leg"] == "app"} == {65}
    assert problem_of(made, "plan") is None


def test_a_duration_without_room_for_an_iteration_is_refused(make: Make, refused: Refused) -> None:
    """The pause and one latency must fit; the message has both values, what is allowed, and what to type."""
    assert make(db_sleep="4900", duration="5s")
    (problem,) = refused(db_sleep="25,6000", duration="5s")
    assert problem == (
        "duration is 5s, but at db_sleep 6000 an iteration of load poc takes 6.1 s or more; "
        "allowed: 6.1s or more, or a lower db_sleep; type: -e duration=61s"
    )


def test_a_timeout_of_the_row_below_the_latency_is_refused(
    make: Make, refused: Refused, matrix: dict[str, Any], write_matrix: Write
) -> None:
    """Gunicorn would kill each worker in mid-call, and what stands in the command goes before all else."""
    matrix["stacks"][0]["command"] = "gunicorn --timeout 10 -w {workers} sync_app:app"
    path = write_matrix(matrix)
    assert make(matrix=path, db_sleep="8000", duration="30s")
    (problem,) = refused(matrix=path, db_sleep="8001", duration="30s")
    assert problem == (
        "db_sleep is 8001, but the command of cell one-w1-db8001 has --timeout 10: gunicorn kills a sync "
        "worker that waits longer for the database; allowed: a db_sleep of at most 8000, or a --timeout of "
        "at least 11 (or none: it is then set as needed)"
    )


@pytest.mark.parametrize("arguments", README_RUNS)
def test_what_the_readme_tells_people_to_type_is_a_plan(make: Make, arguments: str) -> None:
    """None of its commands that begin a run is refused on the machine that it is first typed on."""
    extra = dict(word.split("=", 1) for word in arguments.split() if "=" in word)
    assert make(**extra)["trials"]
