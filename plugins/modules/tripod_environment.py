#!/usr/bin/python
"""Ansible module: make a virtual environment that has exactly the packages of one lock."""

from __future__ import annotations

import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = """
module: tripod_environment
short_description: make a virtual environment with exactly the packages of one lock, verified by hash
description:
  - No module installs with uv, and the module C(pip) needs the package C(packaging) on the host, which
    Debian's minimal Python lacks.
options:
  root: {description: Tripod's directory on the host, type: path, required: true}
  name: {description: "names requirements/<name>.txt and envs/<name>; uv is the one that makes the others",
         type: str, required: true}
  requirements: {description: content of the lock, type: str, required: true}
  python: {description: the Python to make uv's environment of; the others are made of that one, type: path}
"""

_CERTIFICATE = ("CERTIFICATE_VERIFY_FAILED", "invalid peer certificate", "UnknownIssuer")
_OFFLINE = (
    "dns error",
    "Temporary failure in name resolution",
    "Connection refused",
    "timed out",
    "unreachable",
)
_REMEDIES = (
    (
        _CERTIFICATE,
        "behind a proxy that inspects TLS, name its certificates: host_ca_bundle in the inventory",
    ),
    (
        _OFFLINE,
        "the host needs to reach pypi.org; if it does so through a proxy, set it in the host's environment",
    ),
)
_SHOWN_LINES = 12


class Environment:
    """One environment below Tripod's directory, and the commands that make it."""

    def __init__(self, module: AnsibleModule) -> None:
        """Take the places from the module's parameters."""
        self._module = module
        self._root = Path(module.params["root"])
        self._name = module.params["name"]
        self._home = self._root / "envs" / self._name
        self._lock = self._root / "requirements" / f"{self._name}.txt"
        self.changed = False

    def write_lock(self) -> None:
        """Put the lock where it can be read later."""
        content = self._module.params["requirements"]
        if not self._lock.is_file() or self._lock.read_text(encoding="utf-8") != content:
            self.changed = True
            if not self._module.check_mode:
                self._lock.parent.mkdir(exist_ok=True)
                self._lock.write_text(content, encoding="utf-8")
                self._lock.chmod(0o644)

    def make(self) -> None:
        """Make the environment; make it anew if its Python has gone, or another one is wanted."""
        base = self._module.params["python"] if self._name == "uv" else str(self._root / "envs/uv/bin/python")
        python = self._home / "bin/python"
        if python.exists() and self._identity(str(python)) == self._identity(base):
            return
        self.changed = True
        if self._name == "uv":
            self._run([base, "-m", "venv", "--clear", str(self._home)])
        else:
            self._run([self._uv(), "venv", "--quiet", "--clear", "--python", base, str(self._home)])

    def _identity(self, python: str) -> str | None:
        """Return what tells a Python from others; None if it does not run."""
        code, out, _ = self._module.run_command(
            [python, "-c", "import sys; print(sys.version, sys.base_prefix)"]
        )
        return out if code == 0 else None

    def install(self) -> None:
        """Make the packages exactly those of the lock."""
        python = str(self._home / "bin/python")
        if not Path(self._uv()).exists():
            command = [python, "-m", "pip", "install"]
        elif self._name == "uv":
            # pip would take a second to find that there is nothing to do.
            command = [self._uv(), "pip", "install", "--python", python]
        else:
            # Bytecode is compiled now rather than in the first trial.
            command = [self._uv(), "pip", "sync", "--compile-bytecode", "--python", python]
        lock = ["-r", str(self._lock)] if "install" in command else [str(self._lock)]
        said = self._run([*command, "--require-hashes", *lock])
        self.changed |= "nstalled " in said  # Installed, Uninstalled, Successfully installed

    def _uv(self) -> str:
        return str(self._root / "envs/uv/bin/uv")

    def _variables(self) -> dict[str, str]:
        variables = {
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_CACHE_DIR": str(self._root / "cache"),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_SYSTEM_CERTS": "true",
        }
        authorities = self._root / "ca.pem"
        if authorities.exists():
            variables |= {"SSL_CERT_FILE": str(authorities), "PIP_CERT": str(authorities)}
        return variables

    def _run(self, command: list[str]) -> str:
        """Run a command and return what it printed; end the module with the remedy if it fails."""
        if self._module.check_mode:
            return ""
        code, out, err = self._module.run_command(command, environ_update=self._variables())
        if code != 0:
            said = (err or out).strip()
            remedy = next((text for signs, text in _REMEDIES if any(sign in said for sign in signs)), None)
            tail = "\n".join(said.splitlines()[-_SHOWN_LINES:])
            hint = f"\nRemedy: {remedy}" if remedy else ""
            self._module.fail_json(msg=f"the environment {self._name} cannot be made:\n{tail}{hint}")
        return out + err


def main() -> None:
    """Write the lock, make the environment, install."""
    module = AnsibleModule(
        {
            "root": {"type": "path", "required": True},
            "name": {"type": "str", "required": True},
            "requirements": {"type": "str", "required": True},
            "python": {"type": "path"},
        },
        supports_check_mode=True,
    )
    os.umask(0o022)  # the services' user must be able to read it
    environment = Environment(module)
    environment.write_lock()
    environment.make()
    environment.install()
    module.exit_json(changed=environment.changed)


if __name__ == "__main__":
    main()
