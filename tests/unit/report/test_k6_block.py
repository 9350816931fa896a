"""k6's block as text."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from run_files import K6

from tripod.report.k6_block import human, k6_block

SCRIPT = """
import http from 'k6/http';
import {{ check }} from 'k6';
export const options = {{
  vus: 2,
  iterations: 40,
  thresholds: {{ 'http_req_duration{{name:home}}': ['max>=0'] }},
}};
export default function () {{
  check(http.get('{url}/', {{ tags: {{ name: 'home' }} }}), {{ 'status is 200': (r) => r.status === 200 }});
}}
"""


def as_handled(exported: dict[str, Any]) -> dict[str, Any]:
    """Return a `--summary-export` file in the form of handleSummary's data.

    The export has the same numbers without type and unit, which k6's metric names tell; its rates call the
    share `value`.
    """
    metrics = {}
    for name, values in exported["metrics"].items():
        numbers = {key: value for key, value in values.items() if key != "thresholds"}
        if "avg" in numbers:
            kind, contains = "trend", "time"
        elif "passes" in numbers:
            kind, contains = "rate", "default"
            numbers["rate"] = numbers.pop("value")
        elif "count" in numbers:
            kind, contains = "counter", "data" if name.startswith("data_") else "default"
        else:
            kind, contains = "gauge", "default"
        metrics[name] = {"type": kind, "contains": contains, "values": numbers}
    return {"metrics": metrics}


def test_block_is_what_k6_prints(app_url: str, tmp_path: Path) -> None:
    """The block has k6's own lines: same names, order, padding and rounding as k6 prints in its older form.

    Two things are taken out before comparing: the marks of thresholds, of which Tripod has none that decide
    anything, and the two counts of a rate: the write-up's k6 printed `✓ 0 ✗ 40`, this one `0 out of 40`.
    """
    script, export = tmp_path / "script.js", tmp_path / "export.json"
    script.write_text(SCRIPT.format(url=app_url), encoding="utf-8")
    options = ["--summary-mode=legacy", f"--summary-export={export}", "--no-usage-report", "--address", ""]
    done = subprocess.run(
        [K6, "run", *options, str(script)], check=True, capture_output=True, text=True, timeout=60
    )
    printed = [line[5:].replace("✓ {", "  {") for line in done.stdout.splitlines() if "..: " in line]
    printed = [re.sub(r"(%)\s+\d+ out of \d+$", r"\1", line).rstrip() for line in printed]
    block = k6_block(as_handled(json.loads(export.read_text(encoding="utf-8")))).splitlines()
    assert [re.sub(r"(%)\s+✓ \d+\s+✗ \d+$", r"\1", line) for line in block] == [
        re.sub(r"^  {2}( *{)", r"  \1", line) for line in printed
    ]
    assert len(block) > 15


def metric(kind: str, contains: str, **values: float) -> dict[str, Any]:
    """Return a metric of k6's summary."""
    return {
        "type": kind,
        "contains": contains,
        "values": {key.replace("_", ""): v for key, v in values.items()},
    }


def trend(values: list[float]) -> dict[str, Any]:
    """Return a trend with the six statistics of the block."""
    names = ("avg", "min", "med", "max", "p(90)", "p(95)")
    return {"type": "trend", "contains": "time", "values": dict(zip(names, values, strict=True))}


WRITE_UP = """\
data_received..................: 1.6 MB 26 kB/s
http_req_blocked...............: avg=6.21ms   min=123µs med=321µs   max=6.71s p(90)=690µs    p(95)=828.39µs
http_req_duration..............: avg=103.57ms min=878µs med=69.05ms max=4.55s p(90)=239.16ms p(95)=258.5ms
  { expected_response:true }...: avg=103.57ms min=878µs med=69.05ms max=4.55s p(90)=239.16ms p(95)=258.5ms
http_req_failed................: 0.00%  ✓ 0         ✗ 4197
http_reqs......................: 4197   69.804625/s
vus............................: 10     min=10      max=10
"""


def test_block_is_as_in_the_write_up() -> None:
    """Some of the first write-up's own lines come out letter for letter from their values."""
    metrics = {
        "http_req_duration": trend([103.57, 0.878, 69.05, 4550, 239.16, 258.5]),
        "http_req_duration{expected_response:true}": trend([103.57, 0.878, 69.05, 4550, 239.16, 258.5]),
        "http_req_blocked": trend([6.21, 0.123, 0.321, 6710, 0.690, 0.82839]),
        "http_req_failed": metric("rate", "default", rate=0, passes=0, fails=4197),
        "http_reqs": metric("counter", "default", count=4197, rate=69.804625),
        "data_received": metric("counter", "data", count=1_600_000, rate=26_000),
        "vus": metric("gauge", "default", value=10, min=10, max=10),
    }
    assert k6_block({"metrics": metrics}).splitlines() == WRITE_UP.splitlines()


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0s"),
        (0.000522, "522ns"),
        (0.0009999, "999ns"),
        (0.82839, "828.39µs"),
        (1, "1ms"),
        (999.999, "999.99ms"),
        (1000, "1s"),
        (59_999.9, "59.99s"),
        (60_000, "1m0s"),
        (61_500, "1m1s"),
        (3_661_000, "1h1m1s"),
    ],
)
def test_times_are_truncated_as_k6_does(ms: float, text: str) -> None:
    """Times change unit at 1 µs, 1 ms, 1 s, 1 min and 1 h, and are cut off, not rounded."""
    assert human(ms, {"type": "trend", "contains": "time"}) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (9, "9 B"),
        (340_000, "340 kB"),
        (5_700, "5.7 kB"),
        (4_800_000, "4.8 MB"),
        (56_500, "57 kB"),
    ],
)
def test_sizes_are_as_k6_prints_them(size: float, text: str) -> None:
    """Sizes have one decimal below ten, count in thousands, and round halves up."""
    assert human(size, {"type": "counter", "contains": "data"}) == text


def test_failed_checks_are_named(k6_summary: dict[str, Any]) -> None:
    """A check that failed stands by its name above the metrics; checks that held do not."""
    assert k6_block(k6_summary).startswith("checks")
    group = {"checks": [{"name": "home: status is 200", "passes": 3, "fails": 1}], "groups": []}
    first = k6_block(k6_summary | {"root_group": group}).splitlines()[0]
    assert first == "✗ home: status is 200: 75%, ✓ 3 ✗ 1"


def test_real_summary_makes_a_whole_block(k6_summary: dict[str, Any]) -> None:
    """Every metric of the real summary has its line."""
    assert len(k6_block(k6_summary).splitlines()) == len(k6_summary["metrics"])
