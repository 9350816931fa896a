"""Text from results, however hostile, in every form of output."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from run_files import RunFiles, cell, counted, quote_cell

from tripod.cli.main import run
from tripod.report import harmless
from tripod.runs.documents import DamagedFileError
from tripod.runs.results import read_run

# A formula, a window's title, colours, what turns the direction of writing, an 8-bit escape, ends of code, of
# a cell and of a line, HTML, what nobody sees, and an image.
HOSTILE = (
    "=cmd|' /C calc'!A0\x1b]0;owned\x07\x1b[31m\u202eevil\u2066\x9b2J`code`\\|bar|\r\n"
    "FORGED <script>\x7f\u200b\u2028![x](http://e);=1+1"
)
RUN = "20261123T034500Z-poc"
NAME = "sync-gunicorn-w1-db25"
DECLARED = {"p(0.1)", "p(50)", "p(90)", "p(95)", "p(99)", "p(99.9)", "p(99.99)"}
WRITTEN = {"json": "summary.json", "markdown": "table.md", "csv": "table.csv"}


@pytest.fixture
def files(run_files: RunFiles) -> RunFiles:
    """Return a run whose files have a text in every key that may have one."""
    for metric in run_files.k6["metrics"].values():  # the declared quantiles are enough, and soon read
        for grid in [key for key in metric["values"] if key.startswith("p(") and key not in DECLARED]:
            del metric["values"][grid]
    run_files.plan([cell("sync-gunicorn"), quote_cell("django-gthread", threads=4)], repeats=2)
    run_files.trial(f"{NAME}-r1")
    run_files.failed_trial(f"{NAME}-r2", "app-gone", message="gone")
    for repeat in (1, 2):
        run_files.trial(f"django-gthread-w1-t4-r{repeat}", database=counted(6_000))
    checks = [{"name": "status", "passes": 1, "fails": 1}]
    run_files.change(f"trials/{NAME}-r1/k6.json", root_group={"checks": checks, "groups": []})
    run_files.change("end.json", outcome="failed", message="why")
    return run_files


def texts(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the place of every text in a document."""
    if isinstance(document, str):
        yield path
    elif isinstance(document, dict | list):
        for key, value in document.items() if isinstance(document, dict) else enumerate(document):
            yield from texts(value, (*path, key))


def changed(document: Any, *paths: tuple[Any, ...]) -> Any:
    """Return the document with hostile text in these places."""
    made = copy.deepcopy(document)
    for path in paths:
        place = made
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = HOSTILE
    return made


def renamed(document: Any) -> Any:
    """Return the document with a hostile name where names are free: of a host, a metric, a tool."""
    made = copy.deepcopy(document)
    for place in (made.get(key) for key in ("hosts", "metrics", "tools", "parameters")):
        if isinstance(place, dict):
            name = "vus" if "vus" in place else next(iter(place))
            place[HOSTILE] = place.pop(name)
    return made


def accepted(run_dir: Path) -> bool:
    """Whether the run is read without a problem."""
    try:
        return not read_run(run_dir).problems
    except DamagedFileError:
        return False


def poison(path: Path, run_dir: Path) -> None:
    """Put hostile text wherever a file of the run may have it, and rename what is free."""

    def tried(document: Any, places: list[tuple[Any, ...]]) -> Any:
        made = changed(document, *places)
        path.write_text(json.dumps(made))
        if accepted(run_dir):
            return made
        if len(places) < 2:
            return document
        half = len(places) // 2
        return tried(tried(document, places[:half]), places[half:])

    document = json.loads(path.read_text())
    document = tried(document, list(texts(document)))
    path.write_text(json.dumps(renamed(document)))
    if not accepted(run_dir):
        path.write_text(json.dumps(document))


