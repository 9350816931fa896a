"""What the plain and the `async def` views share: the answers, and the transaction."""

from __future__ import annotations

from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.http import HttpResponse, JsonResponse

from common import quotes
from common.django_quotes.models import Quote
from common.psycopg_pools import discard_dead

UNAVAILABLE = (OperationalError, InterfaceError)
"""What Django raises if no connection can be had in time, or the one in use is lost."""


def plain(text: str) -> HttpResponse:
    """Answer with text."""
    return _measured(HttpResponse(text, content_type="text/plain; charset=utf-8"))


def compact_json(content: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Answer with JSON, in the same bytes as the other applications."""
    return _measured(JsonResponse(content, status=status, json_dumps_params={"separators": (",", ":")}))


def _measured(response: HttpResponse) -> HttpResponse:
    """Say the length, as the other frameworks do; in Django a middleware would."""
    response["Content-Length"] = str(len(response.content))
    return response


def count_view() -> dict[str, int]:
    """Add one to the view count of a random quote, in a transaction."""
    with transaction.atomic():
        locked = Quote.objects.select_for_update().order_by("?").values_list("id", "views")
        quote_id, views = locked[0]
        Quote.objects.filter(id=quote_id).update(views=F("views") + 1)
    return {"id": quote_id, "views": views + 1}


def unavailable(error: Exception) -> HttpResponse:
    """Say that the database cannot be asked; a pool loses its dead connections first."""
    if connection.pool:
        discard_dead(connection.pool, error.__cause__ or error)
    return compact_json(quotes.unavailable(error), status=503)
