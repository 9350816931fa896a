"""The sampler as a process of its own: started, asked, killed, and ended with its lease."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.tripod.k6_lock import K6Lock
from ansible.module_utils.tripod.lease import holder, place
from ansible.module_utils.tripod.telemetry import control, files, packing, samples

from tripod.catalogue.formats import LIMITS
from tripod.stats.series import Series, Window

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="psutil is the dev group's only")

LEASE = "a-lease"
LOAD = "while True: pass"


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give Tripod's directory on a host; at the end its sampler is ended."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # a socket's path is short
        monkeypatch.setattr(place, "LOCK", Path(folder) / "lock" / "lease")
        place.LOCK.parent.mkdir()
        yield folder
        control.end(folder)


@pytest.fixture
def leased(root: str) -> Iterator[socket.socket]:
    """Hold the lease."""
    where = place.directory(LEASE)
    where.mkdir()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(where / "keep"))
        door.listen(64)
        yield door
    assert root


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[bytes]]:
    """Start a service that uses a core."""
    with subprocess.Popen([sys.executable, "-c", LOAD]) as process:
        yield process
        process.kill()


def eventually(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def sampler(root: str) -> int | None:
    """Return the sampler's PID."""
    return files.Files(root).lock().holder()


@pytest.mark.usefixtures("leased")
def test_one_sampler_for_all_trials(root: str, busy: subprocess.Popen[bytes]) -> None:
    """The first trial starts it, the second only tells it; each gets its own samples, up to when it asks."""
    begun = control.watch(root, LEASE, "a-r1", {"app": ("x", busy.pid)})
    assert begun == {"started": True, "lost": None}
    pid = sampler(root)
    time.sleep(0.6)
    before_us = time.monotonic_ns() // 1000
    said = control.read(root, "a-r1")
    assert said["lost"] is None
    series = Series(said["series"])
    assert series.host.times[-1] >= before_us
    assert len(series.host.times) >= 2
    assert control.watch(root, LEASE, "a-r2", {"db": ("y", busy.pid)}) == {"started": False, "lost": None}
    assert sampler(root) == pid
    assert Series(control.read(root, "a-r2")["series"]).host.times[0] > before_us
    gone = control.read(root, "a-r1")
    assert (gone["series"], gone["lost"]) == (None, "nothing was sampled of this trial")


@pytest.mark.usefixtures("leased")
def test_a_sampler_that_dies_is_started_again(root: str, busy: subprocess.Popen[bytes]) -> None:
    """The trial in flight keeps the samples until then, and says so; the next one has a new sampler."""
    control.watch(root, LEASE, "a-r1", {"app": ("x", busy.pid)})
    pid = sampler(root)
    assert pid
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: sampler(root) is None)
    said = control.read(root, "a-r1")
    assert said["lost"] == "the sampler had died"
    assert said["series"]
    assert control.watch(root, LEASE, "a-r2", {"app": ("x", busy.pid)}) == {"started": True, "lost": None}
    assert sampler(root) != pid
    assert control.read(root, "a-r2")["lost"] is None


def test_a_sampler_ends_with_its_lease(root: str, leased: socket.socket) -> None:
    """Nobody stops it: it sees that the lease's holder is gone."""
    control.watch(root, LEASE, "a-r1", {})
    assert sampler(root)
    leased.close()
    eventually(lambda: sampler(root) is None)


def test_without_a_lease_there_is_no_sampler(root: str) -> None:
    """It ends as soon as it has started, and the trial is told so, at once."""
    begun = control.watch(root, LEASE, "a-r1", {})
    assert begun["lost"] == "the sampler did not begin"


