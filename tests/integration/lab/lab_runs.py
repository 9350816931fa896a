"""What the lab's tests share: runs in it, what runs on its hosts, and a network that can be cut."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import watched_runs
from playbook_runs import LAB_INVENTORY, Bench, Lab

CUT = "tripod_test_cut"


def started(
    bench: Bench, *arguments: str, stage: str = "bench.yml"
) -> AbstractContextManager[subprocess.Popen[str]]:
    """Start a run in the lab that can be watched."""
    return watched_runs.started(bench, *LAB_INVENTORY, *arguments, stage=stage)


def on_load_host(lab: Lab, bench: Bench, trial: str) -> Path:
    """Return the trial's directory on the load host, as this machine sees it."""
    return lab.root("tripod-load") / "opt/tripod/runs" / bench.run_id / trial


def services() -> dict[int, str]:
    """Return PID → command line of what runs out of /opt/tripod on the lab's hosts."""
    here = Path("/proc/self/ns/pid").readlink()
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            there = (process / "ns/pid").readlink()
        except OSError:
            continue  # it has ended
        if "/opt/tripod/" in line and there != here:
            found[int(process.name)] = line
    return found


@contextmanager
def cut(chain: str, family: str) -> Iterator[None]:
    """Filter packets on this machine by a chain of nft's, in a table that goes again whatever happens."""
    mend()
    nft(f"table {family} {CUT} {{\n{chain}\n}}\n")
    try:
        yield
    finally:
        mend()


def mend() -> None:
    """Remove every cut, also one that a killed test run left: no host of the lab could be logged in to."""
    # Adding before deleting makes it right also where there is no such table.
    nft("".join(f"add table {family} {CUT}\ndelete table {family} {CUT}\n" for family in ("ip", "bridge")))


def nft(rules: str) -> None:
    """Load rules; wrong ones raise."""
    subprocess.run(["nft", "-f", "-"], input=rules, text=True, check=True)


def no_ssh(address: str) -> AbstractContextManager[None]:
    """Take a host away from Ansible: open connections break, new ones get no answer."""
    chain = f"""chain out {{
        type filter hook output priority filter;
        ip daddr {address} tcp dport 22 tcp flags & (syn | ack) == syn drop
        ip daddr {address} tcp dport 22 reject with tcp reset
    }}"""
    return cut(chain, "ip")


def no_answer(address: str) -> AbstractContextManager[None]:
    """Let nothing reach a host any more: open connections stay open, and nobody answers."""
    return cut(f"chain out {{ type filter hook output priority filter; ip daddr {address} drop; }}", "ip")


def closed_port(source: str, target: str, port: int) -> AbstractContextManager[None]:
    """Let the bridge carry nothing from a host to a port of another."""
    chain = f"""chain between {{
        type filter hook forward priority filter;
        ip saddr {source} ip daddr {target} tcp dport {port} drop
    }}"""
    return cut(chain, "bridge")
