"""The plain views, for WSGI."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from common import identity, quotes
from common.django_quotes import answers
from common.django_quotes.models import Quote

View = Callable[[HttpRequest], HttpResponse]


def needs_database(view: View) -> View:
    """Answer 503 if the database cannot be asked."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except answers.UNAVAILABLE as error:
            return answers.unavailable(error)

    return guarded


@require_GET
def home(_request: HttpRequest) -> HttpResponse:
    """Answer the static page."""
    return answers.plain(quotes.HOME)


@require_GET
@needs_database
def quote(_request: HttpRequest) -> HttpResponse:
    """Answer a random quote and its author."""
    found = Quote.objects.select_related("author").order_by("?").first()
    return answers.plain(quotes.text(found.quote_text, found.author.name))


@require_POST
@needs_database
def view(_request: HttpRequest) -> HttpResponse:
    """Count a view of a random quote."""
    return answers.compact_json(answers.count_view())


@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """Say who is answering."""
    http = identity.wsgi_parser(request.META)
    return answers.compact_json(identity.describe(settings.TRIPOD_MODULE, http=http))


urlpatterns = [
    path("", home),
    path("quote/", quote),
    path("quote/view", view),
    path("ready", ready),
]
