"""JSON from Flask in the same bytes as from FastAPI: Flask's own provider ends each answer with a newline."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.json.provider import DefaultJSONProvider


class CompactJSON(DefaultJSONProvider):
    """Flask's JSON, keys in the order given, nothing after the closing brace."""

    sort_keys = False

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return an answer with the arguments as its JSON body."""
        body = self.dumps(self._prepare_response_obj(args, kwargs), separators=(",", ":"))
        return self._app.response_class(body, mimetype=self.mimetype)
