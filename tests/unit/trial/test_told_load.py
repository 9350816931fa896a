"""What k6 is told of a cell's load."""

from __future__ import annotations

from typing import Any

from trial_cell import CELL

from tripod.trial import told

HERE = told.Here("load", ("load",), "/opt/tripod", "systemd", "lease", k6="/opt/k6")


def environments(load: dict[str, Any]) -> list[dict[str, str]]:
    """Return what each k6 process of a trial under this load is told."""
    trial = told.Trial(
        name="t",
        repeat=1,
        number=1,
        of=1,
        cell=CELL | {"load": load},
        run_id="r",
        legs={"load": ("load",), "app": ("app",), "db": ("db",)},
        endpoints={"app": {"address": "10.0.0.2", "port": 8000}},
    )
    found = [phase["environment"] for phase in told.phases(trial, HERE)]
    return [{name: of for name, of in each.items() if name.startswith("TRIPOD_")} for each in found]


def test_a_load_of_an_earlier_plan_is_what_it_was() -> None:
    """Closed, with the workload's own pause and routes, over kept connections."""
    warmup, measure = environments(CELL["load"])  # type: ignore[arg-type]
    assert (warmup["TRIPOD_DURATION_S"], measure["TRIPOD_DURATION_S"]) == ("2", "5")
    assert (measure["TRIPOD_SHAPE"], measure["TRIPOD_VUS"]) == ("constant-vus", "10")
    assert not {f"TRIPOD_{name}" for name in ("RATE", "SLO_MS", "PAUSE_S", "ROUTE", "KEEPALIVE")} & set(
        measure
    )


def test_an_open_load_is_told_whole() -> None:
    """Rate, service level, users, pause, route and connections all reach warm-up and measurement."""
    load = {
        "script": "poc",
        "shape": "constant-arrival-rate",
        "vus": 20,
        "rate": 60,
        "slo_ms": 100,
        "pause_s": 0.0,
        "route": "api",
        "keepalive": False,
        "duration_s": 5.0,
        "warmup_s": 2.0,
    }
    for told_ in environments(load):
        assert told_["TRIPOD_SHAPE"] == "constant-arrival-rate"
        assert [told_[f"TRIPOD_{name}"] for name in ("RATE", "SLO_MS", "VUS")] == ["60", "100", "20"]
        assert [told_[f"TRIPOD_{name}"] for name in ("PAUSE_S", "ROUTE", "KEEPALIVE")] == [
            "0",
            "api",
            "false",
        ]
