"""Run the real k6, started exactly as Tripod starts it."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tripod.catalogue import k6
from tripod.catalogue.patience import Patience
from tripod.stats.figures import from_k6_summary

ROOT = Path(__file__).parents[2]
MAIN_JS = ROOT / "k6" / "main.js"
BINARY = Path(sys.executable).parent / "k6"


@dataclass(frozen=True)
class Outcome:
    """How one k6 process ended: exit code, log, and its summary if there is one."""

    code: int
    log: str
    stdout: str
    summary: dict[str, Any] | None

    def values(self, metric: str) -> dict[str, float]:
        """Return the values of a metric that must be in the summary."""
        assert self.summary is not None, self.log
        values: dict[str, float] = self.summary["metrics"][metric]["values"]
        return values

    def count(self, metric: str) -> int:
        """Return a counter, or the number of a trend's values."""
        return int(self.values(metric)["count"])

    def failures(self) -> dict[str, int]:
        """Return how requests failed, by kind; they must be all that failed."""
        assert self.summary is not None, self.log
        found = dict(from_k6_summary(self.summary).failures)
        assert sum(found.values()) == self.count(k6.FAILED)
        return found


async def run(script: Path, env: dict[str, str], segment: k6.Segment = k6.WHOLE) -> Outcome:
    """Run k6 with this script and environment, at most 60 s, and collect what it left."""
    process = await asyncio.create_subprocess_exec(
        *k6.command(str(BINARY), str(script), segment),
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        stdout, log = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    summary = read_summary(env.get("TRIPOD_SUMMARY"))
    return Outcome(process.returncode, log.decode(), stdout.decode(), summary)


def read_summary(path: str | None) -> dict[str, Any] | None:
    """Read k6's summary, if it has left one."""
    if path is None or not Path(path).is_file():
        return None
    data: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return data


async def load(  # noqa: PLR0913 - all by name
    port: int,
    tmp_path: Path,
    *,
    workload: str = "poc",
    vus: int = 1,
    duration_s: float = 1.0,
    patience: Patience = Patience(),  # noqa: B008 - it never changes
) -> Outcome:
    """Load 127.0.0.1:`port`, leaving the summary in `tmp_path`."""
    env = k6.environment(
        target=f"http://127.0.0.1:{port}",
        workload=workload,
        vus=vus,
        duration_s=duration_s,
        summary=str(tmp_path / "k6.json"),
        patience=patience,
    )
    return await run(MAIN_JS, env)
