"""ansible-playbook with another silence for its leases, in seconds, first; all else is as ever."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible.cli.playbook import main

from tripod.catalogue import lease

if __name__ == "__main__":
    lease.SILENCE_S = float(sys.argv[1])
    main([str(Path(sys.executable).with_name("ansible-playbook")), *sys.argv[2:]])
