"""Why a row is as fast as it is, in sentences with figures."""

from __future__ import annotations

from dataclasses import replace

from activity_fixtures import activity
from evidence_made import TOGETHER, evidence

from tripod.report import explain
from tripod.stats.contrasts import Blocks, Ratio
from tripod.verdicts.evidence import Cell, Trial

IDLE = activity(app=0.05, app_workers=(0.1,), load=0.02, db=0.01)


def text_of(cell: Cell, other: Cell | None = None, ratio: Ratio | None = None) -> str:
    """Return all sentences; each ends with a full stop."""
    sentences = explain.two(cell, other, ratio) if other else explain.one(cell)
    assert all(sentence.endswith(".") for sentence in sentences)
    return " ".join(sentences)


def named(cell: Cell, name: str) -> Cell:
    """Return the cell under another name."""
    return replace(cell, planned={**cell.planned, "cell": name})


def test_a_row_of_full_slots() -> None:
    """It says what limits, what holds the slot, what the model allows, and what would help."""
    told = text_of(evidence(rps=76, duration_ms=95, activity=IDLE))
    assert "sync-gunicorn-w1-db25 did 76.0 requests/s over 1 trial." in told
    assert "Limited by: app slots: requests held 100 % of 1 slot." in told
    assert "By its command it works on 1 at once, of 10 users; the database had at most 10 at once." in told
    # 1 / 76 s; a third of 25.1 ms; a tenth of a core / 76
    assert "holds one of 1 slots for 13.2 ms: 8.36 ms at the database, 1.32 ms of CPU, and 3.48 ms" in told
    assert "Explained: slots would allow 103." in told
    assert "What would make it faster: More slots" in told


def test_a_capped_row_is_at_least_so_fast() -> None:
    """Nothing in the server would make it faster, and the model's least bound is the load."""
    told = text_of(evidence(rps=224, stack="async-uvicorn", duration_ms=10, activity=IDLE))
    assert "did at least 224.0 requests/s" in told
    assert "93 % of the load's ceiling of 240.0/s" in told
    assert "Explained: load would allow" in told
    assert "offer more load" in told


def test_without_telemetry_it_says_what_is_not_known() -> None:
    """No figure is made up."""
    told = text_of(evidence(rps=76))
    assert "no telemetry tells how busy hosts and services were" in told
    assert "its rate cannot be explained" in told
    assert "ms of CPU" not in told


def test_a_void_row_says_so_first() -> None:
    """Errors and their remedy are told, with the command to type."""
    told = text_of(evidence(failed_requests=3, activity=IDLE))
    assert "This is not to be believed: errors." in told
    assert "./collect.py k6 sync-gunicorn-w1-db25" in told


def test_a_failed_row_says_why_there_is_nothing_to_explain() -> None:
    """Its codes are all that is known."""
    failed = Cell(evidence().planned, (Trial("a-r1", "a", None, failure=("app-gone",)),))
    assert text_of(failed) == "sync-gunicorn-w1-db25 was not measured to its end: app-gone."


def test_two_rows_differ_by_what_limits_them() -> None:
    """The ratio, each one's limit, what a request costs on each, and what each works on at once."""
    slow = evidence(rps=76, duration_ms=95, activity=IDLE)
    fast = evidence(rps=224, stack="async-uvicorn", duration_ms=10, activity=IDLE)
    told = text_of(slow, fast)
    assert (
        "async-uvicorn-w1-db25 did 224.0 requests/s, sync-gunicorn-w1-db25 76.0: 2.95 times the rate." in told
    )
    assert "sync-gunicorn-w1-db25 is limited by: app slots" in told
    assert "async-uvicorn-w1-db25 is limited by: load model" in told
    assert "They differ in mode: async and sync." in told
    assert "The load, not the server, set one of the rates" in told
    assert text_of(fast, slow) == told


def test_one_of_two_that_is_void_is_told() -> None:
    """No ratio stands without that one of its rates is not to be believed, and which."""
    sound = evidence(rps=76, duration_ms=95, activity=IDLE)
    told = text_of(named(evidence(failed_requests=3, activity=IDLE), "b"), sound)
    assert "b is not to be believed: errors." in told
    assert "sync-gunicorn-w1-db25 is not to be believed" not in told


