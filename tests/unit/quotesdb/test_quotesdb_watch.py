"""PostgreSQL around a trial: it proves who it is, and what it counted is what the clients did."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from typing import Any

import psycopg
import pytest
from postgres_server import NAME, Server, databases

from quotesdb import watch
from tripod.trial.counted import postgres

READ = "SELECT q.quote_text, a.name FROM quote q JOIN author a ON a.id = q.author_id LIMIT 3"
COUNT = "UPDATE quote SET views = views + 1 WHERE id = %s"


def watch_of(server: Server) -> Any:
    """Return what watches the server, as a trial finds it."""
    return watch.Watch(server.service, server.root)


def ready(server: Server, main_pid: int) -> Any:
    """Return who answers, and what is wrong with it, as the start of a trial sees it."""
    return databases.prove(watch.Watch(server.service, server.root), main_pid)


def begun(server: Server) -> None:
    """Do what the start of a trial does, in a process of its own."""
    assert server.process is not None
    database = watch_of(server)
    identity, problem = databases.prove(database, server.process.pid)
    assert problem is None
    assert identity["pid"] == server.process.pid
    assert database.begin() is None


def ended(server: Server) -> dict:
    """Do what the end of a trial does, in another process, and the record with what it told."""
    return postgres(watch_of(server).end())


def test_ready_tells_who_answers(server: Server) -> None:
    """The identity has the service, the main PID, the version and the rows."""
    assert server.process is not None
    identity, problem = ready(server, server.process.pid)
    assert problem is None
    version = identity.pop("version")
    assert 2 <= len(version.split(".")) <= 3
    assert identity == {"service": NAME, "pid": server.process.pid, "authors": 100, "quotes": 100_000}


def test_ready_refuses_another_process(server: Server) -> None:
    """A server that is not the one which the manager started is refused, with both PIDs."""
    assert server.process is not None
    _, problem = ready(server, 1)
    assert problem == (f"process {server.process.pid} answers as the database, not 1, the service's main PID")


def test_ready_refuses_wrong_rows(server: Server) -> None:
    """A missing row is found, and the message ends with the command that loads the data again."""
    assert server.process is not None
    server.psql("UPDATE quote SET id = 100001 WHERE id = 7; DELETE FROM quote WHERE id = 100001")
    try:
        _, problem = ready(server, server.process.pid)
        assert problem.startswith("the database has 99999 quotes of 100 authors, not 100000 of 100")
        assert "playbooks/deploy.yml -e matrix=quotes -e postgres_reload=true" in problem
    finally:
        server.stop()
        server.deploy(reload=True)


def test_ready_without_a_server(deployed: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a server there is a reason in psql's words once the time is over, and no exception."""
    monkeypatch.setattr(watch, "READY_S", 0.2)
    identity, problem = ready(deployed, 1)
    assert identity is None
    assert problem.startswith(
        f"{NAME} did not answer within 0.2 s: psql: error: connection to server on socket"
    )


