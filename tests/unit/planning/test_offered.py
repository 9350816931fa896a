"""What k6 offers the cells of a run: several loads, closed and open ones, one route alone."""

from __future__ import annotations

from typing import Any

import pytest
from plan_types import Make, Refused, Write

from tripod.catalogue import capacity
from tripod.runs.documents import problem_of


def test_the_first_load_is_offered_unless_the_user_chooses(make: Make) -> None:
    """Without a choice cells have the names that they always had; the choice is among the parameters."""
    assert {cell["load"]["name"] for cell in make()["cells"]} == {"poc"}
    made = make(load="saturate", only="sync-gunicorn", db_sleep="25", workers="1")
    assert [cell["cell"] for cell in made["cells"]] == ["sync-gunicorn-w1-db25"]
    assert made["parameters"]["load"] == ["saturate"]
    assert made["parameters"]["vus"] is None


def test_cells_of_several_loads_are_named_after_them_and_share_their_services(make: Make) -> None:
    """A run of two loads has each cell under both, by name; one service of the app serves all of them."""
    made = make(load="poc,saturate", only="sync-gunicorn", db_sleep="25,0", workers="1")
    assert [cell["cell"] for cell in made["cells"]] == [
        f"sync-gunicorn-w1-db{ms}-{load}" for load in ("poc", "saturate") for ms in (25, 0)
    ]
    assert {cell["service"] for cell in made["cells"]} == {"tripod-sync-gunicorn-w1"}
    assert len(made["services"]) == 1 + 2
    assert problem_of(made, "plan") is None


def test_users_of_closed_loads_are_the_user_s_where_he_says_how_many(make: Make) -> None:
    """`vus` replaces those of closed loads, and leaves an open one in the same run alone."""
    cells = make(load="saturate,rate", only="sync-gunicorn", db_sleep="25", workers="1", vus="7")["cells"]
    assert [cell["load"]["vus"] for cell in cells] == [7, 20]


@pytest.mark.parametrize(
    ("given", "vus"),
    [
        ({}, 20),  # 60 requests/s are 20 iterations/s, for 1 s
        ({"rate": "100"}, 34),  # 33.3 iterations/s
        ({"slo_ms": "500"}, 40),  # four times half a second
        ({"route": "api"}, 60),  # each request is an iteration
        ({"rate": "1"}, 1),
    ],
)
def test_an_open_load_has_a_user_for_each_iteration_that_is_under_way(
    make: Make, given: dict[str, str], vus: int
) -> None:
    """Users are iterations per second times a second, or four times the service level, rounded up."""
    (cell,) = make(load="rate", only="sync-gunicorn", db_sleep="25", workers="1", **given)["cells"]
    load = cell["load"]
    assert (load["shape"], load["model"], load["vus"]) == ("constant-arrival-rate", "open", vus)
    assert (load["rate"], load["slo_ms"]) == (int(given.get("rate", 60)), int(given.get("slo_ms", 100)))
    assert cell["ceiling_rps"] is None  # nothing waits for an answer before it begins the next iteration


def test_one_route_alone_makes_another_iteration(make: Make) -> None:
    """With `route` an iteration is one request and the load's pause, which sets the ceiling and the calls."""
    chosen = {"only": "sync-gunicorn", "db_sleep": "25", "workers": "1"}
    (whole,), (api,), (home,) = (
        make(**chosen, **route)["cells"] for route in ({}, {"route": "api"}, {"route": "home"})
    )
    assert (whole["requests_per_iteration"], whole["db_calls_per_request"]) == (3, pytest.approx(1 / 3))
    assert (api["requests_per_iteration"], api["db_calls_per_request"]) == (1, 1)
    assert (home["requests_per_iteration"], home["db_calls_per_request"]) == (1, 0)
    assert [cell["ceiling_rps"] for cell in (whole, api, home)] == [
        pytest.approx(rps) for rps in (240, 80, 100)
    ]
    assert [cell["load"]["route"] for cell in (whole, api, home)] == [None, "api", "home"]


def test_connections_are_kept_unless_the_user_says_otherwise(make: Make) -> None:
    """`keepalive` goes into the load of every cell."""
    for given, kept in (({}, True), ({"keepalive": "false"}, False), ({"keepalive": True}, True)):
        assert {cell["load"]["keepalive"] for cell in make(**given)["cells"]} == {kept}


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({"load": "rate", "vus": "10"}, ["vus is 10, but load rate is not closed", "type: -e load=poc"]),
        (
            {"load": "poc,saturate", "rate": "9"},
            ["rate is 9, but load poc, saturate is not open", "load=rate"],
        ),
        (
            {"load": "rates"},
            ["load is 'rates'", "did you mean rate?", "poc, saturate, rate, capacity", "type: -e load=rate"],
        ),
        (
            {"route": "hom"},
            ["route is 'hom', but load poc", "did you mean home?", "home, api", "type: -e route=home"],
        ),
        (
            {"load": "rate", "rate": "100000"},
            ["rate is 100000 at slo_ms 100", "33334 virtual users", "at most 20000", "type: -e rate=59998"],
        ),
        (
            {"load": "rate", "db_sleep": "100", "duration": "10s"},
            ["slo_ms is 100, but at db_sleep 100", "more than 100", "type: -e slo_ms=400"],
        ),
        (
            {"load": "rate", "db_sleep": "60000", "duration": "100s"},
            ["slo_ms is 100, but at db_sleep 60000", "type: -e db_sleep=25"],
        ),
    ],
)
def test_loads_that_cannot_run_are_refused(refused: Refused, given: dict[str, str], parts: list[str]) -> None:
    """One message names the parameter, its value, what is allowed, and what to type."""
    (problem,) = refused(**given)
    assert not [part for part in parts if part not in problem], problem


