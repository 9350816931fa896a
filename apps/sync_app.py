"""Flask with the blocking client: sync Python as it has always been written."""

from __future__ import annotations

from typing import Any

from common import blocking_db, identity, page
from common.compact_json import CompactJSON
from common.db import DatabaseError
from flask import Flask, request

app = Flask(__name__, static_folder=None)
app.json = CompactJSON(app)


@app.get("/")
def home() -> str:
    """Render the page."""
    return page.render()


@app.get("/api")
def api() -> dict[str, int]:
    """Ask the database for one value."""
    return {"value": blocking_db.fetch_value()}


@app.get("/ready")
def ready() -> dict[str, Any]:
    """Say who is answering."""
    return identity.describe(__name__, http=identity.wsgi_parser(request.environ))


@app.errorhandler(DatabaseError)
def database_failed(error: DatabaseError) -> tuple[dict[str, str], int]:
    """Say that the fault is behind this application."""
    return {"error": str(error)}, 502
