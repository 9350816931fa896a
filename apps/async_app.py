"""FastAPI with `async def` handlers and an async client: async all the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from common import async_db, identity, page
from common.db import DatabaseError
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep one client per worker, opened in the worker's own event loop."""
    async with async_db.open_client() as client:
        app.state.db = client
        yield


app = FastAPI(openapi_url=None, lifespan=lifespan)


@app.get("/", response_class=HTMLResponse)
async def home() -> str:
    """Render the page."""
    return page.render()


@app.get("/api")
async def api(request: Request) -> dict[str, int]:
    """Ask the database for one value."""
    return {"value": await async_db.fetch_value(request.app.state.db)}


@app.get("/ready")
async def ready(request: Request) -> dict[str, Any]:
    """Say who is answering."""
    return identity.describe(__name__, http=identity.asgi_parser(request.receive))


@app.exception_handler(DatabaseError)
async def database_failed(_request: Request, error: DatabaseError) -> JSONResponse:
    """Say that the fault is behind this application."""
    return JSONResponse({"error": str(error)}, status_code=502)
