"""Return paths that name the notice: a bounce to one says by itself which mail came back (VERP)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from uuid import UUID

LONGEST_LOCAL = 64 - 1 - 42
"""Before the @ of an address below which return paths are: RFC 5321 has 64, 42 of them are ours."""

PROOF = 10
"""Bytes of the HMAC; as many again could not be guessed any less."""


def token_of(message_id: UUID, *, key: str) -> str:
    """Return the token that names a mail, in letters and digits that survive any mail server."""
    proven = message_id.bytes + _proof(message_id, key)
    return base64.b32encode(proven).decode().rstrip("=").lower()


def read_token(token: str, *, key: str) -> UUID | None:
    """Return which mail a token names; nothing when it is none of ours."""
    try:
        proven = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except ValueError:
        return None
    if len(proven) != 16 + PROOF:
        return None
    message_id = UUID(bytes=proven[:16])
    fits = hmac.compare_digest(proven[16:], _proof(message_id, key))
    return message_id if fits else None


def return_path(address: str, message_id: UUID, *, key: str) -> str:
    """Return the address to which a mail comes back, below the one that the settings name."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token_of(message_id, key=key)}@{domain}"


def _proof(message_id: UUID, key: str) -> bytes:
    said = b"return path" + message_id.bytes
    return hmac.new(key.encode(), said, hashlib.sha256).digest()[:PROOF]
