"""FastAPI with raw SQL over psycopg_pool's async pool."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from common import identity, psycopg_pools, quotes, raw_sql
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from psycopg_pool import AsyncConnectionPool


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep one pool per worker, opened in the worker's own event loop."""
    async with AsyncConnectionPool(**psycopg_pools.OPTIONS) as pool:
        app.state.pool = pool
        yield


app = FastAPI(openapi_url=None, lifespan=lifespan)


@app.get("/", response_class=PlainTextResponse)
async def home() -> str:
    """Answer the static page."""
    return quotes.HOME


@app.get("/quote/", response_class=PlainTextResponse)
async def quote(request: Request) -> str:
    """Answer a random quote and its author."""
    async with request.app.state.pool.connection() as connection:
        cursor = await connection.execute(raw_sql.RANDOM_QUOTE)
        row = await cursor.fetchone()
    return quotes.text(row[1], row[5])


@app.post("/quote/view")
async def view(request: Request) -> dict[str, int]:
    """Count a view of a random quote."""
    async with request.app.state.pool.connection() as connection:  # one transaction, committed at the end
        cursor = await connection.execute(raw_sql.LOCK_RANDOM_QUOTE)
        quote_id, views = await cursor.fetchone()
        await connection.execute(raw_sql.ADD_VIEW, [quote_id])
    return {"id": quote_id, "views": views + 1}


@app.get("/ready")
async def ready(request: Request) -> dict[str, Any]:
    """Say who is answering."""
    return identity.describe(__name__, http=identity.asgi_parser(request.receive))


async def database_failed(request: Request, error: Exception) -> JSONResponse:
    """Say that the database cannot be asked."""
    await psycopg_pools.discard_dead_async(request.app.state.pool, error)
    return JSONResponse(quotes.unavailable(error), status_code=503)


for kind in psycopg_pools.UNAVAILABLE:
    app.add_exception_handler(kind, database_failed)
