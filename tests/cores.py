"""Run what holds the plugins to Ansible's private interfaces, on every Ansible that uv.lock has.

`make test-cores` calls it. A core needs a Python that it knows: each gets an environment of its own, below
.cores/, with the newest Python of this machine that it can be installed for.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UV = str(ROOT / ".venv" / "bin" / "uv")
PYTHONS = ("3.14", "3.13", "3.12", "3.11")
TESTS = (
    "tests/integration/test_callbacks.py",
    "tests/integration/test_output.py",
    "tests/integration/test_localhost.py",
    "tests/integration/test_faults.py::test_an_interrupted_run_leaves_nothing_and_loses_nothing",
)


def ansibles() -> list[str]:
    """Return the versions of Ansible that the lock has, for one Python or another."""
    with (ROOT / "uv.lock").open("rb") as file:
        packages = tomllib.load(file)["package"]
    return sorted(package["version"] for package in packages if package["name"] == "ansible")


def made(version: str) -> Path | None:
    """Return an environment with this Ansible, all else as locked; None where no Python here can have it."""
    environment = ROOT / ".cores" / f"ansible-{version}"
    uv = os.environ | {"UV_PROJECT_ENVIRONMENT": str(environment)}
    for python in PYTHONS:
        steps = (
            ("venv", "-q", "--clear", "--python", python, str(environment)),
            ("sync", "-q", "--locked", "--all-groups", "--python", python),
            ("pip", "install", "-q", "--python", str(environment), f"ansible=={version}"),
        )
        if all(_worked([UV, *step], uv) for step in steps):
            return environment
    return None


def _worked(command: list[str], environment: dict[str, str]) -> bool:
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode != 0:
        print(f"{' '.join(command[1:])}: {(done.stderr.strip().splitlines() or ['failed'])[0]}", flush=True)
    return done.returncode == 0


def main() -> int:
    """Run the tests on one after the other; return 1 where one failed, or could not be made."""
    failed = []
    for version in ansibles():
        environment = made(version)
        if environment is None:
            print(
                f"ansible {version}: no Python of this machine can have it; looked for {', '.join(PYTHONS)}"
            )
            failed.append(version)
            continue
        subprocess.run([environment / "bin" / "ansible", "--version"], cwd=ROOT, check=True, timeout=60)
        tests = [environment / "bin" / "python", "-m", "pytest", "-p", "no:xdist", *(sys.argv[1:] or TESTS)]
        if subprocess.run(tests, cwd=ROOT, check=False, timeout=1800).returncode != 0:
            failed.append(version)
    print(f"Failed on ansible {', '.join(failed)}" if failed else "All passed.", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
