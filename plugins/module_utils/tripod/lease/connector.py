"""Started on a host by the controller's channel: hands on what goes between it and the lease's holder.

It runs before the first trial, and sleeps but for a byte every few seconds.
"""

from __future__ import annotations

import os
import select
import socket
import sys
from pathlib import Path


def main() -> None:
    """Connect to the holder beside this file, and hand on until one of the two sides ends."""
    with socket.socket(socket.AF_UNIX) as holder:
        try:
            holder.connect(str(Path(__file__).parent / "keep"))
        except OSError as error:
            sys.exit(f"the lease has ended: {error.strerror}")
        while True:
            ready, _, _ = select.select([0, holder], [], [])
            try:
                if holder in ready:
                    said = holder.recv(4096)
                    os.write(1, said)
                else:
                    said = os.read(0, 4096)
                    holder.sendall(said)
            except OSError:
                return
            if not said:
                return


if __name__ == "__main__":
    main()
