"""The tables and statements of the applications with SQLAlchemy, and the settings of its pool.

SQLAlchemy's own pool has no minimum and maximum of the kind that psycopg_pool has. It opens connections when
they are asked for, keeps up to `pool_size` of those that come back, and closes the others; `max_overflow` is
how many may be open beyond `pool_size`. So min 5, max 15 become pool_size 5, max_overflow 10: as many at
most, and as many kept, but none opened ahead.

There is no pre-ping: it would cost a round trip per request. A lost connection fails one request, and
SQLAlchemy then throws away all those that were opened before that moment.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, ForeignKey, Select, Update, exc, func, make_url, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

from common import postgres

UNAVAILABLE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
"""What SQLAlchemy raises if no connection can be had in time, or the one in use is lost."""

ENGINE_URL: URL = make_url(postgres.URL).set(drivername="postgresql+psycopg")
ENGINE_OPTIONS: dict[str, Any] = {
    "connect_args": postgres.CONNECTION,
    "pool_size": postgres.POOL_MIN,
    "max_overflow": postgres.POOL_MAX - postgres.POOL_MIN,
    "pool_timeout": postgres.POOL_TIMEOUT,
}


class Base(DeclarativeBase):
    """The tables."""


class Author(Base):
    """Who said it."""

    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Quote(Base):
    """What was said, and how often it was viewed."""

    __tablename__ = "quote"

    id: Mapped[int] = mapped_column(primary_key=True)
    quote_text: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    views: Mapped[int]
    author: Mapped[Author] = relationship(lazy="raise")


def shuffled_quotes() -> Select[tuple[Quote]]:
    """Select all quotes with their authors, in random order."""
    return select(Quote).options(joinedload(Quote.author, innerjoin=True)).order_by(func.random())


def random_quote() -> Select[tuple[Quote]]:
    """Select one random quote with its author."""
    return shuffled_quotes().limit(1)


def lock_random_quote() -> Select[tuple[int, int]]:
    """Select one random quote's id and view count, and lock its row until the transaction ends."""
    return select(Quote.id, Quote.views).order_by(func.random()).limit(1).with_for_update()


def add_view(quote_id: int) -> Update:
    """Add one to a quote's view count, in the database."""
    return update(Quote).where(Quote.id == quote_id).values(views=Quote.views + 1)
