"""The outbox: messages are written in the transaction of the change they tell of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Integer, bindparam, insert, select, update
from sqlalchemy.orm import Session

from shared import wire
from shared.database import delete_where
from shared.messages import Message
from shared.tables import OUTBOX

KEPT_AFTER_SENDING = timedelta(hours=24)
# Made once: they run a hundred times a second, and making them takes longer than running them.
ADD = insert(OUTBOX).inline()
UNSENT = (
    select(*(OUTBOX.c[part.name] for part in fields(wire.Envelope)))
    .where(OUTBOX.c.sent_at.is_(None))
    .order_by(OUTBOX.c.id)
    .limit(bindparam("most", type_=Integer))
)


def tell(session: Session, *messages: Message, now: datetime) -> None:
    """Write `messages` to be sent, in this order, once the session's transaction is committed."""
    envelopes = [wire.seal(message, now=now) for message in messages]
    rows = [{**vars(envelope), "created_at": now} for envelope in envelopes]
    if rows:
        session.connection().execute(ADD, rows)


def unsent(session: Session, *, limit: int) -> list[wire.Envelope]:
    """Return the oldest messages not yet sent.

    Asked by `sent_at`, never by "after the last id": ids are not in the order of commits.
    """
    rows = session.connection().execute(UNSENT, {"most": limit})
    return [wire.Envelope(**row) for row in rows.mappings()]


def mark_sent(session: Session, message_ids: Collection[UUID], *, now: datetime) -> None:
    """Note that the carrier has taken these messages."""
    session.execute(update(OUTBOX).where(OUTBOX.c.message_id.in_(message_ids)).values(sent_at=now))


def forget_sent(session: Session, now: datetime) -> None:
    """Delete what was sent a day ago: bodies hold personal fields."""
    delete_where(session, OUTBOX, OUTBOX.c.sent_at < now - KEPT_AFTER_SENDING)
