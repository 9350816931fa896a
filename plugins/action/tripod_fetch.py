"""Action: copy what the controller lacks of a host's directory, all files in one go."""

from __future__ import annotations

import base64
import tempfile
import zlib
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Tell the module of the same name what is here, and write what it sends; its options stand there."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fetch; return the names of the files that were written."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        dest = Path(self._task.args["dest"]).resolve()
        have = {
            path.relative_to(dest).as_posix(): path.stat().st_size
            for path in dest.rglob("*")
            if path.is_file()
        }
        result |= self._execute_module(module_args=self._task.args | {"have": have}, task_vars=task_vars)
        files = result.pop("files", {})
        for name, packed in files.items():
            path = (dest / name).resolve()
            if not path.is_relative_to(dest):
                return result | {"failed": True, "msg": f"the host sent a file from elsewhere: {name}"}
            if not self._play_context.check_mode:
                _write_whole(path, zlib.decompress(base64.b64decode(packed)))
        return result | {"fetched": sorted(files)}


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file so that an interruption leaves all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        file.write(content)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)
