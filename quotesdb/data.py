"""What the quotes are: names, numbers, and how they are loaded again."""

from __future__ import annotations

from collections.abc import Mapping

# The applications' database and role have one name; the administrator's are both `postgres`.
DATABASE = ROLE = "tripod"
AUTHORS, QUOTES = 100, 100_000
# Of quotes.sql: what checksum.sql returns once it has run.
MD5 = "920d85cd36d5e789c559ff512266671b"
RELOAD = "ansible-playbook playbooks/deploy.yml -e matrix=quotes -e postgres_reload=true (and the run's -i)"


def wrong_rows(rows: Mapping[str, int]) -> str | None:
    """Return what is wrong with the numbers of authors and quotes, with the command that makes it right."""
    wanted = {"authors": AUTHORS, "quotes": QUOTES}
    if rows == wanted:
        return None
    found = f"{rows['quotes']} quotes of {rows['authors']} authors"
    return f"the database has {found}, not {QUOTES} of {AUTHORS}; load them again: {RELOAD}"
