"""Keeping the copies of who may do what; each of these may run twice, late and out of order."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared import messages
from shared.database import insert
from shared.handlers import Handlers
from shared.tables import ENDED_SESSIONS, MEMBERSHIPS, TOKENS


def keep_membership(session: Session, message: messages.MembershipChanged, _now: datetime) -> None:
    """Keep what somebody may do, unless something newer is known."""
    new = insert(session, MEMBERSHIPS)
    upsert = new.on_conflict_do_update(
        index_elements=["organiser_id", "group_id"],
        set_={"role": new.excluded.role, "revision": new.excluded.revision},
        where=MEMBERSHIPS.c.revision < new.excluded.revision,
    )
    names = ("organiser_id", "group_id", "role", "revision")
    session.execute(upsert, {name: getattr(message, name) for name in names})


def end_session(session: Session, message: messages.SessionEnded, _now: datetime) -> None:
    """Let nobody in any more by this session."""
    row = {"session_id": UUID(message.session_id), "expires_at": message.expires_at}
    session.execute(insert(session, ENDED_SESSIONS).on_conflict_do_nothing(), row)


def keep_token(session: Session, message: messages.TokenIssued, _now: datetime) -> None:
    """Let a program in by its token; one that is known stays as it is, revoked ones above all."""
    session.execute(insert(session, TOKENS).on_conflict_do_nothing(), _facts(message))


def revoke_token(session: Session, message: messages.TokenRevoked, _now: datetime) -> None:
    """Let nobody in any more by this token, even if it is heard of here for the first time."""
    upsert = insert(session, TOKENS).on_conflict_do_update(
        index_elements=["id"], set_={"revoked_at": message.revoked_at}
    )
    session.execute(upsert, {**_facts(message), "revoked_at": message.revoked_at})


def forget_ended_sessions(session: Session, now: datetime) -> None:
    """Forget the end of sessions that would be over by now anyhow."""
    session.execute(delete(ENDED_SESSIONS).where(ENDED_SESSIONS.c.expires_at < now))


def _facts(message: messages.TokenMessage) -> dict[str, Any]:
    names = ("id", "hash", "name", "group_id", "rights", "expires_at")
    return {name: getattr(message, name) for name in names}


HANDLERS: Handlers = {
    messages.MembershipChanged: keep_membership,
    messages.SessionEnded: end_session,
    messages.TokenIssued: keep_token,
    messages.TokenRevoked: revoke_token,
}
"""For the tables of the services that copy; the events service writes the same tables itself."""
