"""What a host that cannot be reached is answered with."""

from __future__ import annotations

import pytest

from tripod.hosts.unreachable import explain, told

SSH = "Task failed: Failed to connect to the host via ssh: "


@pytest.mark.parametrize(
    ("said", "check"),
    [
        ("ssh: connect to host 10.0.0.5 port 22: Connection refused", "ansible_port"),
        ("ssh: connect to host 10.0.0.5 port 22: No route to host", "security group"),
        ("timed out during banner exchange\nConnection to 10.0.0.5 port 22 timed out", "security group"),
        ("ssh: Could not resolve hostname my-ap: Name or service not known", "spelling"),
        ("admin@10.0.0.5: Permission denied (publickey).", "ansible_ssh_private_key_file"),
        ("No ED25519 host key is known for 10.0.0.5 […]\r\nHost key verification failed.", "ssh-keygen -R"),
        ("Shared connection to 10.0.0.5 closed.", "still up"),
        ("something that nobody has seen before", "ansible_host"),
    ],
)
def test_names_the_host_the_cause_and_the_remedy(said: str, check: str) -> None:
    """The text has the host, SSH's last words without Ansible's prefixes, what to check, and a command."""
    text = explain("my-app", SSH + said, command="ansible my-app -m ping")
    assert text.startswith("my-app cannot be reached: ")
    assert said.splitlines()[-1].strip() in text
    assert "Task failed" not in text
    assert "via ssh" not in text
    assert check in text.split("Check:")[1]
    assert text.endswith("ansible my-app -m ping")


TIMEOUT = "Timeout (12s) waiting for privilege escalation prompt: "


def test_a_host_that_stopped_answering_is_not_called_a_matter_of_privileges() -> None:
    """Over a connection that is cut Ansible waits for sudo: the host did not answer, and that is said."""
    for text in (explain("my-db", TIMEOUT, command="x"), told(TIMEOUT)):
        assert "did not answer within 12 s" in text
        assert "privilege" not in text
        assert "security group" in text
    asked = explain("my-db", f"{TIMEOUT}\nAuthenticate, please: ", command="x")
    assert "sudo printed 'Authenticate, please:'" in asked
    assert "--ask-become-pass" in asked


@pytest.mark.parametrize("said", [TIMEOUT, "", "ssh: connect to host h port 22: Connection refused\r\nBye."])
def test_a_trial_is_told_in_whole_sentences(said: str) -> None:
    """What stands in a record and below the table is one line, ends, and says what to check."""
    text = told(SSH + said)
    assert text.startswith("the host could not be reached: ")
    assert ". Check " in text
    assert text.endswith(".")
    assert ".." not in text
    assert "\n" not in text


def test_a_long_banner_is_shortened() -> None:
    """Of the twelve lines that a changed host key makes SSH say, the last ones are shown."""
    said = "@@@@@@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n@@@@@@@@\n" + "\n".join("abcdef")
    text = explain("my-app", SSH + said, command="x")
    assert "WARNING" not in text
    assert "ssh-keygen -R" in text
    assert len(text.splitlines()) == 5


def test_silence_is_said() -> None:
    """Without any words from SSH the text says so."""
    assert "no reason was given" in explain("my-app", "", command="x")
