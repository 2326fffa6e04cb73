"""Forgetting enquiries: by their age, and with whoever asked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ...config import Settings
from ...models import Enquiry
from ..erasing import digest_of
from .answering import delete

AT_A_TIME = 500
SUSPECTS_KEPT = timedelta(days=7)


def erase_of(session: Session, addresses: Collection[str]) -> None:
    """Forget what was asked from addresses with these HMACs."""
    for row in session.execute(select(Enquiry.id, Enquiry.email)).all():
        if digest_of(session, row.email) in addresses:
            delete(session, row.id)


def count_outdated(session: Session, now: datetime) -> dict[str, int]:
    """Return how many rows `forget_outdated` would deal with, were there no end to its patience."""
    outdated = _outdated(session, now).subquery()
    return {"enquiries": session.scalars(select(func.count()).select_from(outdated)).one()}


def forget_outdated(session: Session, now: datetime) -> None:
    """Forget what was asked long ago; what looks like a machine's after a week."""
    for enquiry_id in session.scalars(_outdated(session, now).limit(AT_A_TIME)).all():
        delete(session, enquiry_id)


def _outdated(session: Session, now: datetime) -> Select[Any]:
    settings: Settings = session.info["settings"]
    old = Enquiry.asked_at < now - timedelta(days=settings.notices_kept_days)
    suspect = (Enquiry.state == "suspect") & (Enquiry.asked_at < now - SUSPECTS_KEPT)
    return select(Enquiry.id).where(old | suspect).order_by(Enquiry.id)
