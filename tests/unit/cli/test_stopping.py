"""What a run's stop.yml is given: the run's own way to its hosts, and nothing secret where `ps` shows it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tripod.cli import playbooks
from tripod.cli.stopping import Access, typed

CHOSEN = {
    "inventory": ["/etc/hosts.yml", "a,b"],
    "remote_user": "ann",
    "private_key_file": "/keys/mine",
    "ssh_common_args": "-o ProxyJump=gate",
    "ssh_extra_args": "-4",
    "become": True,
    "ask_pass": True,
    "ask_vault_pass": True,
    "vault_ids": ("dev@prompt",),
}


def test_the_same_access() -> None:
    """Options are given again, and what was typed in the order in which Ansible asks."""
    options, answers = typed(Access(CHOSEN, {}, "ssh secret", "root secret", ("dev", "vault secret")))
    assert options == [
        "--inventory=/etc/hosts.yml",
        "--inventory=a,b",
        "--vault-id=dev@prompt",
        "--user=ann",
        "--private-key=/keys/mine",
        "--ssh-common-args=-o ProxyJump=gate",
        "--ssh-extra-args=-4",
        "--become",
        "--ask-pass",
        "--ask-become-pass",
        "--ask-vault-password",
    ]
    assert answers == ["ssh secret", "root secret", "dev", "vault secret"]


def test_ansible_reads_the_answers(tmp_path: Path) -> None:
    """The real ansible-playbook asks for each password, and takes it from the pipe."""
    secret = tmp_path / "secret.yml"
    secret.write_text("opened: sesame\n", encoding="utf-8")
    key = tmp_path / "key"
    key.write_text("vault secret\n", encoding="utf-8")
    vault = [str(playbooks.PROGRAM.with_name("ansible-vault")), "encrypt", "--vault-password-file", str(key)]
    subprocess.run([*vault, str(secret)], check=True, capture_output=True)
    sudo = tmp_path / "sudo"
    # As sudo -S does: asks, reads a line, and runs what stands last.
    sudo.write_text(
        "#!/bin/sh\nfor word; do prompt=${before:-}; last=$word; "
        '[ "$before" = -p ] && asked=$word; before=$word; done\n'
        'printf %s "$asked" >&2\nread -r typed\n'
        f'echo "$typed" > {tmp_path}/typed\nexec /bin/sh -c "$last"\n',
        encoding="utf-8",
    )
    sudo.chmod(0o755)
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars_files": [str(secret)],
        "vars": {"ansible_become": True, "ansible_become_user": "nobody", "ansible_become_exe": str(sudo)},
        "tasks": [
            {"ansible.builtin.raw": "true"},
            {"ansible.builtin.debug": {"msg": "{{ opened }}"}},
        ],
    }
    (tmp_path / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    options, answers = typed(
        Access({"ask_vault_pass": True}, {}, "ssh secret", "root secret", ("vault secret",))
    )
    done = playbooks.run(tmp_path, [*options, "-c", "local", "play.yml"], answers=answers, apart=True)
    assert done.code == 0, done.output
    assert "sesame" in done.output
    assert (tmp_path / "typed").read_text(encoding="utf-8") == "root secret\n"


def test_a_wrong_answer_is_an_error(tmp_path: Path) -> None:
    """What Ansible says of a vault that does not open is returned."""
    (tmp_path / "play.yml").write_text(json.dumps([{"hosts": "localhost"}]), encoding="utf-8")
    done = playbooks.run(tmp_path, ["--ask-vault-password", "play.yml"], answers=[""], apart=True)
    assert done.code != 0
    assert done.output
