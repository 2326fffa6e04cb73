"""Forgetting subscribers, with all that was mailed to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from ...models import KeptMail, Notice, Subscriber
from ...rules import tastes

AT_A_TIME = 500
ENDED_KEPT = timedelta(days=30)
"""For how long somebody can take an end back."""


def forget_ended(session: Session, now: datetime) -> None:
    """Forget who never confirmed, and who ended it some weeks ago."""
    forget_subscribers(session, _is_outdated(now))


def count_outdated(session: Session, now: datetime) -> dict[str, int]:
    """Return how many `forget_ended` would forget."""
    outdated = select(func.count()).select_from(Subscriber).where(_is_outdated(now))
    return {"subscribers of the schedule mail": session.scalars(outdated).one()}


def forget_subscribers(session: Session, condition: Any) -> None:
    """Delete subscribers of the schedule mail, with all notices to them."""
    some = select(Subscriber.id).where(condition).limit(AT_A_TIME)
    while ids := session.scalars(some).all():
        to_them = select(Notice.id).where(
            Notice.kind.in_(("schedule", "schedule_confirm")),
            Notice.subject.in_([f"subscriber/{each}" for each in ids]),
        )
        session.execute(delete(KeptMail).where(KeptMail.notice_id.in_(to_them)))
        session.execute(delete(Notice).where(Notice.id.in_(to_them)))
        session.execute(delete(Subscriber).where(Subscriber.id.in_(ids)))


def _is_outdated(now: datetime) -> Any:
    unconfirmed = and_(
        Subscriber.confirmed_at.is_(None), Subscriber.requested_at <= now - tastes.CONFIRM_WITHIN
    )
    return or_(unconfirmed, Subscriber.ended_at <= now - ENDED_KEPT)
