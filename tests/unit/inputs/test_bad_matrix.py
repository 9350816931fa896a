"""Matrix files that are refused, and what the user is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plan_types import Make, Refused, Write

Damage = Callable[[dict[str, Any]], object]


def _stack(**changes: object) -> Damage:
    return lambda matrix: matrix["stacks"][0].update(changes)


LOAD = {"script": "poc", "vus": 10, "duration": "5s", "warmup": "2s"}
OPEN = {
    "script": "poc",
    "shape": "constant-arrival-rate",
    "rate": 60,
    "slo_ms": 100,
    "duration": "5s",
    "warmup": "2s",
}


def _loads(loads: object) -> Damage:
    """Give the matrix these loads in place of its own."""

    def damage(matrix: dict[str, Any]) -> None:
        del matrix["load"]
        matrix["loads"] = loads

    return damage


BAD_MATRICES: list[tuple[str, Damage, list[str]]] = [
    (
        "unknown key",
        lambda m: m.update(speed=1),
        ["unknown key 'speed'", "name, database, db_sleep, extends, loads, load, stacks"],
    ),
    (
        "unknown load key",
        lambda m: m["load"].update(users=3),
        ["load", "unknown key 'users'", "script, shape, vus"],
    ),
    (
        "unknown stack key",
        _stack(worker=3),
        ["stacks[0] (one)", "unknown key 'worker'", "name, mode, workers"],
    ),
    ("missing key", lambda m: m.pop("database"), ["has no database"]),
    (
        "missing load",
        lambda m: m.pop("load"),
        ["load is None", "a mapping with script, shape, vus, rate"],
    ),
    ("missing load key", lambda m: m["load"].pop("vus"), ["load: has no vus"]),
    ("missing stack key", lambda m: m["stacks"][0].pop("mode"), ["stacks[0] (one)", "has no mode"]),
    ("no stacks", lambda m: m.update(stacks=[]), ["stacks is []", "a list of stacks, at least one"]),
    ("a stack that is text", lambda m: m["stacks"].append("three"), ["stacks[2] is 'three'", "a mapping"]),
    (
        "bad database",
        lambda m: m.update(database="mysql"),
        ["database is 'mysql'", "one of fakedb, postgres"],
    ),
    ("bad mode", _stack(mode="fast"), ["mode is 'fast'", "one of sync, async"]),
    ("bad name", _stack(name="One!"), ["name is 'One!'", "lower-case letters"]),
    (
        "bad script",
        lambda m: m["load"].update(script="nope"),
        ["script is 'nope'", "one of poc, quote, quote-view"],
    ),
    ("bad duration", lambda m: m["load"].update(duration=5), ["duration is 5", "a duration with its unit"]),
    ("bad workers", _stack(workers=[0]), ["workers is [0]", "a whole number from 1 to 256"]),
    (
        "wrong placeholder",
        _stack(command="gunicorn -w {procs} sync_app:app"),
        ["command is 'gunicorn -w {procs} sync_app:app'", "placeholders {workers}, and no others"],
    ),
    (
        "a placeholder without its values",
        _stack(command="gunicorn -w {workers} --threads {threads} sync_app:app"),
        ["placeholders {workers}, and no others"],
    ),
    ("values without their placeholder", _stack(threads=[2]), ["placeholders {threads} and {workers}"]),
    ("open brace", _stack(command="gunicorn -w {workers sync_app:app"), ["braces hold placeholders"]),
    (
        "a format",
        _stack(command="gunicorn -w {workers:>5} sync_app:app"),
        ["without shell syntax (found '>')"],
    ),
    (
        "nested placeholder",
        _stack(command="gunicorn -w {workers:{threads}} sync_app:app"),
        ["placeholders {workers}, and no others"],
    ),
    (
        "pipe",
        _stack(command="gunicorn -w {workers} sync_app:app | tee x"),
        ["without shell syntax (found '|')"],
    ),
    ("variable", _stack(command="gunicorn -w {workers} $HOME"), ["without shell syntax (found '$')"]),
    ("two lines", _stack(command="gunicorn -w {workers}\nrm x"), ["without shell syntax (found"]),
    ("open quote", _stack(command="gunicorn -w {workers} 'x"), ["a plain command (No closing quotation)"]),
    (
        "unknown server",
        _stack(command="waitress -w {workers} x"),
        ["starts with one of granian, gunicorn, uvicorn"],
    ),
    ("command that is no text", _stack(command=3), ["command is 3", "as a person would type it"]),
    (
        "bind in the row",
        _stack(command="gunicorn --bind=0.0.0.0:80 -w {workers} sync_app:app"),
        ["without --bind=0.0.0.0:80", "from the environment"],
    ),
    *(
        (f"place: {words}", _stack(command=f"{words} -w {{workers}} x:app"), [f"without {refused}:"])
        for words, refused in (
            ("gunicorn -b0.0.0.0:7777", "-b0.0.0.0:7777"),
            ("gunicorn -b 0.0.0.0:7777", "-b"),
            ("gunicorn -Rb0.0.0.0:7777", "-Rb0.0.0.0:7777"),
            ("gunicorn --bin 0.0.0.0:7777", "--bin"),
            ("gunicorn --bi=0.0.0.0:7777", "--bi=0.0.0.0:7777"),
            ("gunicorn -c some.py", "-c"),
            ("gunicorn --conf some.py", "--conf"),
            ("granian --uds /tmp/x", "--uds"),
            ("granian --metrics", "--metrics"),
            ("uvicorn --fd=3", "--fd=3"),
        )
    ),
    (
        "users of nothing",
        _stack(vus=2),
        ["stacks[0] (one): vus is 2", "users per load, such as {quote: 2}"],
    ),
    ("no users", _stack(vus={"poc": 0}), ["vus is {'poc': 0}", "users per load, such as {quote: 2}"]),
    (
        "users of an unknown workload",
        _stack(vus={"quot": 2}),
        ["vus is {'quot': 2}", "loads: poc, quote, quote-view"],
    ),
    ("loads beside load", lambda m: m.update(loads={}), ["has load beside loads", "either of the two"]),
    ("loads that are none", _loads([]), ["loads is []", "loads by name, such as {saturate: "]),
    ("a load of no name", _loads({"A b": LOAD}), ["loads has the name 'A b'", "lower-case letters"]),
    (
        "an unknown shape",
        _loads({"a": LOAD | {"shape": "ramp"}}),
        ["loads.a: shape is 'ramp'", "constant-vus"],
    ),
    (
        "a closed load with a rate",
        _loads({"a": LOAD | {"rate": 60}}),
        ["loads.a: rate is 60, but shape is 'constant-vus'", "rate with shape constant-arrival-rate only"],
    ),
    (
        "an open load with users",
        _loads({"a": LOAD | {"shape": "constant-arrival-rate", "rate": 60, "slo_ms": 100}}),
        [
            "loads.a: vus is 10, but shape is 'constant-arrival-rate'",
            "vus with shape constant-vus or capacity only",
        ],
    ),
    (
        "an open load without a service level",
        _loads({"a": OPEN | {"slo_ms": 0}}),
        ["loads.a: slo_ms is 0", "whole milliseconds from 1"],
    ),
    ("a pause without a unit", _loads({"a": LOAD | {"pause": 0}}), ["loads.a: pause is 0", "a duration"]),
    ("a bad choice", lambda m: m.update(repeats=0), ["repeats is 0", "a whole number from 1 to 1000"]),
    ("an alias that is no name", _stack(aliases=["A b"]), ["aliases is ['A b']", "lower-case letters"]),
    (
        "sizes beside workers",
        _stack(sizes=["1x5"], command="gunicorn -w {workers} --threads {threads} x:app"),
        ["stacks[0] (one): has sizes beside workers or threads", "either of the two"],
    ),
    (
        "a pool of a fake database",
        _stack(pool="none"),
        ["stacks[0] (one): pool is 'none', but database is 'fakedb'", "pool with database postgres only"],
    ),
    ("duplicate stack", _stack(name="two"), ["the name 'two' occurs 2 times; allowed: once"]),
]


@pytest.mark.parametrize(
    ("damage", "parts"), [case[1:] for case in BAD_MATRICES], ids=[c[0] for c in BAD_MATRICES]
)
def test_a_bad_matrix_gives_one_message(
    refused: Refused, matrix: dict[str, Any], write_matrix: Write, damage: Damage, parts: list[str]
) -> None:
    """The message names the file and the key, the value found, and what is allowed."""
    damage(matrix)
    path = write_matrix(matrix)
    (problem,) = refused(matrix=path)
    assert problem.startswith(f"{path}: ")
    assert [part for part in parts if part not in problem] == []


def test_the_undamaged_matrix_is_taken(make: Make, matrix: dict[str, Any], write_matrix: Write) -> None:
    """The matrix that the other tests damage is sound: workers and threads are crossed, in order."""
    made = make(matrix=write_matrix(matrix))
    names = [cell["cell"] for cell in made["cells"]]
    two = [f"two-w{workers}-t{threads}-db25" for workers in (1, 2) for threads in (4, 8)]
    assert names == ["one-w1-db25", *two]
    assert made["cells"][-1]["command"] == "gunicorn -k gthread -w 2 --threads 8 sync_app:app"
    assert [cell["threads"] for cell in make(matrix=made["matrix"]["path"], threads="3")["cells"]] == [
        None,
        3,
        3,
    ]


BAD_POSTGRES: list[tuple[str, Damage, list[str]]] = [
    (
        "latency of a real database",
        lambda m: m.update(db_sleep=[25]),
        ["db_sleep is [25], but database is 'postgres'", "db_sleep with database fakedb only"],
    ),
    (
        "unknown key",
        lambda m: m.update(speed=1),
        ["unknown key 'speed'", "allowed: name, database, extends, loads, load, stacks"],
    ),
    ("no pool", lambda m: m["stacks"][0].pop("pool"), ["stacks[0] (pooled): has no pool"]),
    ("pool without text", _stack(pool=None), ["pool is None", "none, or {min: 5, max: 15}"]),
    ("pool of one number", _stack(pool=15), ["pool is 15", "none, or {min: 5, max: 15}"]),
    ("pool without max", _stack(pool={"min": 5}), ["pool is {'min': 5}", "none, or {min: 5, max: 15}"]),
    (
        "pool with more",
        _stack(pool={"min": 5, "max": 15, "timeout": 1}),
        ["'timeout': 1", "none, or {min: 5, max: 15}"],
    ),
    ("pool upside down", _stack(pool={"min": 15, "max": 5}), ["'min': 15", "min not above max"]),
    ("pool of nothing", _stack(pool={"min": 0, "max": 5}), ["'min': 0", "whole numbers from 1 to 1000"]),
    ("pool of halves", _stack(pool={"min": 1, "max": 2.5}), ["2.5", "whole numbers from 1 to 1000"]),
    ("no workers", lambda m: m["stacks"][0].pop("sizes"), ["stacks[0] (pooled): has no workers"]),
    ("size of text", _stack(sizes=["3"]), ["sizes is ['3']", "WORKERSxTHREADS, such as 3x5"]),
    ("size of nothing", _stack(sizes=["3x0"]), ["sizes is ['3x0']", "WORKERSxTHREADS, such as 3x5"]),
    ("size twice", _stack(sizes=["3x5", "3x5"]), ["sizes is ['3x5', '3x5']", "each value once"]),
    (
        "sizes without their placeholder",
        _stack(command="gunicorn -w {workers} django_pooled:wsgi"),
        ["placeholders {threads} and {workers}"],
    ),
]


@pytest.mark.parametrize(
    ("damage", "parts"), [case[1:] for case in BAD_POSTGRES], ids=[c[0] for c in BAD_POSTGRES]
)
def test_a_bad_matrix_on_postgres_gives_one_message(
    refused: Refused, postgres_matrix: dict[str, Any], write_matrix: Write, damage: Damage, parts: list[str]
) -> None:
    """Keys belong to their kind of database; what is missing, foreign or malformed is named."""
    damage(postgres_matrix)
    path = write_matrix(postgres_matrix)
    found = refused(matrix=path)
    told = [problem for problem in found if all(part in problem for part in parts)]
    assert len(told) == 1, found
    assert all(problem.startswith(f"{path}: ") for problem in found)


def test_a_child_on_another_database_is_told_what_it_inherits(refused: Refused, write_matrix: Write) -> None:
    """A matrix that extends one of another database keeps neither its latency nor its stacks."""
    problems = refused(matrix=write_matrix({"name": "mine", "extends": "quick", "database": "postgres"}))
    assert any("db_sleep is [25], but database is 'postgres'" in problem for problem in problems)
    assert sum("has no pool" in problem for problem in problems) == 12


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "", "\x00"])
def test_a_file_that_is_no_mapping_is_refused(refused: Refused, write_matrix: Write, text: str) -> None:
    """Text that is not YAML, or not a mapping, gives one line that names the file."""
    path = write_matrix(text)
    (problem,) = refused(matrix=path)
    assert problem.startswith(f"{path}: ")
    assert "\n" not in problem


@pytest.mark.parametrize("length", [1, 2, 3])
def test_matrices_that_extend_each_other_are_refused(
    refused: Refused, write_matrix: Write, length: int
) -> None:
    """A loop of `extends`, whatever its length, ends with a message."""
    paths = [write_matrix("", f"m{number}") for number in range(length)]
    for number in range(length):
        write_matrix({"name": "x", "extends": paths[(number + 1) % length]}, f"m{number}")
    (problem,) = refused(matrix=paths[0])
    assert "extends is" in problem
    assert "allowed: a matrix that does not extend this one" in problem


def test_extends_of_an_unknown_matrix_lists_the_known(refused: Refused, write_matrix: Write) -> None:
    """A parent that is not there is named beside those that are."""
    path = write_matrix({"name": "x", "extends": "nope"})
    (problem,) = refused(matrix=path)
    assert problem.startswith(f"{path}: extends is 'nope'; allowed: poc, quick")


@pytest.mark.parametrize("value", [None, ["poc"], True, 3])
def test_extends_is_a_name(refused: Refused, write_matrix: Write, value: object) -> None:
    """A parent that is no text is named with file and key."""
    path = write_matrix({"name": "x", "extends": value})
    (problem,) = refused(matrix=path)
    assert problem.startswith(f"{path}: extends is {value!r}; allowed: the name of a matrix")


NINE_FOLD = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "name: a\nload: {vus: 1}\nname: b\n",
            "line 3: has the key 'name' again, after line 1; allowed: once",
        ),
        ("name: a\nload: {vus: 1, vus: 2}\n", "line 2: has the key 'vus' again, after line 2; allowed: once"),
        ("name: " + "[" * 5000 + "]" * 5000, "line 1: is nested deeper than allowed: 32 levels"),
        ("name:" + "\n- " * 1 + "- " * 5000 + "x", "line 2: is nested deeper than allowed: 32 levels"),
        (NINE_FOLD, "line 6: has more values than allowed, with aliases written out: 100000"),
        ("name: &a [1, *a]", "line 1: *a stands in what it names; allowed: after it"),
        ("name: [" + "1," * 600_000 + "]", "is larger than allowed: 1000000 bytes"),
        ("name: 2024-13-45", "cannot be read as YAML: month must be in 1..12"),
        ("name: " + "9" * 5000, "cannot be read as YAML: Exceeds the limit"),
        ("name: *nobody", "cannot be read as YAML: found undefined alias"),
        ("name: !!python/object:os.system {}", "cannot be read as YAML: could not determine a constructor"),
    ],
)
def test_a_file_that_yaml_takes_and_we_do_not(
    refused: Refused, write_matrix: Write, text: str, told: str
) -> None:
    """The file is named with the line, within a second: no depth, no aliases, no key that comes twice."""
    path = write_matrix(text)
    (problem,) = refused(matrix=path)
    assert problem.startswith(f"{path}: {told}")


def test_aliases_are_allowed(make: Make, matrix: dict[str, Any], write_matrix: Write) -> None:
    """Anchors, aliases and merges that stay small are taken."""
    assert write_matrix(matrix)
    shared = matrix["stacks"][0]
    matrix["stacks"] = [shared, {**shared, "name": "other", "workers": shared["workers"]}]
    text = write_matrix(matrix)
    assert "*id001" in Path(text).read_text(encoding="utf-8")
    assert [cell["cell"] for cell in make(matrix=text)["cells"]] == ["one-w1-db25", "other-w1-db25"]
