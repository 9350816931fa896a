"""The statements of the applications without an ORM: word for word what the ORMs of the others ask for."""

from __future__ import annotations

RANDOM_QUOTE = (
    "SELECT q.id, q.quote_text, q.author_id, q.views, a.id, a.name"
    " FROM quote q JOIN author a ON a.id = q.author_id ORDER BY random() LIMIT 1"
)
LOCK_RANDOM_QUOTE = "SELECT q.id, q.views FROM quote q ORDER BY random() LIMIT 1 FOR UPDATE"
ADD_VIEW = "UPDATE quote SET views = views + 1 WHERE id = %s"
