"""What tabulating a run of many trials takes: wall time and memory of `collect.py table`.

It makes a run of as many trials as are asked for, by repeating those of a run that was measured. The
latencies of each copy are stretched by a little: trials never repeat each other's values, with which a merge
would be quick. Needs a checkout after make setup, and a run with its trials.

    .venv/bin/python benchmarks/table_speed.py results/latest 1600
"""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TIMES = 5
SEED = 1


def multiplied(run: Path, into: Path, trials: int) -> int:
    """Write a run of about so many trials of the cells of `run` that were measured, and return how many."""
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    measured = _measured(run, plan)
    if not measured:
        sys.exit(f"{run} has no trial that was measured to its end")
    repeats = -(-trials // len(measured))
    plan["cells"] = [cell for cell in plan["cells"] if cell["cell"] in measured]
    plan["trials"] = [
        {"trial": f"{cell}-r{repeat}", "cell": cell, "repeat": repeat}
        for repeat in range(1, repeats + 1)
        for cell in measured
    ]
    _write(into / "plan.json", plan)
    _write(into / "hosts.json", json.loads((run / "hosts.json").read_text(encoding="utf-8")))
    end = {
        "format": 1,
        "run_id": plan["run_id"],
        "outcome": "completed",
        "measure_started_at": None,
        "measure_ended_at": None,
        "ended_at": plan["created_at"],
        "message": None,
    }
    _write(into / "end.json", end)
    stretch = random.Random(SEED)
    for cell, sources in measured.items():
        for repeat in range(1, repeats + 1):
            source = sources[repeat % len(sources)]
            folder = into / "trials" / f"{cell}-r{repeat}"
            folder.mkdir(parents=True)
            record = json.loads((source / "record.json").read_text(encoding="utf-8"))
            _write(folder / "record.json", record | {"trial": folder.name, "repeat": repeat})
            summary = json.loads(gzip.decompress((source / "k6.json.gz").read_bytes()))
            _stretch(summary, stretch.uniform(0.97, 1.03))
            (folder / "k6.json.gz").write_bytes(gzip.compress(json.dumps(summary).encode()))
    return len(plan["trials"])


def _measured(run: Path, plan: Mapping[str, Any]) -> dict[str, list[Path]]:
    """Return cell → the directories of its trials that have both files."""
    found: dict[str, list[Path]] = {}
    for trial in plan["trials"]:
        folder = run / "trials" / trial["trial"]
        if all((folder / name).exists() for name in ("record.json", "k6.json.gz")):
            found.setdefault(trial["cell"], []).append(folder)
    return found


def _stretch(summary: Mapping[str, Any], by: float) -> None:
    for metric in summary["metrics"].values():
        if metric["type"] == "trend":
            metric["values"] |= {key: value * by for key, value in metric["values"].items() if key != "count"}


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def timed(results: Path) -> Iterator[tuple[float, float]]:
    """Tabulate again and again; give seconds, and the most resident memory in MB."""
    command = [sys.executable, str(ROOT / "collect.py"), "table", "--results", str(results)]
    # bytecode is kept, as it is wherever nobody forbids it
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(TIMES):
        began = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as process:
            _, _, used = os.wait4(process.pid, 0)
            process.returncode = 0
        unit = 1 if sys.platform == "darwin" else 1024
        yield time.monotonic() - began, used.ru_maxrss * unit / 2**20


def main() -> None:
    """Make the run, tabulate it, and tell what that took."""
    run, trials = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1600
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "multiplied"
        made.mkdir()
        count = multiplied(run, made, trials)
        size_mb = sum(path.stat().st_size for path in made.rglob("*")) / 2**20
        print(f"{count} trials of {run.resolve().name}, {size_mb:.0f} MB")
        for number, (seconds, memory_mb) in enumerate(timed(Path(folder)), 1):
            print(f"{number}: {seconds:.2f} s, {memory_mb:.0f} MB")


if __name__ == "__main__":
    main()
