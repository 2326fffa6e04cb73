"""Sessions: a JSON Web Token (RFC 7519) signed with Ed25519, in one cookie.

Only the events service holds the private key. The others can read a session and never make one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import jwt
from jwt.types import Options
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shared.keys import private_key, public_key
from shared.tables import ENDED_SESSIONS

LASTS = timedelta(hours=12)
ALGORITHM = "EdDSA"
CLAIMS = ("sid", "sub", "name", "iat", "exp")
UNTIMED: Options = {"verify_exp": False, "verify_iat": False, "require": list(CLAIMS)}
ENDED = select(ENDED_SESSIONS.c.session_id).where(
    ENDED_SESSIONS.c.session_id == bindparam("session_id")
)


@dataclass(frozen=True)
class Ticket:
    """What a session says: whose it is, and until when."""

    session_id: UUID
    organiser_id: int
    name: str
    expires_at: datetime


def sign(ticket: Ticket, *, key: str, now: datetime) -> str:
    """Return the ticket as a token, signed with the private key in PEM."""
    claims = {
        "sid": str(ticket.session_id),
        "sub": str(ticket.organiser_id),
        "name": ticket.name,
        "iat": int(now.timestamp()),
        "exp": int(ticket.expires_at.timestamp()),
    }
    return jwt.encode(claims, private_key(key), algorithm=ALGORITHM)


def read(token: str, *, key: str, now: datetime) -> Ticket | None:
    """Return what a token says, or nothing when it is not ours, was bent or is too old.

    The time is the database's, like everywhere, and not that of this machine.
    """
    try:
        claims = jwt.decode(token, public_key(key), algorithms=[ALGORITHM], options=UNTIMED)
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        ticket = Ticket(
            session_id=UUID(claims["sid"]),
            organiser_id=int(claims["sub"]),
            name=str(claims["name"]),
            expires_at=expires_at,
        )
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError):
        return None
    return ticket if now < ticket.expires_at else None


def is_ended(session: Session, session_id: UUID) -> bool:
    """Tell whether somebody ended this session before its time."""
    return session.execute(ENDED, {"session_id": session_id}).first() is not None


def cookie_name(public_url: str) -> str:
    """Return the cookie's name: with https one that browsers bind to this very host."""
    return "__Host-muster" if is_secure(public_url) else "muster"


def is_secure(public_url: str) -> bool:
    """Tell whether people reach this installation by https."""
    return urlsplit(public_url).scheme == "https"
