"""Tripod's library, in the order in which data flow; it knows neither SSH nor Ansible.

`docs/architecture.md` has the table of what each package may use; `tests/unit/test_packages.py` holds it.
The one exception: `cli.pulling` starts a playbook.
"""
