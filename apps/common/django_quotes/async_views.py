"""The `async def` views, for ASGI.

Django's async ORM runs each query in a thread, one thread for each request. The transaction runs there too:
it is one plain function, as Django's documentation has it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from common import identity, quotes
from common.django_quotes import answers
from common.django_quotes.models import Quote

View = Callable[[ASGIRequest], Awaitable[HttpResponse]]


def needs_database(view: View) -> View:
    """Answer 503 if the database cannot be asked."""

    @wraps(view)
    async def guarded(request: ASGIRequest) -> HttpResponse:
        try:
            return await view(request)
        except answers.UNAVAILABLE as error:
            return await sync_to_async(answers.unavailable)(error)

    return guarded


@require_GET
async def home(_request: ASGIRequest) -> HttpResponse:
    """Answer the static page."""
    return answers.plain(quotes.HOME)


@require_GET
@needs_database
async def quote(_request: ASGIRequest) -> HttpResponse:
    """Answer a random quote and its author."""
    found = await Quote.objects.select_related("author").order_by("?").afirst()
    return answers.plain(quotes.text(found.quote_text, found.author.name))


@require_POST
@needs_database
async def view(_request: ASGIRequest) -> HttpResponse:
    """Count a view of a random quote."""
    return answers.compact_json(await sync_to_async(answers.count_view)())


@require_GET
async def ready(request: ASGIRequest) -> HttpResponse:
    """Say who is answering."""
    http = identity.asgi_parser(request.scope["tripod.receive"])
    return answers.compact_json(identity.describe(settings.TRIPOD_MODULE, http=http))


urlpatterns = [
    path("", home),
    path("quote/", quote),
    path("quote/view", view),
    path("ready", ready),
]
