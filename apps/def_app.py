"""FastAPI with plain `def` handlers and the blocking client: the correct way to block.

FastAPI runs such handlers in its thread pool, 40 threads by default, so the event loop stays free. `/ready`
says how many there are.
"""

from __future__ import annotations

from typing import Any

from anyio import to_thread
from common import blocking_db, identity, page
from common.db import DatabaseError
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

app = FastAPI(openapi_url=None)


@app.get("/", response_class=HTMLResponse)
def home() -> str:
    """Render the page."""
    return page.render()


@app.get("/api")
def api() -> dict[str, int]:
    """Ask the database for one value."""
    return {"value": blocking_db.fetch_value()}


@app.get("/ready")
async def ready(request: Request) -> dict[str, Any]:
    """Say who is answering; `async`, because the server's loop cannot be seen from a thread of the pool."""
    threads = int(to_thread.current_default_thread_limiter().total_tokens)
    return identity.describe(__name__, http=identity.asgi_parser(request.receive), threads=threads)


@app.exception_handler(DatabaseError)
async def database_failed(_request: Request, error: DatabaseError) -> JSONResponse:
    """Say that the fault is behind this application."""
    return JSONResponse({"error": str(error)}, status_code=502)
