"""FastAPI with SQLAlchemy's async ORM and its own pool."""

from __future__ import annotations

from typing import Any

from common import async_sqlalchemy, identity, quotes, sqlalchemy_quotes
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

app = FastAPI(openapi_url=None, lifespan=async_sqlalchemy.lifespan)


@app.get("/", response_class=PlainTextResponse)
async def home() -> str:
    """Answer the static page."""
    return quotes.HOME


@app.get("/quote/", response_class=PlainTextResponse)
async def quote(request: Request) -> str:
    """Answer a random quote and its author."""
    async with request.app.state.sessions() as session:
        result = await session.execute(sqlalchemy_quotes.random_quote())
        found = result.scalar()
        return quotes.text(found.quote_text, found.author.name)


@app.post("/quote/view")
async def view(request: Request) -> dict[str, int]:
    """Count a view of a random quote."""
    return await async_sqlalchemy.count_view(request.app.state.sessions)


@app.get("/ready")
async def ready(request: Request) -> dict[str, Any]:
    """Say who is answering."""
    return identity.describe(__name__, http=identity.asgi_parser(request.receive))


async_sqlalchemy.answer_failures(app)
