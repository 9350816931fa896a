"""What a trial costs when there are many: seconds before the first, memory, and whether the last cost more.

Its trials are refused at once, since no service of theirs was deployed: what is left is the harness. Needs a
checkout after make setup and make bench, and takes about a second for each trial.

    .venv/bin/python benchmarks/many_trials.py 16 160
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import psutil

ROOT = Path(__file__).resolve().parents[1]
CELLS = 16
MATRIX = f"""
name: refused
extends: quick
db_sleep: [59]
stacks:
  - name: ghost
    mode: async
    workers: {list(range(1, CELLS + 1))}
    command: "uvicorn --workers {{workers}} ghost:app"
"""
RUN_ID = "many-trials"
TICK_S = 0.1


def memory(process: psutil.Process) -> tuple[int, int]:
    """Return resident bytes of ansible-playbook itself, and of it and its forks together."""
    own, every = 0, 0
    for one in [process, *process.children(recursive=True)]:
        try:
            if "ansible-playbook" in " ".join(one.cmdline()):
                every += one.memory_info().rss
                own = own or every
        except psutil.Error:
            continue
    return own, every


def measure(trials: int) -> dict[str, float]:
    """Run so many refused trials and return what they cost."""
    results = ROOT / "results" / RUN_ID
    shutil.rmtree(results, ignore_errors=True)
    peaks = (0, 0)
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as matrix:
        matrix.write(MATRIX)
        matrix.flush()
        options = [f"matrix={matrix.name}", f"repeats={trials // CELLS}", f"run_id={RUN_ID}"]
        command = [".venv/bin/ansible-playbook", "playbooks/measure.yml"]
        command += [part for option in options for part in ("-e", option)]
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            with subprocess.Popen(command, cwd=ROOT, stdout=said) as playbook:
                while playbook.poll() is None:
                    try:
                        peaks = tuple(map(max, peaks, memory(psutil.Process(playbook.pid))))
                    except psutil.Error:
                        break
                    time.sleep(TICK_S)
            if not (results / "end.json").exists():
                said.seek(0)
                sys.exit(f"The run has no end: {said.read()}")
    records = [json.loads(path.read_text()) for path in results.glob("trials/*/record.json")]
    begun = sorted(datetime.fromisoformat(record["started_at"]).timestamp() for record in records)
    end = json.loads((results / "end.json").read_text())
    shutil.rmtree(results)
    apart = [later - earlier for earlier, later in pairwise(begun)]
    quarter = max(len(apart) // 4, 1)
    return {
        "trials": len(records),
        "before the first, s": begun[0] - datetime.fromisoformat(end["measure_started_at"]).timestamp(),
        "each of the first quarter, s": fmean(apart[:quarter]),
        "each of the last quarter, s": fmean(apart[-quarter:]),
        "ansible-playbook, MB": peaks[0] / 1e6,
        "with its forks, MB": peaks[1] / 1e6,
    }


def main() -> None:
    """Print a line for each number of trials."""
    os.environ["OBJC_DISABLE_INITIALIZE_FORK_SAFETY"] = "YES"
    heading = None
    for trials in map(int, sys.argv[1:] or ["16", "160"]):
        figures = measure(trials)
        if heading is None:
            heading = list(figures)
            print("  ".join(heading))
        print("  ".join(f"{figures[name]:{len(name)}.2f}" for name in heading), flush=True)


if __name__ == "__main__":
    main()
