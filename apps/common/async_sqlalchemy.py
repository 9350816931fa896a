"""What the applications with SQLAlchemy's async engine share: engine, transaction, and failures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from common import quotes, sqlalchemy_quotes


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep one engine, and so one pool, per worker, in the worker's own event loop."""
    engine = create_async_engine(sqlalchemy_quotes.ENGINE_URL, **sqlalchemy_quotes.ENGINE_OPTIONS)
    app.state.sessions = async_sessionmaker(engine)
    yield
    await engine.dispose()


async def count_view(sessions: async_sessionmaker[AsyncSession]) -> dict[str, int]:
    """Add one to the view count of a random quote, in a transaction."""
    async with sessions.begin() as session:
        locked = await session.execute(sqlalchemy_quotes.lock_random_quote())
        quote_id, views = locked.one()
        await session.execute(sqlalchemy_quotes.add_view(quote_id))
    return {"id": quote_id, "views": views + 1}


async def database_failed(_request: Request, error: Exception) -> JSONResponse:
    """Say that the database cannot be asked."""
    return JSONResponse(quotes.unavailable(error), status_code=503)


def answer_failures(app: FastAPI) -> None:
    """Have `app` answer 503 if the database cannot be asked."""
    for kind in sqlalchemy_quotes.UNAVAILABLE:
        app.add_exception_handler(kind, database_failed)
