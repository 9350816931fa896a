"""The tables, which the database's role makes: unmanaged here."""

from __future__ import annotations

from django.db import models


class Author(models.Model):
    """Who said it."""

    id = models.IntegerField(primary_key=True)
    name = models.TextField()

    class Meta:
        """Mapped onto the table as it is."""

        managed = False
        db_table = "author"

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class Quote(models.Model):
    """What was said, and how often it was viewed."""

    id = models.IntegerField(primary_key=True)
    quote_text = models.TextField()
    author = models.ForeignKey(Author, on_delete=models.DO_NOTHING)
    views = models.IntegerField(default=0)

    class Meta:
        """Mapped onto the table as it is."""

        managed = False
        db_table = "quote"

    def __str__(self) -> str:
        """Return the text."""
        return self.quote_text