@pytest.mark.usefixtures("leased")
def test_a_sampler_that_cannot_start_costs_no_trial(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why it could not is told, with what it said."""
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert "no sampler could be started" in control.watch(root, LEASE, "a-r1", {})["lost"]
    assert control.read(root, "a-r1")["series"] is None


@pytest.mark.parametrize("line", ["[]", "7", '["service",1]', '["host",1]', '["service",1,"app",{}]'])
def test_samples_that_nobody_understands_are_lost(root: str, line: str) -> None:
    """Reading them raises nothing, since the trial's stop comes after it; why they are lost is told."""
    there = files.Files(root)
    there.directory.mkdir()
    there.samples.write_text(f'["trial","a-r1",["x"]]\n["host",1,2,3,[4]]\n{line}\n', encoding="utf-8")
    said = control.read(root, "a-r1")
    assert said["series"] is None
    assert said["lost"].startswith("the samples cannot be read: ")


def test_a_place_that_is_taken_costs_no_trial(root: str) -> None:
    """A file where the sampler's directory should be: nothing is sampled, and why is told at both ends."""
    files.Files(root).directory.write_text("", encoding="utf-8")
    assert "FileExistsError" in control.watch(root, LEASE, "a-r1", {})["lost"]
    assert control.read(root, "a-r1")["series"] is None
    files.Files(root).directory.unlink()


@pytest.mark.usefixtures("leased")
def test_a_k6_that_stays_does_not_keep_the_sampler(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that a run left is stopped, each by itself: what could not be is named, and the rest is gone."""
    control.watch(root, LEASE, "a-r1", {})
    assert sampler(root)

    def stays(_: K6Lock) -> bool:
        raise TimeoutError("k6, which was killed, is still there")

    monkeypatch.setattr(K6Lock, "kill", stays)
    found, left = holder._stopped([{"manager": "supervisor", "root": root}])  # noqa: SLF001 - all that it does
    assert (found, left) == (True, ["k6, which was killed, is still there"])
    assert sampler(root) is None


@pytest.mark.usefixtures("leased")
def test_k6_is_followed_by_its_lock(root: str) -> None:
    """The PID of an earlier trial's k6 is not; of two in a trial the second is kept, which measures."""
    lock = K6Lock(root)
    lock.path.write_text(str(os.getpid()))
    control.watch(root, LEASE, "a-r1", {})
    ran = []
    for _ in range(2):
        held = lock.hold()
        process = subprocess.Popen([sys.executable, "-c", LOAD], pass_fds=(held,), start_new_session=True)
        os.write(held, str(process.pid).encode())
        os.close(held)
        ran.append(process.pid)
        eventually(lambda: _seen(root, ran[-1]))
        lock.kill()
        process.wait()
    lines = list(samples.lines(files.Files(root).samples))
    seen = [set(line[3]["of"]) for line in lines if line[0] == "service"]
    assert {pid for of in seen for pid in of} == {str(pid) for pid in ran}
    services = Series(control.read(root, "a-r1")["series"]).services
    assert set(services["load"]["processes_cpu_us"]) == {str(ran[1])}


def _seen(root: str, pid: int) -> bool:
    lines = list(samples.lines(files.Files(root).samples))
    return any(str(pid) in line[3]["of"] for line in lines if line[0] == "service")


def large(minutes: int) -> list[list[Any]]:
    """Return the samples of 16 cores and 17 busy processes, whose counters jitter as real ones do."""
    drawn = random.Random(1)
    names = [f"cpu{core}_{kind}_us" for core in range(16) for kind in ("user", "system", "idle", "iowait")]
    names += [f"network_{number}" for number in range(24)]
    lines: list[list[Any]] = [["trial", "a-r1", names]]
    host, used = [10**11] * len(names), [10**7] * 17
    for tick in range(4 * 60 * minutes):
        used = [value + 10_000 * drawn.randint(18, 25) for value in used]
        of = {str(4000 + number): value for number, value in enumerate(used)}
        sample = {"cpu_us": sum(used), "memory_bytes": 10**8 + 4096 * drawn.randint(0, 9)}
        time_us = 10**9 + 250_000 * tick + drawn.randint(0, 2000)
        lines.append(["service", time_us, "app", sample | {"processes": 17, "threads": 34, "of": of}])
        if tick % 4 == 0:
            host = [value + 10_000 * drawn.randint(20, 60) for value in host]
            lines.append(["host", time_us, 10**15 + time_us, 1000 * tick, host])
    return lines


def test_a_minute_of_a_large_host_takes_50_kb() -> None:
    """As the record keeps it."""
    lines = large(1)
    packed = packing.packed(lines)
    assert len(packed) <= 50_000
    [name, *_], [last, *_] = lines[0][2], [line[4] for line in lines if line[0] == "host"][-1]
    assert Series(packed).host.columns[name][-1] == last


@pytest.mark.parametrize("most", [20_000, 2_000])
def test_a_trial_of_any_length_fits_into_its_record(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Samples are left out between the first and the last, evenly: counters rise as they did."""
    assert LIMITS["record"] > 10 * packing.MOST_BYTES
    lines = large(5)
    whole = Series(packing.packed(lines))
    monkeypatch.setattr(packing, "MOST_BYTES", most)
    packed = packing.packed(lines)
    assert len(packed) <= most or len(Series(packed).host.times) == 2
    thin = Series(packed)
    times = thin.host.times
    assert (times[0], times[-1]) == (whole.host.times[0], whole.host.times[-1])
    window = Window(times[0], sum(whole.services["app"]["monotonic_us"]))
    found, expected = (
        series.activity("h", window, alone=False, clock_error_s=0).services["app"] for series in (thin, whole)
    )
    assert (found.cpu_s, found.process_cpu_s) == (expected.cpu_s, expected.process_cpu_s)
    assert (found.pids_before, found.pids_after) == (expected.pids_before, expected.pids_after)
    assert max(after - before for before, after in pairwise(times)) < 2 * (times[1] - times[0])


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    """A sampler that was killed in the midst of a line loses that line alone."""
    path = tmp_path / "samples"
    path.write_text('["trial","a-r1",[]]\n["host",1,2,3,[]]\n["service",4,"app",{}]\n["host",5,')
    assert list(samples.lines(path)) == [
        ["trial", "a-r1", []],
        ["host", 1, 2, 3, []],
        ["service", 4, "app", {}],
    ]
    assert samples.last_host_us(path) == 1


def sampled(path: Path, hours: float) -> samples.Samples:
    """Write what a sampler would in so many hours, of two cores and three services of four processes."""
    drawn = random.Random(1)
    names = [f"cpu{core}_{kind}_us" for core in range(2) for kind in ("user", "system", "idle", "iowait")]
    names += [f"network_{number}" for number in range(24)]
    there = samples.Samples(path)
    there.write(["trial", "a-r1", names])
    ticks = round(4 * 3600 * hours)
    for tick in range(ticks + 1):
        time_us = 10**9 + 250_000 * tick
        asked = tick in {0, ticks}
        if asked or tick % there.every == 0:
            for leg in ("db", "app", "load"):
                used = [10**6 + 10_000 * tick + drawn.randint(0, 2000) for _ in range(4)]
                of = {str(4000 + number): value for number, value in enumerate(used)}
                sample = {"cpu_us": 40_000 * tick, "memory_bytes": 10**8, "processes": 4, "threads": 34}
                there.write(["service", time_us, leg, sample | {"of": of}])
        if asked or tick % (4 * there.every) == 0:
            host = [10**9 + 100_000 * tick + drawn.randint(0, 9000) for _ in names]
            there.write(["host", time_us, 10**15 + time_us, 1000 * tick, host])
    return there


@pytest.mark.parametrize("most", [1 << 20, pytest.param(samples.MOST_BYTES, marks=pytest.mark.long)])
def test_a_day_of_samples_takes_no_more_than_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """On disk, in memory as it is read, and in the record; its counters and its ends are whole."""
    monkeypatch.setattr(samples, "MOST_BYTES", most)
    there = sampled(tmp_path / "samples", 24)
    there.close()
    size = (tmp_path / "samples").stat().st_size
    assert there.every > 1
    assert most / 3 < size <= most
    assert list(tmp_path.iterdir()) == [tmp_path / "samples"]
    tracemalloc.start()
    packed = packing.packed(samples.lines(tmp_path / "samples"))
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert used < 8 * most
    assert len(packed) <= packing.MOST_BYTES
    found = Series(packed)
    times = found.host.times
    assert (times[0], times[-1]) == (10**9, 10**9 + 86_400 * 10**6)
    assert samples.last_host_us(tmp_path / "samples") == times[-1]
    window = Window(times[0] + 3600 * 10**6, times[-1] - 3600 * 10**6)
    activity = found.activity("h", window, alone=False, clock_error_s=0)
    assert set(activity.services) == {"app", "db", "load"}
    for service in activity.services.values():
        assert service.cpu_s == pytest.approx(0.16 * window.seconds, rel=1e-3)
        assert set(service.process_cpu_s) == {4000, 4001, 4002, 4003}
    assert activity.edge_error_s
    assert activity.edge_error_s < 600


def test_a_trial_s_last_samples_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever the file is thinned: the ends of each kind are in it, and the next trial has all."""
    monkeypatch.setattr(samples, "MOST_BYTES", 1 << 20)
    for hours in (0.10, 0.11, 0.12, 0.13):
        sampled(tmp_path / "samples", hours).close()
        last: dict[str, list[Any]] = {}
        for line in samples.lines(tmp_path / "samples"):
            last[line[2] if line[0] == "service" else line[0]] = line
        end_us = 10**9 + round(3600 * hours * 10**6)
        assert {kind: line[1] for kind, line in last.items() if kind != "trial"} == dict.fromkeys(
            ("db", "app", "load", "host"), end_us
        )
    assert samples.Samples(tmp_path / "samples").every == 1
    assert list(samples.lines(tmp_path / "samples")) == []