def test_what_a_refusal_says_to_type_is_accepted(make: Make) -> None:
    """The most requests a second that are proposed have users enough."""
    cells = make(load="rate", rate="59998")["cells"]
    assert {cell["load"]["vus"] for cell in cells} == {20_000}


def test_each_word_of_only_must_match(refused: Refused) -> None:
    """A word that matches nothing is refused by itself, whatever the others match."""
    (problem,) = refused(only="sync-*,nope")
    assert problem.startswith("only is 'nope', which no stack matches; allowed: a glob over sync-gunicorn")
    assert "or one of flask, fastapi, gunicorn, granian, uvicorn" in problem


@pytest.mark.parametrize(
    ("word", "meant"), [("sync-gunicron", "sync-gunicorn"), ("granina", "granian"), ("flsk", "flask")]
)
def test_a_misspelt_word_of_only_is_told_the_nearest(refused: Refused, word: str, meant: str) -> None:
    """Stacks, frameworks and servers are all looked through."""
    (problem,) = refused(only=word)
    assert problem.startswith(f"only is '{word}', which no stack matches; did you mean {meant}? allowed: ")


def test_threads_for_stacks_without_are_refused(refused: Refused) -> None:
    """Who asks for threads where no chosen command has them is told so."""
    (problem,) = refused(threads=[4], only="async-*")
    assert problem.startswith("threads is [4], but no chosen stack")
    assert "choose stacks that take threads" in problem


def test_threads_are_refused_though_the_matrix_chooses_as_many(refused: Refused) -> None:
    """That the quick matrix has 32, too, makes no difference to who asks for them."""
    (problem,) = refused(matrix="quick", threads="32", only="sync-gunicorn")
    assert problem.startswith("threads is [32], but no chosen stack")


def test_one_load_without_a_name_has_that_of_its_script(
    make: Make, matrix: dict[str, Any], write_matrix: Write
) -> None:
    """A matrix from before loads had names means what it meant."""
    (load, *_) = [cell["load"] for cell in make(matrix=write_matrix(matrix))["cells"]]
    assert (load["name"], load["script"], load["vus"], load["pause_s"]) == ("poc", "poc", 10, 0.1)


@pytest.mark.parametrize("own", ["load", "loads"])
def test_a_matrix_s_own_loads_replace_those_that_it_inherits(
    make: Make, write_matrix: Write, own: str
) -> None:
    """Whichever of the two spellings the child has, the parent's loads are gone."""
    one = {"script": "poc", "vus": 3, "duration": "5s", "warmup": "0s"}
    child = {"name": "mine", "extends": "quick", own: one if own == "load" else {"mine": one}}
    cells = make(matrix=write_matrix(child))["cells"]
    assert {(cell["load"]["name"], cell["load"]["vus"]) for cell in cells} == {
        ("poc" if own == "load" else "mine", 3)
    }


def test_a_matrix_s_own_stacks_are_not_chosen_from_by_what_it_extends(
    make: Make, write_matrix: Write
) -> None:
    """Matrix quick chooses stacks and sizes of poc; a matrix that extends it with others has all of those."""
    stack = {"name": "mine", "mode": "sync", "command": "gunicorn -w {workers} x:app", "workers": [2]}
    child = {"name": "mine", "extends": "quick", "stacks": [stack]}
    (cell,) = make(matrix=write_matrix(child))["cells"]
    assert (cell["cell"], cell["framework"]) == ("mine-w2-db25", None)


def test_a_capacity_is_planned_with_the_users_that_saturate_and_its_search_in_the_time(make: Make) -> None:
    """It has no rate; `vus` and `slo_ms` are its own; the announced time grows by what a search takes."""
    fixed = {"only": "async-uvicorn", "repeats": "1", "duration": "10s", "warmup": "1s"}
    plan = make(**fixed, load="capacity", vus="20", slo_ms="80")
    load = plan["cells"][0]["load"]
    assert (load["shape"], load["model"], load["vus"], load["rate"], load["slo_ms"]) == (
        "capacity",
        "open",
        20,
        None,
        80,
    )
    assert plan["cells"][0]["ceiling_rps"] is None
    longer = plan["expected_seconds"] - make(**fixed, load="saturate")["expected_seconds"]
    assert longer == pytest.approx(len(plan["trials"]) * capacity.expected_s(10))
