#!/usr/bin/env python3
"""The command line for results: pull, tabulate, show k6's own block, list the runs. See ./collect.py --help.

This file must be readable by any Python 3, since it may be started by the system's: it changes over to the
environment beside it and leaves the rest to `tripod.cli`.
"""

import gc
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"


def use_environment() -> None:
    """Start again with the environment's Python, unless it is the one that runs."""
    python = ENVIRONMENT / "bin" / "python"
    if os.access(str(python), os.X_OK) and Path(sys.prefix).resolve() != ENVIRONMENT.resolve():
        os.execv(python, [str(python), __file__, *sys.argv[1:]])  # noqa: S606 - no shell is wanted


def main() -> int:
    """Run the command and return its exit code."""
    use_environment()
    try:
        from tripod.cli.main import run  # noqa: PLC0415 - not importable before the change of environment
    except ImportError as error:
        lacking = f"{ENVIRONMENT} lacks it" if ENVIRONMENT.exists() else f"there is no {ENVIRONMENT}"
        print(f"collect.py: {error}; {lacking}; type: make setup", file=sys.stderr)
        return 1
    # what is read of a run lives until the end: looking for garbage in it would take an eighth of the time
    gc.disable()
    return run(ROOT)


if __name__ == "__main__":
    sys.exit(main())
