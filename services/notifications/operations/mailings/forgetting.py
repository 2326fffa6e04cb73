"""Forgetting mailings: the words may name somebody, as those of their time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.orm import Session

from ...config import Settings
from ...models import Mailing, Shift

AT_A_TIME = 500


def count_outdated(session: Session, now: datetime) -> dict[str, int]:
    """Return how many rows `forget_outdated` would deal with, were there no end to its patience."""
    outdated = _outdated(session, now).subquery()
    return {"mailings": session.scalars(select(func.count()).select_from(outdated)).one()}


def forget_outdated(session: Session, now: datetime) -> None:
    """Forget mailings whose event is long over, and that nobody touched since."""
    old = session.scalars(_outdated(session, now).limit(AT_A_TIME)).all()
    session.execute(delete(Mailing).where(Mailing.id.in_(old)))


def _outdated(session: Session, now: datetime) -> Select[Any]:
    settings: Settings = session.info["settings"]
    since = now - timedelta(days=settings.notices_kept_days)
    is_on = exists().where(Shift.event_id == Mailing.event_id, Shift.ends_at >= since)
    return (
        select(Mailing.id)
        .where(Mailing.changed_at < since, Mailing.send_at.is_(None), ~is_on)
        .order_by(Mailing.id)
    )
