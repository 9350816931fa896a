"""What Tripod asks PostgreSQL: identity, data, statistics of a trial. Each query prints one JSON value."""
# ruff: noqa: S608 - put together from the constants here, nothing else

from __future__ import annotations

# The applications' database and role have one name; the administrator's are both `postgres`.
DATABASE = ROLE = "tripod"
AUTHORS, QUOTES = 100, 100_000
# Of roles/postgres/files/quotes.sql: what CHECKSUM returns once it has run.
DATA_MD5 = "920d85cd36d5e789c559ff512266671b"
# The keys of the record that pg_stat_statements alone can tell; the embedded server is without it.
OF_STATEMENTS = ("queries", "round_trips", "rows_to_client", "total_ms", "statements")

# postmaster.pid is read by the server itself, in its own data directory.
IDENTITY = f"""
SELECT json_build_object(
    'pid', split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int,
    'version', split_part(current_setting('server_version'), ' ', 1),
    'sessions', (SELECT sessions FROM pg_stat_database WHERE datname = '{DATABASE}'));
"""

ROWS = """
SELECT json_build_object('authors', (SELECT count(*) FROM author), 'quotes', (SELECT count(*) FROM quote));
"""

CHECKSUM = """
SELECT to_json(md5(
    (SELECT string_agg(concat_ws('|', id, quote_text, author_id), E'\\n' ORDER BY id) FROM quote)
    || E'\\n' || (SELECT string_agg(concat_ws('|', id, name), E'\\n' ORDER BY id) FROM author)));
"""

_HAS_STATEMENTS = """EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')
    AND current_setting('shared_preload_libraries') ~ 'pg_stat_statements'"""

# A crash loses all statistics; those of the archiver say since when they count.
_STATISTICS = f"""
SELECT json_build_object(
    'version', split_part(current_setting('server_version'), ' ', 1),
    'sessions', sessions, 'transactions', xact_commit + xact_rollback, 'rows_returned', tup_returned,
    'deadlocks', deadlocks, 'statements', {_HAS_STATEMENTS},
    'crashed', (SELECT stats_reset FROM pg_stat_archiver))
FROM pg_stat_database WHERE datname = '{DATABASE}';
"""

_VIEWS = "SELECT json_build_object('views', (SELECT sum(views) FROM quote));\n"

_SESSIONS = f"FROM pg_stat_activity WHERE datname = '{DATABASE}' AND backend_type = 'client backend'"
_OURS = "usename = 'postgres' AND application_name = 'tripod'"
_APPLICATIONS = f"usename = '{ROLE}'"


def _wait(sessions: str, ticks: int) -> str:
    """Wait at most `ticks` times 20 ms until sessions in the applications' database have ended."""
    return f"""
    FOR tick IN 1..{ticks} LOOP
        EXIT WHEN NOT EXISTS (SELECT {_SESSIONS} AND {sessions});
        PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
    END LOOP;"""


# Begins in the applications' database. VACUUM: each trial finds the table as the first one did, whatever the
# trials before have written. A session reports before it leaves pg_stat_activity: ours must have left.
BEGIN = f"""
VACUUM quote;
{_VIEWS}
\\connect postgres
DO $$ BEGIN {_wait(_OURS, 50)}
    IF {_HAS_STATEMENTS} THEN PERFORM pg_stat_statements_reset(); END IF;
END $$;
{_STATISTICS}"""

ACTIVE = f"""SELECT count(*) FROM pg_stat_activity
WHERE {_APPLICATIONS} AND backend_type = 'client backend' AND state = 'active'"""

END = f"""
DO $$ BEGIN {_wait(_APPLICATIONS, 800)}
    PERFORM pg_terminate_backend(pid, 1000) {_SESSIONS} AND {_APPLICATIONS};
END $$;
{_STATISTICS}"""

VIEWS = f"\\connect {DATABASE}\n{_VIEWS}"

_TOUCHES_ROWS = r"^\s*(select|insert|update|delete|merge|with|values|table)\M"
_RETURNS_ROWS = r"^\s*(select|with|values|table)\M|\mreturning\M"

STATEMENTS = f"""
WITH told AS (
    SELECT left(query, 2000) AS query, sum(calls)::bigint AS calls, sum(rows)::bigint AS rows,
        sum(total_exec_time)::numeric AS total_ms
    FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
    WHERE r.rolname = '{ROLE}' GROUP BY 1
), shown AS (SELECT * FROM told ORDER BY total_ms DESC LIMIT 20)
SELECT json_build_object(
    'queries', coalesce(sum(calls) FILTER (WHERE query ~* '{_TOUCHES_ROWS}'), 0),
    'round_trips', coalesce(sum(calls), 0),
    'rows_to_client', coalesce(sum(rows) FILTER (WHERE query ~* '{_RETURNS_ROWS}'), 0),
    'total_ms', coalesce(round(sum(total_ms), 3), 0),
    'statements', coalesce((SELECT json_agg(json_build_object(
        'query', query, 'calls', calls, 'rows', rows, 'mean_ms', round(total_ms / calls, 4),
        'total_ms', round(total_ms, 3)) ORDER BY total_ms DESC) FROM shown), '[]'))
FROM told;
"""