def test_an_open_load_has_a_lever_of_its_own() -> None:
    """What it offers is its rate; users change nothing. One that was looked for depends on the server."""
    load = {"script": "poc", "vus": 100, "rate": 100, "duration_s": 60.0, "warmup_s": 5.0}
    opened = {"stack": "async-uvicorn", "activity": IDLE, "planned": {"load": load, "ceiling_rps": None}}
    told = text_of(evidence(rps=100, **opened))
    assert "offer more, by -e rate=." in told
    assert "without a pause" not in told
    search = {
        "rate": 100,
        "probes": [{"rate": 100, "vus": 41, "seconds": 60.0, "confirms": True}],
        "seconds": 71.0,
    }
    opened["planned"] = {"load": load | {"rate": None}, "ceiling_rps": None}
    told = text_of(evidence(rps=100, **opened, told={"capacity": search}))
    assert "keep the service level at higher rates" in told
    assert "-e rate=" not in told


def test_without_a_successful_request_telemetry_is_not_blamed() -> None:
    """There is no rate, and that is why nothing explains it."""
    told = text_of(evidence(rps=0, failed_requests=9, activity=IDLE))
    assert "No request succeeded in the window" in told
    assert "No telemetry" not in told


def test_two_alike_are_not_shown_to_differ() -> None:
    """Where the ratio's interval has 1 nothing is claimed, nor where there is none."""
    one = evidence(rps=76, duration_ms=95, activity=IDLE, separations=TOGETHER)
    blocks = Blocks({("a", 1): 76.0, ("a", 2): 75.0, ("b", 1): 75.0, ("b", 2): 76.0})
    told = text_of(one, named(one, "b"), blocks.ratio("a", "b"))
    assert "times (95 %): they are not shown to differ." in told
    assert "fewer than two blocks have a good trial of both" in text_of(one, named(one, "b"))
    assert "ms of CPU in the app in" not in told


def test_the_ratio_is_that_of_the_faster_one() -> None:
    """Whichever is named first: twice the rate within blocks, to one digit more than the rates say."""
    fast, slow = evidence(rps=80, activity=IDLE), named(evidence(rps=40, activity=IDLE), "b")
    blocks = Blocks({("a", 1): 80.0, ("a", 2): 82.0, ("b", 1): 40.0, ("b", 2): 40.9})
    ratio = blocks.ratio("a", "b")
    assert ratio is not None
    told = text_of(fast, slow, ratio)
    assert f"Within blocks it is {ratio.interval.low:.2f} to {ratio.interval.high:.2f} times (95 %)." in told
    assert text_of(slow, fast, ratio.inverse()) == told


def test_an_open_load_is_compared_by_its_latency() -> None:
    """The ratio is that of 1 ÷ p95, and no rate: equal rates are not said to be twice as high."""
    one, other = evidence(rps=60, activity=IDLE), named(evidence(rps=60, activity=IDLE), "b")
    blocks = Blocks({("a", 1): 1 / 20, ("a", 2): 1 / 21, ("b", 1): 1 / 40, ("b", 2): 1 / 41.9})
    ratio = blocks.ratio("a", "b")
    assert ratio is not None
    told = " ".join(explain.two(one, other, ratio, latency="p95"))
    assert "The load offers that rate. Within blocks the p95 of sync-gunicorn-w1-db25 is 0.4" in told
    assert "times that of b (95 %)." in told
    assert "Within blocks it is" not in told


def test_what_the_table_does_not_tell_apart_is_said() -> None:
    """A pair by itself differs; among all pairs of the group it does not, and both stand in the sentence."""
    fast, slow = evidence(rps=80, activity=IDLE), named(evidence(rps=40, activity=IDLE), "b")
    ratio = Blocks({("a", 1): 80.0, ("a", 2): 82.0, ("b", 1): 40.0, ("b", 2): 40.9}).ratio("a", "b")
    told = " ".join(explain.two(fast, slow, ratio, told_apart=False))
    assert "among all pairs of its group the table does not tell them apart." in told
    assert "among all pairs" not in " ".join(explain.two(fast, slow, ratio, told_apart=True))


def test_why_nothing_tells_a_ratio_is_told_rightly() -> None:
    """Void rows and other loads are not short of blocks; a trial that answered nothing is named."""
    sound = evidence(rps=76, activity=IDLE)
    assert "fewer than two blocks" not in text_of(
        named(evidence(failed_requests=3, activity=IDLE), "b"), sound
    )
    load = sound.planned["load"] | {"vus": 64}
    other = replace(named(sound, "b"), planned={**sound.planned, "cell": "b", "load": load})
    assert "fewer than two blocks" not in text_of(sound, other)
    told = text_of(sound, named(evidence(rps=0, activity=IDLE), "b"))
    assert "chance: a trial of b answered nothing in its window." in told
