"""Telemetry of whole runs on this machine: what is sampled, and what a sampler's death costs."""

from __future__ import annotations

import pytest
from localhost_processes import HOME, PORTS, kill, measuring, processes
from playbook_runs import MEASURE, Bench, deploy
from watched_runs import LIMIT_S, started, wait_for

pytestmark = pytest.mark.localhost

ONE_CELL = ("-e", "only=async-uvicorn", "-e", "workers=1", "-e", "warmup=1s", "-e", "duration=4s", *PORTS)
CELL = "async-uvicorn-w1-db25"


@pytest.fixture(scope="module", autouse=True)
def _deployed() -> None:
    """Deploy the one cell once."""
    deploy("-e", "matrix=quick", *ONE_CELL)


def test_a_sampler_that_dies_costs_columns_and_no_trial(bench: Bench) -> None:
    """One is killed while the second of three trials measures: that one is good and lacks its figures alone.

    The next trial starts another, and at the end none is left. What the first and the third saw is that of a
    service that worked: CPU of app, k6 and database, one worker, connections of k6.
    """
    with started(bench, *ONE_CELL, "-e", "repeats=3", stage=MEASURE) as process:
        wait_for(process, measuring(bench, f"{CELL}-r2"), "the second trial")
        kill("telemetry/sampler.pyz")
        assert process.wait(LIMIT_S) == 0
    assert processes() == {}
    assert bench.tabulate().returncode == 0
    records = [bench.read(f"trials/{CELL}-r{repeat}/record.json") for repeat in (1, 2, 3)]
    assert [record["status"] for record in records] == ["ok"] * 3
    [first, second, third] = [record["telemetry"]["localhost"] for record in records]
    assert second["activity"] is None
    assert second["lost"] == "the sampler had died"
    assert [one["began_anew"] for one in (first, second, third)] == [True, False, True]
    for sampled in (first, third):
        assert sampled["lost"] is None
        assert len(sampled["series"]) < 50_000
        activity = sampled["activity"]
        assert (activity["seconds"], len(activity["core_busy"])) == (4.0, activity["cpus"])
        assert activity["connections_opened"] is not None
        services = activity["services"]
        assert set(services) == {"load", "app", "db"}
        assert all(service["cpu_s"] > 0 for service in services.values())
        assert services["app"]["processes"] == 1
        assert services["app"]["pids_before"] == services["app"]["pids_after"]
    table = bench.read("summary.json")
    [sampler] = table["telemetry"]
    assert sampler["trials_lost"] == 1
    assert sampler["cpu_share"] < 0.01
    cost = table["rows"][0]["cost"]
    assert 0 < cost["app_busiest_process_share"] <= 1.1
    assert 0 < cost["app_cpu_ms_per_request"] < 1000


@pytest.mark.long
def test_without_telemetry_nothing_is_sampled(bench: Bench) -> None:
    """No process is started, records say null, and the table has no column of cost."""
    samples = HOME / "telemetry" / "samples"
    samples.unlink(missing_ok=True)
    done = bench.run(*ONE_CELL, "-e", "telemetry=false", stage=MEASURE)
    assert done.returncode == 0, done.stdout[-4000:]
    assert not samples.exists()
    assert bench.read(f"trials/{CELL}-r1/record.json")["telemetry"] is None
    assert bench.read("plan.json")["parameters"]["telemetry"] is False
    assert bench.tabulate().returncode == 0
    assert bench.read("summary.json")["rows"][0]["cost"] is None
    assert "app CPU" not in (bench.directory / "table.md").read_text()
