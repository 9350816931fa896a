"""Where the tests of the page find a browser, and how one gets onto a machine that has none."""

from __future__ import annotations

import os
import shutil
import subprocess

OPTIONS = ("--no-sandbox", "--disable-background-networking")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REMEDY = (
    "no Chromium was found (tried: {names}), so that nothing looks at the report page in a browser; "
    "remedy, Debian: apt install chromium; Ubuntu: snap install chromium; "
    "macOS: brew install --cask chromium; or a path to one in CHROMIUM"
)


def find() -> str | None:
    """Return the path of the browser that is there, the one of $CHROMIUM first."""
    named = os.environ.get("CHROMIUM")
    return next(
        (found for name in (*([named] if named else ()), *NAMES) if (found := shutil.which(name))), None
    )


def installed() -> str | None:
    """Return a browser's path; where this is root on Debian it is installed first."""
    if not find() and os.geteuid() == 0 and shutil.which("apt-get"):
        _install()
    return find()


def _install() -> None:
    """Install Debian's; where its list of packages is old, or none, with a new one."""
    command = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", "install", "--no-install-recommends"]
    quietly = {"DEBIAN_FRONTEND": "noninteractive", **os.environ}
    for before in ([], ["apt-get", "-q", "update"]):
        if before:
            subprocess.run(before, check=False, capture_output=True, env=quietly, timeout=300)
        if not subprocess.run(
            [*command, "chromium"], check=False, capture_output=True, env=quietly
        ).returncode:
            return
