"""Telemetry of the lab's three hosts: cgroups of systemd, clocks that are compared, and nothing left."""

from __future__ import annotations

import pytest
from lab_runs import services
from playbook_runs import LAB_INVENTORY, MEASURE, Bench, Lab

pytestmark = pytest.mark.lab

CELL = ("-e", "only=async-uvicorn", "-e", "workers=1")


def test_each_host_has_its_own_sampler(lab: Lab, bench: Bench) -> None:
    """Each leg's host tells of its own service alone, by a clock that was compared; then none samples."""
    lab.deploy(CELL)
    done = bench.run(*LAB_INVENTORY, *CELL, "-e", "duration=4s", "-e", "warmup=1s", stage=MEASURE)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert services() == {}
    assert bench.tabulate().returncode == 0
    telemetry = bench.read("trials/async-uvicorn-w1-db25-r1/record.json")["telemetry"]
    assert set(telemetry) == set(lab.hosts)
    for leg in ("load", "app", "db"):
        sampled = telemetry[f"tripod-{leg}"]
        assert sampled["lost"] is None
        # They have the machine's clock: what is measured is the error of measuring.
        assert abs(sampled["clock_offset_s"]) <= sampled["clock_error_s"] < 0.1
        assert set(sampled["activity"]["services"]) == {leg}
        assert sampled["activity"]["services"][leg]["cpu_s"] > 0
        assert sampled["activity"]["bytes_sent"] > 10_000
        # Those of the machine that the host may not use are not its own.
        assert len(sampled["activity"]["core_numbers"]) == int(lab.ssh(f"tripod-{leg}", "nproc"))
    assert telemetry["tripod-load"]["activity"]["connections_opened"] is not None
    table = bench.read("summary.json")
    assert [one["trials_lost"] for one in table["telemetry"]] == [0, 0, 0]
    assert all(one["cpu_share"] < 0.01 for one in table["telemetry"])
    assert table["rows"][0]["cost"]["db_cpu_ms_per_request"] > 0