def test_ready_of_a_server_that_ended(deployed: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that ended while it started is not waited for."""
    process = subprocess.Popen(["true"])
    process.wait()
    monkeypatch.setattr(watch, "READY_S", 3600)
    identity, problem = ready(deployed, process.pid)
    assert (identity, problem) == (None, f"{NAME} ended while it started; its log says why")


def test_connections_and_transactions(server: Server) -> None:
    """Five sessions of three transactions, one rolled back: 5 opened, 15 transactions, none of ours."""
    begun(server)
    for _ in range(5):
        with server.connect(autocommit=True) as connection:
            connection.execute(READ)
            with connection.transaction():
                connection.execute(READ)
                connection.execute(READ)
            with connection.transaction(force_rollback=True):
                connection.execute(COUNT, [1])
    told = ended(server)
    assert (told["kind"], told["connections_opened"], told["transactions"]) == ("postgres", 5, 15)
    assert (told["views_added"], told["deadlocks"]) == (0, 0)
    # Three joins a session return three quotes each, and their authors; a session's start reads little.
    assert 5 * 3 * 3 < told["rows_returned"] < 20_000


def test_sessions_from_before_the_beginning_count(server: Server) -> None:
    """A pool that was opened between the server's start and the beginning is counted as opened."""
    assert server.process is not None
    database = watch_of(server)
    assert databases.prove(database, server.process.pid)[1] is None
    with server.connect(autocommit=True) as connection:
        assert database.begin() is None
        connection.execute(READ)
    assert ended(server)["connections_opened"] == 1


def test_views_added(server: Server) -> None:
    """Views that were there before do not count; those of the trial do, exactly."""
    server.psql("UPDATE quote SET views = views + 3 WHERE id <= 10")
    begun(server)
    with server.connect() as connection:
        for quote in (1, 1, 2, 99_999):
            connection.execute(COUNT, [quote])
            connection.commit()
    assert ended(server)["views_added"] == 4


def test_statements(server: Server) -> None:
    """Statements of the applications are told one by one where the server counts them, and null elsewhere."""
    server.psql("SELECT 1 /* not the applications' */")
    begun(server)
    with server.connect(autocommit=True) as connection:
        for quote in range(1, 8):
            connection.execute(READ)
            with connection.transaction():
                connection.execute("SELECT id FROM quote WHERE id = %s FOR UPDATE", [quote])
                connection.execute(COUNT, [quote])
    told = ended(server)
    if not server.statements:
        assert {told[key] for key in ("queries", "round_trips", "rows_to_client", "total_ms")} == {None}
        assert told["statements"] is None
        return
    assert (told["queries"], told["round_trips"]) == (3 * 7, 5 * 7)
    assert told["rows_to_client"] == 7 * 3 + 7
    by_text = {statement["query"].split()[0]: statement for statement in told["statements"]}
    assert set(by_text) == {"SELECT", "UPDATE", "BEGIN", "COMMIT"}
    assert by_text["UPDATE"]["query"].startswith("UPDATE quote SET views = views + $")
    assert (by_text["UPDATE"]["calls"], by_text["UPDATE"]["rows"]) == (7, 7)
    assert told["total_ms"] == pytest.approx(sum(s["total_ms"] for s in told["statements"]), abs=0.01)
    totals = [statement["total_ms"] for statement in told["statements"]]
    assert totals == sorted(totals, reverse=True)
    assert by_text["UPDATE"]["mean_ms"] == pytest.approx(by_text["UPDATE"]["total_ms"] / 7, abs=0.001)


def test_active_peak(server: Server) -> None:
    """Three sessions that work at a time for a second are seen as three; idle ones and our own are not."""
    begun(server)
    with server.connect(autocommit=True) as idle:
        idle.execute(READ)
        sleepers = [threading.Thread(target=_sleep, args=[server, 1.0]) for _ in range(3)]
        for thread in sleepers:
            thread.start()
        for thread in sleepers:
            thread.join()
    told = ended(server)
    assert told["active_peak"] == 3
    assert 4 <= told["active_samples"] <= 40


def _sleep(server: Server, seconds: float) -> None:
    with server.connect(autocommit=True) as connection:
        connection.execute("SELECT pg_sleep(%s)", [seconds])


def test_the_sampler_ends_with_the_server(server: Server) -> None:
    """Nothing of ours lives on when the server is stopped: no psql remains that names its socket."""
    begun(server)
    ended(server)
    assert server.watchers()
    server.stop()
    end = time.monotonic() + 5
    while server.watchers():
        assert time.monotonic() < end, server.watchers()
        time.sleep(0.05)


def test_the_end_waits_for_live_sessions(server: Server) -> None:
    """Live sessions report late, so the end waits for one that works for another second, and counts it."""
    begun(server)
    late = threading.Thread(target=_sleep, args=[server, 1.0])
    late.start()
    time.sleep(0.3)
    begin = time.monotonic()
    told = ended(server)
    late.join()
    assert time.monotonic() - begin > 0.4
    assert (told["connections_opened"], told["transactions"]) == (1, 1)


def test_the_end_of_a_stopped_server(server: Server) -> None:
    """A server that was stopped during the trial tells nothing."""
    begun(server)
    server.stop()
    assert ended(server) is None


def test_statistics_lost_in_a_crash(server: Server) -> None:
    """A session killed by the system costs the server its statistics: nothing is told, rather than less."""
    begun(server)
    with server.connect(autocommit=True) as connection:
        (pid,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            connection.execute(READ)
    # It may answer until it has seen the crash, and does not always end if it is told to while it recovers.
    end = time.monotonic() + 30
    while (server.root / "server.log").read_text().count("ready to accept connections") < 2:
        assert time.monotonic() < end
        time.sleep(0.02)
    server.until_ready()
    assert ended(server) is None


def test_no_end_without_a_beginning(server: Server) -> None:
    """A trial whose beginning failed has no figures of an earlier one."""
    assert server.process is not None
    begun(server)
    assert ready(server, server.process.pid)[1] is None
    assert ended(server) is None


def test_other_services_are_no_databases(server: Server) -> None:
    """The app of a trial has no database's side."""
    assert databases.for_service({"name": "tripod-app", "port": 1}, str(server.root)) is None
