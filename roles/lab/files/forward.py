# ruff: noqa: INP001 - a script that the role runs, not a package
"""Let the lab's packets through chains that drop what is forwarded on this machine, and take that back again.

    forward.py open BRIDGE    put accepting rules first in these chains; print where they were not yet
    forward.py close          remove these rules; print where they were

Docker gives iptables' chain FORWARD the policy DROP, and so do firewalls; a rule in a table of the lab's own
cannot overrule that. The rules carry a comment, by which they are found again, and match by interface alone:
with `ct state` in it iptables (1.8.9) calls its own chain incompatible, and Docker would fail. Which new
connections the lab refuses is said in its own table (templates/lab.nft.j2).
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

COMMENT = "tripod-lab"


def nft(*arguments: str) -> str:
    """Return what nft prints.

    Raises:
        CalledProcessError: nft failed; it has said why on stderr.

    """
    command = ["nft", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=30).stdout


def listed(kind: str, *query: str) -> list[dict[str, Any]]:
    """Return the objects of one kind that nft lists."""
    told = json.loads(nft("--json", "--handle", "list", *query))["nftables"]
    return [entry[kind] for entry in told if kind in entry]


def chains() -> list[dict[str, Any]]:
    """Return the chains that see forwarded packets; those of iptables-nft are among them."""
    seen = [chain for chain in listed("chain", "chains") if chain.get("hook") == "forward"]
    return [chain for chain in seen if chain["family"] in {"ip", "inet"}]


def place(chain: dict[str, Any]) -> list[str]:
    """Return a chain as nft's commands name it."""
    return [chain["family"], chain["table"], chain["name"]]


def own_rules(chain: dict[str, Any]) -> list[int]:
    """Return the handles of the lab's rules in a chain."""
    rules = listed("rule", "chain", *place(chain))
    return [rule["handle"] for rule in rules if rule.get("comment") == COMMENT]


def let_through(bridge: str) -> None:
    """Accept the lab's packets where the policy would drop them."""
    for chain in chains():
        if chain.get("policy") != "drop" or own_rules(chain):
            continue
        for match in (f"iifname {bridge}", f"oifname {bridge}"):
            nft(f'insert rule {" ".join(place(chain))} {match} counter accept comment "{COMMENT}"')
        print(*place(chain))


def take_back() -> None:
    """Remove every rule of the lab."""
    for chain in chains():
        for handle in own_rules(chain):
            nft("delete", "rule", *place(chain), "handle", str(handle))
            print(*place(chain))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["open", bridge]:
            let_through(bridge)
        case ["close"]:
            take_back()
        case _:
            sys.exit(__doc__)
