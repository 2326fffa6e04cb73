"""Chores: periodic work, each claimed by a row, so that any number of workers do it once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from shared import held, idempotency, inbox, limits, outbox
from shared.access import copies
from shared.columns import UtcDateTime
from shared.database import Database, insert, is_away, is_unusable
from shared.handlers import Handlers
from shared.tables import CHORES

LOOK_EVERY = 1.0
"""Seconds between two looks for what is due."""

EMPTY_LOG_EVERY = 10.0
"""Seconds after which SQLite's log, where deleted rows still stand, is emptied."""

LATER = select(CHORES.c.name).where(CHORES.c.due_at > bindparam("now", type_=UtcDateTime))
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chore:
    """Something to do every so often, in a transaction of its own."""

    name: str
    every: timedelta
    run: Callable[[Session, datetime], None]
    foresee: Callable[[Session, datetime], dict[str, int]] | None = None
    """Counts what would go now, by words; for chores that forget people by their age."""


SHARED_CHORES = (
    Chore("forget sent messages", timedelta(minutes=10), outbox.forget_sent),
    Chore("forget old inbox marks", timedelta(hours=1), inbox.forget_old),
    Chore("forget old limits", timedelta(minutes=10), limits.forget_ended),
    Chore("forget ended sessions", timedelta(hours=1), copies.forget_ended_sessions),
    Chore("forget old answers", timedelta(hours=1), idempotency.forget_old),
)


def do_due(db: Database, chores: Sequence[Chore]) -> None:
    """Do every chore whose time has come and that no other worker has taken.

    One that finds a row locked or takes too long stays due, and keeps no other from being done.
    """
    with db.reading() as session:
        later = set(session.scalars(LATER, {"now": db.now(session)}))
    for chore in chores:
        if chore.name in later:
            continue
        try:
            with db.writing() as session:
                now = db.now(session)
                if _claim(session, chore, now=now):
                    chore.run(session, now)
        except Exception as error:
            if is_away(error) or not is_unusable(error):
                raise
            log.warning("it took too long to %s: that is tried again", chore.name)


def keep_doing(
    db: Database, chores: Sequence[Chore], handlers: Handlers, stop: threading.Event
) -> None:
    """Do chores and retry held messages until `stop`; an unusable database is waited for."""
    emptied_at = 0.0
    while not stop.is_set():
        try:
            held.retry_due(db, handlers)
            do_due(db, (*SHARED_CHORES, *chores))
            if time.monotonic() - emptied_at >= EMPTY_LOG_EVERY:
                db.empty_log()
                emptied_at = time.monotonic()
        except Exception as error:
            if not is_unusable(error):
                raise
            log.warning("the database is away: chores wait")
        stop.wait(LOOK_EVERY)


def _claim(session: Session, chore: Chore, *, now: datetime) -> bool:
    """Move the chore's row on when it is due; the row stays locked until the work is committed."""
    due = (
        update(CHORES)
        .where(CHORES.c.name == chore.name, CHORES.c.due_at <= now)
        .values(due_at=now + chore.every)
        .returning(CHORES.c.name)
    )
    if session.execute(due).one_or_none():
        return True
    first = insert(session, CHORES).on_conflict_do_nothing().returning(CHORES.c.name)
    row = {"name": chore.name, "due_at": now + chore.every}
    return session.execute(first, row).one_or_none() is not None
