"""Reading one file of a run: schemas, and messages that say what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from run_files import RunFiles, cell, end, hosts, record, telemetry

from tripod.runs.documents import DamagedFileError, MissingFileError, problem_of, read_document, schema

KINDS = ("plan", "hosts", "record", "end", "k6", "summary")


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_schemas(kind: str) -> None:
    """Each schema is itself valid, and says which file it is for."""
    Draft202012Validator.check_schema(schema(kind))
    assert schema(kind)["title"] == f"{kind}.json"


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
        ({"status": "great"}, "'status' is 'great', allowed: failed, ok"),
        ({"repeat": 0}, "'repeat' is 0, allowed: 1 or more"),
        ({"repeat": "one"}, "'repeat' is 'one', allowed: integer"),
        ({"message": 7}, "'message' is 7, allowed: string or null"),
        (
            {"reasons": ["App Gone"]},
            "'reasons[0]' is 'App Gone', allowed: text that matches ^[a-z][a-z0-9-]*$",
        ),
        ({"seconds": {}}, "'seconds' lacks 'start', 'ready', 'warmup', 'measure', 'stop'"),
        ({"status": "failed"}, "'reasons' is [], allowed: 1 entries or more where 'status' is failed"),
        ({"k6": None}, "'k6' is null, allowed: array"),
        ({"format": 3}, "format version is 3, known: 1, 2"),
        ({"format": True}, "format version is true, known: 1, 2"),
        ({"format": "1"}, "format version is '1', known: 1, 2"),
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
    assert str(caught.value).endswith("plan.json: 'cells[1].ceiling_rps' is 0, allowed: more than 0, or null")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"contains": 3}, "'metrics.http_reqs.contains' is 3, allowed: string"),
        ({"type": "sum"}, "'metrics.http_reqs.type' is 'sum', allowed: counter, gauge, rate, trend"),
        ({"type": None}, "'metrics.http_reqs.type' is null, allowed: counter, gauge, rate, trend"),
        ({"values": {}}, "'metrics.http_reqs.values' lacks 'count', 'rate'"),
        ({"values": {"count": -1, "rate": 2}}, "'metrics.http_reqs.values.count' is -1, allowed: 0 or more"),
        ({"type": "gauge", "values": {"value": 1, "min": 1, "max": 1}}, "is 'gauge', allowed: counter"),
    ],
)
def test_metrics_are_what_tripod_reads_them_as(
    k6_summary: dict[str, Any], change: dict[str, Any], message: str
) -> None:
    """A metric of a wrong or unknown type, or without its statistics, is refused by its name."""
    metrics = k6_summary["metrics"] | {"http_reqs": k6_summary["metrics"]["http_reqs"] | change}
    assert message in str(problem_of(k6_summary | {"metrics": metrics}, "k6"))


def test_a_k6_summary_without_requests_is_refused(k6_summary: dict[str, Any]) -> None:
    """k6 counts requests even where none was sent."""
    metrics = {name: metric for name, metric in k6_summary["metrics"].items() if name != "http_reqs"}
    assert problem_of(k6_summary | {"metrics": metrics}, "k6") == "'metrics' lacks 'http_reqs'"


@pytest.mark.parametrize("kind", ["plan", "hosts", "record", "end"])
def test_further_keys_are_allowed(run_files: RunFiles, kind: str) -> None:
    """A later version of Tripod may add keys, also inside, without a new format version."""
    run_files.plan([cell("sync-gunicorn", later=[1])], later={"a": 1})
    run_files.write("record.json", record("a-r1"))
    run_files.change(f"{kind}.json", later={"b": None})
    assert read_document(run_files.path / f"{kind}.json", kind)["later"] == {"b": None}


@pytest.mark.parametrize("value", [0, 1, -1, 2.5, "", "x", None, True, [], {}, {"type": []}])
@pytest.mark.parametrize("kind", ["plan", "hosts", "record", "end", "k6"])
def test_whatever_is_refused_is_explained(
    run_files: RunFiles, k6_summary: dict[str, Any], kind: str, value: object
) -> None:
    """A foreign value of any key is accepted or refused by its name; the published schema says the same."""
    run_files.plan([cell("sync-gunicorn")])
    run_files.write("record.json", record("a-r1") | {"telemetry": telemetry()})
    run_files.write("k6.json", {name: k6_summary[name] for name in ("metrics", "state")})
    document = read_document(run_files.path / f"{kind}.json", kind)
    published = Draft202012Validator(schema(kind))
    for key in set(document) - {"format"}:
        problem = problem_of(document | {key: value}, kind)
        assert (problem is None) is published.is_valid(document | {key: value}), (key, value, problem)
        assert problem is None or f"'{key}" in problem


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON: input data was truncated"),
        (b'{"format": 1,\n', "not JSON: input data was truncated"),
        (b'{"format": 1,\n"run_id": NaN}', "not JSON: invalid character in line 2"),
        (b'{"format": 1,\n"run_id": Infinity}', "not JSON: invalid character in line 2"),
        (b'{"format": 1e999}', "not JSON: number out of range"),
        (b'{"format": "\\ud800"}', "not JSON: input data was truncated"),
        (b"[" * 60_000, "nested too deeply"),
        (b"1" * 6_000, "not JSON: integer value out of range"),
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


def test_legs_are_lists(run_files: RunFiles) -> None:
    """A leg has a list of hosts, app and db of one."""
    run_files.plan([cell("sync-gunicorn")])
    plan = json.loads((run_files.path / "plan.json").read_text(encoding="utf-8"))
    assert problem_of(plan | {"legs": {"load": ["a", "b"], "app": ["c"], "db": ["d"]}}, "plan") is None
    for wrong in ({"load": "a"}, {"load": []}, {"app": ["a", "b"]}, {"db": []}, {"db": 1}):
        assert problem_of(plan | {"legs": {"load": ["a"], "app": ["b"], "db": ["c"]} | wrong}, "plan")
