"""What PostgreSQL keeps instead of a password (RFC 5803), made here: no statement carries the password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

# PostgreSQL's own number; each new connection pays for it once more.
ITERATIONS = 4096


def _encoded(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def verifier(password: str, *, salt: bytes | None = None) -> str:
    """Return what `ALTER ROLE … PASSWORD` takes; the password must be ASCII."""
    salt = secrets.token_bytes(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    keys = f"{_encoded(hashlib.sha256(client_key).digest())}:{_encoded(server_key)}"
    return f"SCRAM-SHA-256${ITERATIONS}:{_encoded(salt)}${keys}"


def fits(password: str, kept: str | None) -> bool:
    """Return whether the verifier that a server keeps belongs to this password."""
    try:
        salt = base64.b64decode((kept or "").split("$")[1].split(":")[1])
    except (IndexError, ValueError):
        return False
    return verifier(password, salt=salt) == kept
