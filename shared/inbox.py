"""The inbox: a message's work and the mark that it was done are committed together."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from shared import trace, wire
from shared.database import delete_where, dialect_of, insert_for
from shared.handlers import Handlers
from shared.tables import INBOX

KEPT = timedelta(days=30)
log = logging.getLogger(__name__)


def mark_received(
    session: Session, message_ids: Collection[uuid.UUID], *, now: datetime
) -> set[uuid.UUID]:
    """Mark these messages as done and return those that were not done before."""
    rows = [{"message_id": message_id, "received_at": now} for message_id in sorted(message_ids)]
    return set(session.connection().execute(_mark(dialect_of(session)), rows).scalars())


@cache
def _mark(dialect: str) -> Any:
    return insert_for(dialect, INBOX).on_conflict_do_nothing().returning(INBOX.c.message_id)


def handle(session: Session, handlers: Handlers, opened: wire.Opened, *, now: datetime) -> None:
    """Do the work of one message, within its sender's trace."""
    trace.begin(opened.traceparent)
    handler = handlers.get(type(opened.message))
    if handler is None:
        log.info("message %s is not for this service", opened.message_id)
        return
    handler(session, opened.message, now)


def forget_old(session: Session, now: datetime) -> None:
    """Delete marks older than 30 days."""
    delete_where(session, INBOX, INBOX.c.received_at < now - KEPT)
