"""Flask with SQLAlchemy's ORM and its own pool.

The engine connects when it is first asked to, hence never before a server forks.
"""

from __future__ import annotations

from typing import Any

from common import identity, quotes, sqlalchemy_quotes
from common.compact_json import CompactJSON
from flask import Flask, Response, request
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

app = Flask(__name__, static_folder=None)
app.json = CompactJSON(app)

engine = create_engine(sqlalchemy_quotes.ENGINE_URL, **sqlalchemy_quotes.ENGINE_OPTIONS)
Session = sessionmaker(engine)


@app.get("/")
def home() -> Response:
    """Answer the static page."""
    return Response(quotes.HOME, mimetype="text/plain")


@app.get("/quote/")
def quote() -> Response:
    """Answer a random quote and its author."""
    with Session() as session:
        found = session.scalars(sqlalchemy_quotes.random_quote()).one()
        text = quotes.text(found.quote_text, found.author.name)
    return Response(text, mimetype="text/plain")


@app.post("/quote/view")
def view() -> dict[str, int]:
    """Count a view of a random quote."""
    with Session.begin() as session:
        quote_id, views = session.execute(sqlalchemy_quotes.lock_random_quote()).one()
        session.execute(sqlalchemy_quotes.add_view(quote_id))
    return {"id": quote_id, "views": views + 1}


@app.get("/ready")
def ready() -> dict[str, Any]:
    """Say who is answering."""
    return identity.describe(__name__, http=identity.wsgi_parser(request.environ))


def database_failed(error: Exception) -> tuple[dict[str, str], int]:
    """Say that the database cannot be asked."""
    return quotes.unavailable(error), 503


for kind in sqlalchemy_quotes.UNAVAILABLE:
    app.register_error_handler(kind, database_failed)
