"""FastAPI with `async def` handlers that call the blocking client: the mistake that people make.

Nothing fails and nothing warns. But while a handler waits for the database, the event loop waits with it, and
with the loop every other request of this worker: one request at a time, as in a sync worker.
"""

from __future__ import annotations

from typing import Any

from common import blocking_db, identity, page
from common.db import DatabaseError
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

app = FastAPI(openapi_url=None)


@app.get("/", response_class=HTMLResponse)
async def home() -> str:
    """Render the page."""
    return page.render()


@app.get("/api")
async def api() -> dict[str, int]:
    """Ask the database for one value, and block the event loop until it comes."""
    return {"value": blocking_db.fetch_value()}  # the mistake: no `await`


@app.get("/ready")
async def ready(request: Request) -> dict[str, Any]:
    """Say who is answering."""
    return identity.describe(__name__, http=identity.asgi_parser(request.receive))


@app.exception_handler(DatabaseError)
async def database_failed(_request: Request, error: DatabaseError) -> JSONResponse:
    """Say that the fault is behind this application."""
    return JSONResponse({"error": str(error)}, status_code=502)
