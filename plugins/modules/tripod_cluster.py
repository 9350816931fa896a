#!/usr/bin/python
"""Ansible module: make PostgreSQL's cluster and the quotes in it; the server runs meanwhile only."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.tripod.databases import deployed

DOCUMENTATION = """
module: tripod_cluster
short_description: make cluster, role, password, database and data; check the data; tell version and settings
description: [What the server is goes to C(postgres/server.json), too, for whoever observes the host later.]
options:
  root: {description: Tripod's directory on the host, type: str, required: true}
  bin: {description: the directory of PostgreSQL's programs, type: str, required: true}
  user: {description: the system user that owns the cluster; needed where root deploys, type: str}
  port: {description: TCP port, which names the socket, type: int, required: true}
  statements: {description: whether the server has pg_stat_statements, type: bool, required: true}
  reload: {description: whether to load the data again though they are there, type: bool, default: false}
"""


def main() -> None:
    """Deploy, or say why not."""
    module = AnsibleModule(
        {
            "root": {"type": "str", "required": True},
            "bin": {"type": "str", "required": True},
            "user": {"type": "str"},
            "port": {"type": "int", "required": True},
            "statements": {"type": "bool", "required": True},
            "reload": {"type": "bool", "default": False},
        }
    )
    making = deployed("quotesdb.making", module.params["root"])
    try:
        module.exit_json(**making.deploy(module.params))
    except making.FAULTS as error:
        module.fail_json(msg=f"PostgreSQL: {error}")


if __name__ == "__main__":
    main()
