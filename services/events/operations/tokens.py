"""Tokens of programs: issued, listed and revoked; the token itself is shown once and not stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.access.tokens import hash_of, new_token
from shared.columns import LARGEST_ID
from shared.refusals import NotThere
from shared.tables import NETWORK, TOKENS

from ..rules import access as rules
from . import audit
from .stored import find_group


@dataclass(frozen=True)
class Wanted:
    """What a token is for, what it may do, and until when."""

    name: str
    rights: Collection[str]
    expires_at: datetime


def issue_token(
    session: Session,
    group_id: int,
    wanted: Wanted,
    *,
    now: datetime,
) -> tuple[int, str]:
    """Issue a token for a group, or under 0 for the network; return its number and the token."""
    if group_id != NETWORK:
        find_group(session, group_id)
    token = new_token()
    row: dict[str, Any] = {
        "hash": hash_of(token),
        "name": wanted.name,
        "group_id": group_id,
        "rights": rules.words_of_rights(wanted.rights),
        "expires_at": wanted.expires_at,
    }
    token_id: int = session.execute(insert(TOKENS).returning(TOKENS.c.id), row).scalar_one()
    outbox.tell(session, messages.TokenIssued(id=token_id, **row), now=now)
    _note(session, "token.issued", token_id, row, now=now)
    return token_id, token


def list_tokens(
    session: Session, group_id: int | None = None, *, now: datetime | None = None
) -> Sequence[Row[Any]]:
    """Return tokens, newest first: a group's, under 0 the network's, with None all.

    With `now` only those that still let somebody in.
    """
    query = select(TOKENS).order_by(TOKENS.c.id.desc())
    if group_id is not None:
        query = query.where(TOKENS.c.group_id == group_id)
    if now is not None:
        query = query.where(TOKENS.c.revoked_at.is_(None), TOKENS.c.expires_at > now)
    return session.execute(query).all()


def revoke_token(
    session: Session, token_id: int, *, group_id: int | None = None, now: datetime
) -> None:
    """Revoke a token for good; a second time changes nothing.

    Raises NotThere for one that is not this group's, if a group is named.
    """
    row = (
        session.execute(select(TOKENS).filter_by(id=token_id)).one_or_none()
        if (token_id <= LARGEST_ID)
        else None
    )
    if row is None or group_id not in (None, row.group_id):
        raise NotThere
    where = (TOKENS.c.id == token_id) & TOKENS.c.revoked_at.is_(None)
    done = session.execute(
        update(TOKENS).where(where).values(revoked_at=now).returning(TOKENS.c.id)
    )
    if done.one_or_none() is None:
        return
    facts = {name: getattr(row, name) for name in FACTS}
    outbox.tell(session, messages.TokenRevoked(**facts, revoked_at=now), now=now)
    _note(session, "token.revoked", token_id, facts, now=now)


FACTS = ("id", "hash", "name", "group_id", "rights", "expires_at")


def _note(
    session: Session, action: str, token_id: int, row: dict[str, Any], *, now: datetime
) -> None:
    about = audit.About("token", token_id, row["name"], row["group_id"] or None)
    audit.note(session, action, about, now=now, details=row["rights"])
