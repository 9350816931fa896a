"""Flask with raw SQL over psycopg_pool.

The first request opens the pool, hence never before a server forks.
"""

from __future__ import annotations

from typing import Any

from common import identity, psycopg_pools, quotes, raw_sql
from common.compact_json import CompactJSON
from flask import Flask, Response, request
from psycopg_pool import ConnectionPool

app = Flask(__name__, static_folder=None)
app.json = CompactJSON(app)

pool = ConnectionPool(**psycopg_pools.OPTIONS)


@app.get("/")
def home() -> Response:
    """Answer the static page."""
    return Response(quotes.HOME, mimetype="text/plain")


@app.get("/quote/")
def quote() -> Response:
    """Answer a random quote and its author."""
    pool.open()  # does nothing if it is open; Django opens its own in the same way
    with pool.connection() as connection:
        row = connection.execute(raw_sql.RANDOM_QUOTE).fetchone()
    return Response(quotes.text(row[1], row[5]), mimetype="text/plain")


@app.post("/quote/view")
def view() -> dict[str, int]:
    """Count a view of a random quote."""
    pool.open()
    with pool.connection() as connection:  # one transaction, committed at the end
        quote_id, views = connection.execute(raw_sql.LOCK_RANDOM_QUOTE).fetchone()
        connection.execute(raw_sql.ADD_VIEW, [quote_id])
    return {"id": quote_id, "views": views + 1}


@app.get("/ready")
def ready() -> dict[str, Any]:
    """Say who is answering."""
    return identity.describe(__name__, http=identity.wsgi_parser(request.environ))


def database_failed(error: Exception) -> tuple[dict[str, str], int]:
    """Say that the database cannot be asked."""
    psycopg_pools.discard_dead(pool, error)
    return quotes.unavailable(error), 503


for kind in psycopg_pools.UNAVAILABLE:
    app.register_error_handler(kind, database_failed)
