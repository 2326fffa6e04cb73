"""Messages that could not be digested: kept in the service's database, tried again, then parked."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.orm import Session

from shared import inbox, wire
from shared.database import Database, insert, is_unusable
from shared.handlers import Handlers
from shared.refusals import NotThere, Refusal
from shared.tables import HELD_MESSAGES

DELAYS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
"""How long to wait before each further try; after the last one a message is parked."""

AT_A_TIME = 50
log = logging.getLogger(__name__)


def hold(session: Session, body: bytes, error: Exception, *, now: datetime) -> None:
    """Keep a message that failed with `error`; one that nobody can read is parked at once."""
    readable = not isinstance(error, wire.Undecodable)
    message_id, name = _label(body)
    row = {
        "message_id": message_id,
        "name": name,
        "body": body,
        "state": "retrying" if readable else "parked",
        "attempts": 1,
        "due_at": now + DELAYS[0],
        "reason": describe(error),
        "held_at": now,
    }
    session.execute(insert(session, HELD_MESSAGES).on_conflict_do_nothing(), row)


def describe(error: Exception) -> str:
    """Say what went wrong without the values in hand, which may be personal."""
    text = str(error) if isinstance(error, wire.Undecodable) or not hasattr(error, "orig") else ""
    return _printable(f"{type(error).__name__}: {text}"[:500].rstrip(": "))


def retry_due(db: Database, handlers: Handlers) -> int:
    """Try again what is due, each in its own transaction; return how many were tried."""
    with db.reading() as session:
        due = session.scalars(
            select(HELD_MESSAGES.c.id)
            .where(HELD_MESSAGES.c.state == "retrying", HELD_MESSAGES.c.due_at <= db.now(session))
            .order_by(HELD_MESSAGES.c.id)
            .limit(AT_A_TIME)
        ).all()
    for held_id in due:
        retry(db, handlers, held_id)
    return len(due)


def retry(db: Database, handlers: Handlers, held_id: int) -> bool:
    """Try one held message now; return whether it is done.

    A message that fails again stays, with its reason. An unusable database is raised.
    """
    try:
        with db.writing() as session:
            row = _claim(session, held_id)
            if row is None:
                return True
            opened = wire.unseal(row.body)
            now = db.now(session)
            if inbox.mark_received(session, [opened.message_id], now=now):
                _handle(session, handlers, opened, now=now)
            session.execute(delete(HELD_MESSAGES).where(HELD_MESSAGES.c.id == held_id))
            return True
    except Exception as error:
        if is_unusable(error):
            raise
        with db.writing() as session:
            _put_off(session, held_id, error, now=db.now(session))
        return False


def list_held(session: Session) -> Sequence[Row[Any]]:
    """Return all held messages without their bodies, oldest first."""
    columns = [column for column in HELD_MESSAGES.c if column.name != "body"]
    return session.execute(select(*columns).order_by(HELD_MESSAGES.c.id)).all()


def get_held(session: Session, held_id: int) -> Row[Any]:
    """Return one held message with its body. Raises NotThere."""
    row = session.execute(select(HELD_MESSAGES).where(HELD_MESSAGES.c.id == held_id)).one_or_none()
    if row is None:
        raise NotThere
    return row


def drop(session: Session, held_id: int) -> None:
    """Forget a held message for good. Raises NotThere."""
    get_held(session, held_id)
    session.execute(delete(HELD_MESSAGES).where(HELD_MESSAGES.c.id == held_id))


def _handle(session: Session, handlers: Handlers, opened: wire.Opened, *, now: datetime) -> None:
    """Do the work; a refusal undoes what the handler wrote and ends the matter."""
    try:
        with session.begin_nested():
            inbox.handle(session, handlers, opened, now=now)
    except Refusal as refusal:
        log.info("message %s refused: %s", opened.message_id, refusal.sentence)


def _claim(session: Session, held_id: int) -> Row[Any] | None:
    """Lock the row by writing to it, so that two workers do not try it at once."""
    return session.execute(
        update(HELD_MESSAGES)
        .where(HELD_MESSAGES.c.id == held_id)
        .values(attempts=HELD_MESSAGES.c.attempts)
        .returning(HELD_MESSAGES)
    ).one_or_none()


def _put_off(session: Session, held_id: int, error: Exception, *, now: datetime) -> None:
    row = _claim(session, held_id)
    if row is None:
        return
    more = row.attempts < len(DELAYS) and not isinstance(error, wire.Undecodable)
    session.execute(
        update(HELD_MESSAGES)
        .where(HELD_MESSAGES.c.id == held_id)
        .values(
            attempts=row.attempts + 1,
            state="retrying" if more else "parked",
            due_at=now + DELAYS[min(row.attempts, len(DELAYS) - 1)],
            reason=describe(error),
        )
    )


def _label(body: bytes) -> tuple[uuid.UUID, str]:
    """Return the id and name of a message, or ones made from the body where it has none."""
    try:
        event = json.loads(body)
        return uuid.UUID(event["id"]), _printable(str(event["type"]))[:80]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return uuid.uuid5(uuid.NAMESPACE_OID, body.hex()), "unreadable"


def _printable(text: str) -> str:
    """Return the text without what a database refuses: NUL, and halves of characters."""
    return "".join(char if char.isprintable() else "?" for char in text)