def outputs(root: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what every command and form prints; the tables are written, too."""
    found = {}
    for name, arguments in {
        "terminal": ["table"],
        "json": ["table", "--format", "json", "--write"],
        "markdown": ["table", "--format", "markdown"],
        "csv": ["table", "--format", "csv"],
        "k6": ["k6", f"{NAME}-r1"],
        "other k6": ["k6", "django-gthread-w1-t4-r1"],
        "runs": ["runs"],
        "explain": ["explain", NAME],
        "two explained": ["explain", NAME, "django-gthread-w1-t4"],
    }.items():
        assert run(root, arguments) in {0, 2}, name
        told = capsys.readouterr()
        found[name] = told.out
        assert told.err == ""
    return found


def check_lines(name: str, text: str) -> None:
    """Hold that no character acts on a terminal, and that no line was forged."""
    assert text.replace("\n", "").isprintable(), name
    assert not re.search("^FORGED", text, re.MULTILINE), name


def check_csv(text: str) -> None:
    """Hold that all lines have as many cells, and that none is a formula."""
    lines = list(csv.reader(io.StringIO(text)))
    assert len(lines) == 3
    assert len({len(line) for line in lines}) == 1
    for cell_text in (part for line in lines for text in line for part in text.split(";")):
        assert not re.match(r"\s*([=+@]|-\D)", cell_text)


def check_markdown(text: str) -> None:
    """Hold that all lines of a table have as many cells, and that nothing else is code, HTML or a link."""
    bars = [re.sub(r"\\.", "", line).count("|") for line in text.splitlines() if line.startswith("|")]
    assert len(set(bars)) == 1
    bare = re.sub(r"\\[^\w\s]", "", text)
    assert not re.search(r"`|<(?!/?code>)|!\[|\]\(", bare)


def check_page(text: str) -> None:
    """Hold that nothing in a page is an element that we did not put there, and that no character acts."""
    parts = re.split(r"<script>.*?</script>|<style>.*?</style>", text, flags=re.DOTALL)
    assert len(parts) == 5  # our style, and three scripts: the library's two, and ours
    bare = "".join(parts)
    assert len(re.findall("<script", bare)) == 1  # the data
    assert not re.search(r"<(img|a href=.(?!#)|iframe|object)", bare)
    check_lines("page", bare)
    assert "=cmd|&#39; /C calc&#39;!A0\\x1b]0;owned\\x07" in bare


def test_hostile_text_in_every_key_of_every_file(
    files: RunFiles, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All keys that take it have it at once: every output shows it harmlessly, and JSON has it as it is."""
    monkeypatch.setenv("COLUMNS", "2000")
    (repeated,) = files.path.glob("trials/django-*-r2")
    for path in sorted(set(files.path.rglob("*.json")) - set(repeated.iterdir())):
        poison(path, files.path)
    found = outputs(files.path.parent.parent, capsys)
    for name, text in found.items():
        check_lines(name, text)
        # explanations have figures and names of cells, and no other text of a run
        assert ("owned" in text) is ("explain" not in name), name
    check_csv(found["csv"])
    check_markdown(found["markdown"])
    check_page((files.path / "report.html").read_text(encoding="utf-8"))
    for name in ("terminal", "k6", "other k6", "runs"):
        assert "=cmd|' /C calc'!A0\\x1b]0;owned\\x07" in found[name], name
    made = json.loads(found["json"])
    assert [row["command"] for row in made["rows"]] == [HOSTILE, HOSTILE]
    assert made["matrix"] == made["message"] == HOSTILE
    for form, name in WRITTEN.items():
        assert (files.path / name).read_text(encoding="utf-8") == found[form]


@pytest.mark.parametrize("name", ["plan.json", "hosts.json", "end.json", f"trials/{NAME}-r1/record.json"])
def test_refused_text_is_told_harmlessly(
    files: RunFiles, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a key takes no such text, the message that says so shows it harmlessly, too."""
    path = files.path / name
    document = json.loads(path.read_text())
    refused = 0
    for place in texts(document):
        path.write_text(json.dumps(changed(document, place)))
        if not accepted(files.path):
            refused += 1
            assert run(files.path.parent.parent, ["table"]) in {1, 2}
            told = capsys.readouterr()
            check_lines(str(place), told.out + told.err)
    assert refused


@pytest.mark.parametrize("name", ["\x1b[31mred\x1b]0;x\x07", "[bold]a", ":smile:", "a\nFORGED", "\udcff"])
def test_names_of_directories_are_shown_harmlessly(
    files: RunFiles, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run's directory, and one beside its trials, can have any name that a file system takes."""
    root = files.path.parent.parent
    (files.path / "trials" / name).mkdir()
    (root / "results" / name).mkdir()
    (root / "results" / name / "plan.json").write_text("{")
    assert run(root, ["runs"]) == 0
    listed = capsys.readouterr().out
    assert name in listed or not name.isprintable()
    for arguments in (["--run", name], ["table", "--run", "nope"], ["table", "--run", RUN, "--write"]):
        assert run(root, arguments) in {1, 2}
        told = capsys.readouterr()
        check_lines(str(arguments), listed + told.out + told.err)
    for written in WRITTEN.values():
        check_lines(written, (files.path / written).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gunicorn -w 1 -b '[::]:80' é ✓ 名", "gunicorn -w 1 -b '[::]:80' é ✓ 名"),
        ("a\tb\nc\x1b[2J\x9b\u202e\ud800\U000e0041", r"a\tb\nc\x1b[2J\x9b\u202e\ud800\U000e0041"),
    ],
)
def test_plain_text_stays_and_the_rest_is_escaped(text: str, shown: str) -> None:
    """What is printed as itself is left alone."""
    assert harmless.plain(text) == harmless.terminal(text) == shown


def test_absurd_length_costs_neither_screen_nor_memory() -> None:
    """Both ends stay, since what is wrong often stands at the end."""
    shown = harmless.terminal("a" * 10**6 + ": no such file")
    assert len(shown) < 2_100
    assert shown.endswith("a: no such file")


@pytest.mark.parametrize(
    ("text", "cell_text"),
    [
        ("=1", "'=1"),
        (" @SUM(A1)", " '@SUM(A1)"),
        ("-1+1", "'-1+1"),
        ("\uff1d1", "'\uff1d1"),
        ("a;=1", "a;'=1"),
        ("gunicorn -w 1", "gunicorn -w 1"),
    ],
)
def test_no_cell_is_a_formula(text: str, cell_text: str) -> None:
    """An apostrophe makes it text, also where semicolons are taken for separators."""
    assert harmless.comma_separated(text) == cell_text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("gunicorn -w 1 a_b:c", "`gunicorn -w 1 a_b:c`"),
        ("a | b", "<code>a &#124; b</code>"),
        ("`<b>`\\|", "<code>&#96;&#60;b&#62;&#96;&#92;&#124;</code>"),
    ],
)
def test_code_in_markdown_ends_where_it_should(text: str, code: str) -> None:
    """A command with a backtick or a bar is code all the same, and nothing else."""
    assert harmless.markdown_code(text) == code


def test_json_stays_data() -> None:
    """Whatever acts on a terminal is escaped, and read again as it was."""
    document = {"a": [HOSTILE, "\U000e0041", 1.5, None], HOSTILE: {}}
    text = harmless.json_text(document)
    check_lines("json", text)
    assert json.loads(text) == document


def test_nothing_else_prints() -> None:
    """The library prints in few places, and those are the ones that the tests above look at."""
    library = Path(harmless.__file__).parents[1]
    printing = re.compile(r"\bprint\(|sys\.std(out|err)\.write|\.add_row\(")
    found = [path for path in library.rglob("*.py") if printing.search(path.read_text(encoding="utf-8"))]
    assert sorted(path.relative_to(library).as_posix() for path in found) == [
        "cli/printing.py",
        "cli/runs.py",
        "report/folded.py",
        "report/latency.py",
        "report/sheet.py",
        "report/terminal.py",
        "report/trials_output.py",
    ]
