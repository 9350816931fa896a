"""What telemetry costs: one cell measured with and without it, in turns, and the ratio of the two rates.

A pair is a run with and a run without, of which every other pair has the second first: what drifts slowly
hits both alike. The ratio is the mean of the pairs' logarithms, its interval is Student's over pairs. Needs a
checkout after make setup, and what the cell needs deployed: bench.yml with the same arguments, once. All
further arguments go to playbooks/measure.yml.

    .venv/bin/ansible-playbook bench.yml -e only=async-uvicorn -e workers=1 -e vus=32
    .venv/bin/python benchmarks/telemetry_cost.py --pairs 10 -e only=async-uvicorn -e workers=1 -e vus=32 \
        -e duration=10s -e warmup=2s
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from scipy.stats import t as student

ROOT = Path(__file__).resolve().parents[1]
CONFIDENCE = 0.95


def measure(run_id: str, arguments: Sequence[str], *, telemetry: bool) -> dict[str, Any]:
    """Measure the cell once; return its table."""
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "playbooks/measure.yml", *arguments]
    command += ["-e", f"telemetry={str(telemetry).lower()}", "-e", f"run_id={run_id}"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    command = [str(Path(sys.executable)), "collect.py", "table", "--run", run_id, "--format", "json"]
    # 2 tells of a row without a believable rate, which the table names
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not made.stdout:
        sys.exit(f"{' '.join(command)} failed:\n{made.stderr}")
    return dict(json.loads(made.stdout))


def rate(table: dict[str, Any]) -> float:
    """Return the rate of the only row."""
    if len(table["rows"]) != 1 or not table["rows"][0]["rps"]:
        sys.exit(
            f"{table['run_id']} has {len(table['rows'])} rows, or no rate; allowed: one cell that is measured"
            f"; type: ./collect.py table --run {table['run_id']}"
        )
    return float(table["rows"][0]["rps"])


def interval(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Return the geometric mean of paired ratios, and both ends of its interval."""
    logs = [math.log(ratio) for ratio in ratios]
    half = float(student.ppf((1 + CONFIDENCE) / 2, len(logs) - 1)) * stdev(logs) / math.sqrt(len(logs))
    return math.exp(fmean(logs)), math.exp(fmean(logs) - half), math.exp(fmean(logs) + half)


def main() -> None:
    """Measure the pairs, and print each and what comes of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--pairs", type=int, default=10, help="runs with and without, at least 2 (default 10)"
    )
    options, arguments = parser.parse_known_args()
    if options.pairs < 2:
        parser.error(f"--pairs is {options.pairs}; allowed: 2 or more, since one has no interval")
    ratios: list[float] = []
    shares: dict[str, list[float]] = {}
    harness: dict[bool, list[float]] = {True: [], False: []}
    for pair in range(options.pairs):
        rates = {}
        for telemetry in ((True, False), (False, True))[pair % 2]:
            run_id = f"telemetry-cost-{os.getpid()}-{pair}-{'with' if telemetry else 'without'}"
            table = measure(run_id, arguments, telemetry=telemetry)
            rates[telemetry] = rate(table)
            harness[telemetry].append(table["harness_seconds_per_trial"])
            for one in table["telemetry"]:
                shares.setdefault(one["host"], []).append(one["cpu_share"])
        ratios.append(rates[True] / rates[False])
        print(
            f"pair {pair + 1}: {rates[True]:.1f} with, {rates[False]:.1f} without, ratio {ratios[-1]:.4f}",
            flush=True,
        )
    mean, low, high = interval(ratios)
    print(
        f"with ÷ without: {mean:.4f}, {CONFIDENCE:.0%} interval {low:.4f} to {high:.4f} ({len(ratios)} pairs)"
    )
    for host, found in shares.items():
        print(f"{host}: the sampler took {fmean(found):.2%} of a core (at most {max(found):.2%})")
    for telemetry, seconds in harness.items():
        name = "with" if telemetry else "without"
        print(f"harness {name}: {fmean(seconds):.2f} s per trial, the stage's own included")


if __name__ == "__main__":
    main()
