"""A sender as a process of its own, to be killed: python -m tests.notifications.sending_process.

With `without-lease` it takes what is due without claiming it, to show what that would do.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.notifications import sender
from services.notifications.config import Settings
from services.notifications.mail.letters import Letter
from services.notifications.models import Notice
from services.notifications.operations import reading, sending
from services.notifications.operations.sending import Batch, Begun
from services.notifications.rules import hours
from shared.processes import open_database

NOBODYS = UUID(int=0)


def take_what_is_due(session: Session, _way: object, **_: object) -> Batch:
    """Return what is due, which others take as well."""
    due = select(Notice.id).where(Notice.due_at.is_not(None)).order_by(Notice.id).limit(50)
    return Batch(NOBODYS, list(session.scalars(due)))


def begin_anyway(
    session: Session, _batch: Batch, waiting: Sequence[int], *, now: datetime, **_: object
) -> Begun:
    """Begin without asking whose it is."""
    if not waiting:
        return Begun()
    notice_id, *rest = waiting
    begun = {"state": "sending", "claim": NOBODYS, "due_at": None, "sent_at": None}
    session.execute(
        update(Notice)
        .where(Notice.id == notice_id)
        .values(**begun, began_at=now, lease_until=now + hours.LEASE)
    )
    letter = reading.read_letter(session, notice_id, NOBODYS, now=now)
    return Begun([letter] if isinstance(letter, Letter) else [], rest)


def main() -> None:
    """Send until killed."""
    if "without-lease" in sys.argv:
        sending.claim_due = take_what_is_due  # type: ignore[assignment]
        sending.begin_next = begin_anyway  # type: ignore[assignment]
    settings = Settings.from_environment("notifications")
    db = open_database(settings, pool_size=2)
    sender.run(settings, db, threading.Event(), threading.Event())


if __name__ == "__main__":
    main()
