"""Tokens of programs: looked up by their hash, so that nobody can read them from the database."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shared.tables import TOKENS

from .who import NEEDED, RIGHTS, ROLES, Who

PREFIX = "muster_"
"""Tells people, and scanners of published code, what they look at."""

LIVE = select(TOKENS).where(
    TOKENS.c.hash == bindparam("hash"),
    TOKENS.c.revoked_at.is_(None),
    TOKENS.c.expires_at > bindparam("now"),
)


def new_token() -> str:
    """Return a token that nobody can guess: 32 random bytes."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return what is stored of a token. It is random itself, so that one round of SHA-256 does."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_token(session: Session, token: str, *, now: datetime) -> Who | None:
    """Return who holds this token; nobody when it is unknown, expired or revoked."""
    row = session.execute(LIVE, {"hash": hash_of(token), "now": now}).one_or_none()
    if row is None:
        return None
    rights = frozenset(row.rights.split()) & frozenset(RIGHTS)
    held = [NEEDED[right] for right in rights if right in NEEDED]
    role = max(held, key=ROLES.index, default="")
    return Who(name=f"token {row.name}", roles={row.group_id: role}, rights=rights)
