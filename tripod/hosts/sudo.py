"""What lets Ansible become root on a host, said once for every error that may mean that it cannot."""

from __future__ import annotations

REMEDY = (
    "sudo must let ansible_user in without a password (NOPASSWD in /etc/sudoers.d), or take "
    "--ask-become-pass; sudo-rs, the sudo of Ubuntu 25.10 and newer, takes no typed password from Ansible: "
    "NOPASSWD there, or, on the host, update-alternatives --set sudo /usr/bin/sudo.ws"
)
