"""How many trials a plan has: as said, as a budget buys, or as a precision needs."""

from __future__ import annotations

import pytest
from plan_types import Make, Refused
from run_files import ROOT

from tripod.planning import repeats
from tripod.runs.documents import problem_of
from tripod.stats import power

SHIPPED = sorted(path.stem for path in (ROOT / "matrix").glob("*.yml"))


@pytest.mark.parametrize("matrix", SHIPPED)
def test_every_matrix_that_ships_has_three_trials_a_cell(make: Make, matrix: str) -> None:
    """One trial is an anecdote, of two nobody knows which is the odd one."""
    made = make(matrix=matrix)
    assert made["repeats"]["count"] >= 3
    assert made["repeats"]["chosen_by"] == "matrix"
    assert len(made["trials"]) == made["repeats"]["count"] * len(made["cells"])
    assert problem_of(made, "plan") is None


def test_a_budget_buys_as_many_blocks_as_fit(make: Make) -> None:
    """The run stays within it, one more block would not; the plan says what ratios it will tell."""
    made = make(matrix="quick", budget="20m")
    one_more = make(matrix="quick", repeats=made["repeats"]["count"] + 1)
    assert made["expected_seconds"] <= 1200 < one_more["expected_seconds"]
    assert made["repeats"] | {"count": 0, "expected_precision": 0} == {
        "count": 0,
        "chosen_by": "budget",
        "expected_precision": 0,
        "expected_deviation": 0.03,
    }
    assert made["repeats"]["expected_precision"] < one_more["repeats"]["expected_precision"] + 0.01
    assert made["parameters"]["repeats"] == made["repeats"]["count"]
    assert made["parameters"]["budget"] == 1200


@pytest.mark.parametrize("asked", [0.05, 0.03, 0.02])
def test_a_precision_chooses_the_fewest_trials_that_give_it(make: Make, asked: float) -> None:
    """So many trials give it by the formula, one fewer would not; fewer than three are never chosen."""
    made = make(matrix="quick", precision=f"{100 * asked:g}%")["repeats"]
    assert made["expected_precision"] <= asked
    fewer = make(matrix="quick", repeats=made["count"] - 1)["repeats"]
    assert fewer["expected_precision"] > asked or made["count"] == 3


def test_more_cells_know_the_deviation_better(make: Make) -> None:
    """For 5.4 %, poc with 28 cells in a group needs three trials, quick with ten needs four."""
    assert make(precision="5.4%")["repeats"]["count"] == 3
    assert make(matrix="quick", precision="5.4%")["repeats"]["count"] == 4


def test_a_stack_with_users_of_its_own_is_a_group_of_its_own(make: Make) -> None:
    """Of quotes four cells meet 2 users, and no other row of the table is compared with them."""
    chosen = make(matrix="quotes")
    own = [cell for cell in chosen["cells"] if cell["load"]["vus"] == 2]
    others = make(matrix="quotes", vus=64)
    assert 1 < len(own) < len(chosen["cells"]) / 4
    assert chosen["repeats"]["expected_precision"] > others["repeats"]["expected_precision"]
    assert chosen["repeats"]["expected_precision"] == pytest.approx(
        power.precision(repeats.DEVIATION, 3, power.pooled_degrees(len(own), 3))
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"budget": "20m", "repeats": 5}, "repeats is 5 and budget is 1200.0; allowed: one of repeats"),
        ({"budget": "20m", "precision": "5%"}, "allowed: one of repeats, budget, precision"),
        ({"budget": "20"}, "budget is '20'; allowed: a duration with its unit"),
        ({"budget": "8h", "precision": "5%", "repeats": 2}, "repeats is 2 and budget is"),
        (
            {"budget": "3m"},
            "budget is 3m; allowed: 3m30s or more, which two trials of each of the 10 cells take",
        ),
        ({"budget": "3m"}, "one trial of each takes about 2m15s, type: -e repeats=1"),
        ({"budget": "90s"}, "not even one trial of each fits, which takes about 2m15s"),
        ({"precision": "5"}, "precision is '5'; allowed: a share in per cent, from 0.1% to 50%"),
        ({"precision": 0.05}, "a share in per cent"),
        ({"precision": "0%"}, "a share in per cent"),
        ({"precision": "0.2%"}, "precision is 0.2%; allowed: 0.3% or more, which 1000 trials of each cell"),
        ({"precision": "5%", "only": "async-uvicorn"}, "one cell of each load; allowed: two or more"),
        ({"aa": "twice"}, "aa is 'twice'; allowed: true or false"),
    ],
)
def test_what_cannot_be_had_is_refused(refused: Refused, given: dict[str, object], told: str) -> None:
    """The message has the parameter, its value, and what is needed."""
    assert told in "\n".join(refused(matrix="quick", **given))


def test_what_trials_buy_is_said_in_words(make: Make) -> None:
    """One trial buys nothing that can be told apart, one cell has nothing to be compared with."""
    assert repeats.bought(make(repeats=1)["repeats"]).startswith("one trial of each cell, so nothing")
    alone = make(only="async-uvicorn", workers=1, db_sleep=25)["repeats"]
    assert repeats.bought(alone) == "3 trials of each cell, and nothing to compare it with"
    assert repeats.bought(make()["repeats"]) == (
        "3 trials of each cell, which tell the ratio of two to about ±5.3 % where trials deviate by 3 %"
    )


def test_twins_are_the_first_cell_of_each_group_again(make: Make) -> None:
    """Each group has one more cell, which is the same but for its name, and no service of its own."""
    plain, twinned = make(load="poc,saturate"), make(load="poc,saturate", aa="true")
    twins = [cell for cell in twinned["cells"] if "twin_of" in cell]
    assert [cell["twin_of"] for cell in twins] == [
        f"sync-gunicorn-w1-db{ms}-{load}" for load in ("poc", "saturate") for ms in (25, 0)
    ]
    by_name = {cell["cell"]: cell for cell in twinned["cells"]}
    for twin in twins:
        assert twin == by_name[twin["twin_of"]] | {key: twin[key] for key in ("cell", "twin_of")}
        assert twin["cell"] == f"{twin['twin_of']}-twin"
    assert [cell for cell in twinned["cells"] if cell not in twins] == plain["cells"]
    assert twinned["services"] == plain["services"]
    assert problem_of(twinned, "plan") is None
