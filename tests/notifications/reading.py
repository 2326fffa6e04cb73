"""Looking at notices and kept mails, and setting the stage for senders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from services.notifications.models import Notice, Signup
from services.notifications.operations import mailbox, releasing
from services.notifications.operations.mailbox import Opened
from shared.database import Database


def notices_in(db: Database, **filters: Any) -> list[Notice]:
    """Return the notices that fit, oldest first."""
    with db.reading() as session:
        query = select(Notice).filter_by(**filters).order_by(Notice.id)
        found = list(session.scalars(query))
        session.expunge_all()
        return found


def notice_in(db: Database, **filters: Any) -> Notice:
    """Return the one notice that fits."""
    (notice,) = notices_in(db, **filters)
    return notice


def states_in(db: Database) -> dict[str, str]:
    """Return the state of each notice by kind and revision, as in "waiting/1"."""
    return {f"{notice.kind}/{notice.revision}": notice.state for notice in notices_in(db)}


def signup_in(db: Database, signup_id: int = 9) -> Signup:
    """Return a copy of a sign-up."""
    with db.reading() as session:
        signup = session.get_one(Signup, signup_id)
        session.expunge(signup)
        return signup


def kept_in(db: Database) -> list[Opened]:
    """Return the mails of the local mailbox, newest first."""
    with db.reading() as session:
        mails, _ = mailbox.list_mails(session, to="", page=1)
        return [mailbox.open_mail(session, mail.id) for mail in mails]


def let_lease_run_out(db: Database) -> None:
    """Put every lease into the past and sweep, as the chore does."""
    with db.writing() as session:
        now = db.now(session)
        session.execute(
            update(Notice)
            .where(Notice.lease_until.is_not(None))
            .values(lease_until=now - timedelta(seconds=1))
        )
        releasing.sweep_leases(session, now)


def make_due(db: Database) -> None:
    """Bring the hour of every waiting notice forward to now."""
    with db.writing() as session:
        now: datetime = db.now(session)
        session.execute(update(Notice).where(Notice.due_at.is_not(None)).values(due_at=now))
