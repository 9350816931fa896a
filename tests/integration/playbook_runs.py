"""The real playbooks of this checkout: run to their end, on this machine and on the lab."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spare_machine

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = str(Path(sys.executable).parent / "ansible-playbook")
LAB_INVENTORY = ("-i", "inventory/lab.yml")
SECOND_LOAD = ("-i", "inventory/lab-loads.yml")
MEASURE = "playbooks/measure.yml"


@dataclass
class Bench:
    """One run of the benchmark, from start to its files."""

    run_id: str

    @property
    def directory(self) -> Path:
        """Where the run's files are."""
        return ROOT / "results" / self.run_id

    def command(self, *arguments: str, stage: str = "bench.yml") -> list[str]:
        """Return the command line of a run, or of one of its stages, with these arguments.

        Each cell is measured once, unless they say otherwise.
        """
        usual = ("matrix=quick", "repeats=1", f"run_id={self.run_id}")
        return [PLAYBOOK, stage, *(part for one in usual for part in ("-e", one)), *arguments]

    def run(self, *arguments: str, stage: str = "bench.yml") -> subprocess.CompletedProcess[str]:
        """Run the benchmark, or one of its stages, to its end."""
        return playbook(*self.command(*arguments, stage=stage)[1:])

    def tabulate(self) -> subprocess.CompletedProcess[str]:
        """Do what the table stage does after a measurement that ran alone."""
        command = [sys.executable, "collect.py", "table", "--write", "--run", self.run_id]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    def k6(self, trial: str) -> Any:
        """Read what k6 summed up of a trial."""
        return json.loads(gzip.decompress((self.directory / "trials" / trial / "k6.json.gz").read_bytes()))

    def read(self, name: str) -> Any:
        """Read one of the run's files."""
        return json.loads((self.directory / name).read_text(encoding="utf-8"))


def playbook(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ansible-playbook in the checkout; on this machine it must do with what a Mac has."""
    command, environment = placed([PLAYBOOK, *arguments])
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=900
    )
    spare_machine.refuse_strange()
    return done


def placed(command: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return a command and its environment, spare where it runs on this machine alone."""
    if "playbooks/lab.yml" in command or LAB_INVENTORY[1] in command:
        return command, dict(os.environ)
    return spare_machine.limited(command), spare_machine.environment()


def deploy(*arguments: str) -> None:
    """Provision and deploy; where either fails, so does the test."""
    for stage in ("provision", "deploy"):
        done = playbook(f"playbooks/{stage}.yml", *arguments)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@dataclass(frozen=True)
class Lab:
    """The three hosts of `make lab-up`; their trees and processes can be seen from this machine."""

    hosts: dict[str, str]
    folder: Path = Path("/var/lib/tripod-lab")

    def deploy(self, cell: tuple[str, ...]) -> None:
        """Put a cell's service on the hosts, where an earlier test has not."""
        unit = self.root("tripod-app") / "etc/systemd/system/tripod-async-uvicorn-w1.service"
        if not unit.exists():
            deploy(*LAB_INVENTORY, "-e", "matrix=quick", *cell)

    def root(self, host: str) -> Path:
        """Return where a host's files are on this machine."""
        return self.folder / host

    def ssh(self, host: str, command: str) -> str:
        """Run a command on a host, over SSH as a person would; one that fails raises."""
        options = ["-o", "BatchMode=yes", "-o", f"UserKnownHostsFile={self.folder}/keys/known_hosts"]
        ssh = ["ssh", "-i", f"{self.folder}/keys/id_ed25519", *options, f"bench@{self.hosts[host]}"]
        return subprocess.run([*ssh, command], capture_output=True, text=True, check=True, timeout=60).stdout

    def nspawn(self, host: str) -> int:
        """Return the PID of the process that carries a host."""
        pattern = f"^systemd-nspawn --quiet --machine={host} --directory={self.root(host)} "
        found = subprocess.run(["pgrep", "-f", pattern], capture_output=True, text=True, check=True)
        return int(found.stdout)

    @staticmethod
    def up(loads: int = 1) -> subprocess.CompletedProcess[str]:
        """Do what `make lab-up` does, with so many load hosts."""
        done = playbook("playbooks/lab.yml", "-e", "lab_state=up", "-e", f"lab_loads={loads}")
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        return done

    @staticmethod
    def down() -> None:
        """Do what `make lab-down` does."""
        done = playbook("playbooks/lab.yml", "-e", "lab_state=down")
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def why_no_lab() -> str | None:
    """Return what keeps this machine from carrying the lab, as lab-up itself would find it."""
    if not sys.platform.startswith("linux") or shutil.which("apt-get") is None:
        return "the lab needs Debian-family Linux"
    if os.geteuid() != 0:
        return "the lab needs root"
    for check in ["kernel", *(["nspawn"] if shutil.which("systemd-nspawn") else [])]:
        able = ["sh", "roles/lab/files/able.sh", check]
        lacks = subprocess.run(able, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout
        if lacks:
            return f"the lab needs {'; '.join(lacks.splitlines())}"
    return None
