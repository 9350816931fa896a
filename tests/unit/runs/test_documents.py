"""Reading one file of a run: schemas, and messages that say what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from run_files import RunFiles, cell, end, hosts, record

from tripod.runs.documents import DamagedFileError, MissingFileError, problem_of, read_document, validator

KINDS = ("plan", "hosts", "record", "end", "k6", "summary")


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_schemas(kind: str) -> None:
    """Each schema is itself valid, and says which file it is for."""
    Draft202012Validator.check_schema(validator(kind).schema)
    assert validator(kind).schema["title"] == f"{kind}.json"


def test_what_k6_wrote_passes(k6_summary: dict[str, Any]) -> None:
    """The summary of the real k6, run with the real script, is accepted as it is."""
    assert problem_of(k6_summary, "k6") is None


def test_whole_files_pass() -> None:
    """The files of a sound run are accepted."""
    assert problem_of(record("sync-gunicorn-w1-db25-r1"), "record") is None
    assert problem_of(hosts(), "hosts") is None
    assert problem_of(end("x"), "end") is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "great"}, "'status' is 'great', allowed: ok, failed"),
        ({"repeat": 0}, "'repeat' is 0, allowed: 1 or more"),
        ({"repeat": "one"}, "'repeat' is 'one', allowed: integer"),
        ({"message": 7}, "'message' is 7, allowed: string or null"),
        (
            {"reasons": ["App Gone"]},
            "'reasons[0]' is 'App Gone', allowed: text that matches ^[a-z][a-z0-9-]*$",
        ),
        ({"seconds": {}}, "'seconds' lacks 'start', 'ready', 'warmup', 'measure', 'stop'"),
        ({"status": "failed"}, "'reasons' is [], allowed: 1 entries or more"),
        ({"format": 2}, "format version is 2, known: 1"),
        ({"format": "1"}, "format version is '1', known: 1"),
    ],
)
def test_message_names_key_value_and_what_is_allowed(change: dict[str, Any], message: str) -> None:
    """One phrase says which key is wrong, what was found there and what is allowed."""
    assert problem_of(record("a-r1") | change, "record") == message


def test_message_finds_nested_keys(run_files: RunFiles) -> None:
    """A wrong value deep in the plan is named by its whole path."""
    run_files.plan([cell("sync-gthread"), cell("sync-gunicorn", ceiling_rps=0)])
    with pytest.raises(DamagedFileError) as caught:
        read_document(run_files.path / "plan.json", "plan")
    assert str(caught.value).endswith("plan.json: 'cells[1].ceiling_rps' is 0, allowed: more than 0")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON: Expecting value in line 1"),
        (b'{"format": 1,\n', "not JSON: Expecting property name enclosed in double quotes in line 2"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"[]", "the file is [], allowed: object"),
        (b"null", "the file is null, allowed: object"),
    ],
)
def test_damage_is_told_with_the_path(tmp_path: Path, content: bytes, why: str) -> None:
    """A file that is cut off, binary or something else is refused with its path and the reason."""
    path = tmp_path / "end.json"
    path.write_bytes(content)
    with pytest.raises(DamagedFileError) as caught:
        read_document(path, "end")
    assert str(caught.value) == f"{path}: {why}"


def test_missing_file_is_told_apart(tmp_path: Path) -> None:
    """A file that is not there is an error of its own, so that a trial can be `not-run` and not `damaged`."""
    with pytest.raises(MissingFileError, match=r"end\.json: missing"):
        read_document(tmp_path / "end.json", "end")


def test_path_is_as_a_person_would_type_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the working directory the path is relative."""
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "end.json").write_text(json.dumps({"format": 3}))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DamagedFileError, match=r"^results/end\.json: format version is 3, known: 1$"):
        read_document(tmp_path / "results" / "end.json", "end")


def test_legs_are_lists_and_were_names(run_files: RunFiles) -> None:
    """A leg has a list of hosts, app and db of one; the one name of older runs is read, too."""
    run_files.plan([cell("sync-gunicorn")])
    plan = json.loads((run_files.path / "plan.json").read_text(encoding="utf-8"))
    for legs in ({"load": ["a", "b"], "app": ["c"], "db": ["d"]}, {"load": "a", "app": "b", "db": "c"}):
        assert problem_of(plan | {"legs": legs}, "plan") is None
    for wrong in ({"load": []}, {"app": ["a", "b"]}, {"db": []}, {"db": 1}):
        assert problem_of(plan | {"legs": {"load": ["a"], "app": ["b"], "db": ["c"]} | wrong}, "plan")
