"""The sweep of every minute: fills what should have been filled already."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ..models import Shift
from .places import fill

log = logging.getLogger(__name__)


def fill_all(session: Session, now: datetime) -> None:
    """Give free places to those who wait, on every open shift; at rest it finds nothing to do."""
    due = session.scalars(
        select(Shift.id)
        .where(
            ~Shift.cancelled,
            Shift.closes_at > now,
            Shift.waiting > 0,
            or_(Shift.capacity.is_(None), Shift.taken < Shift.capacity),
        )
        .order_by(Shift.id)
    ).all()
    for shift_id in due:
        promoted = fill(session, shift_id, now=now)
        if promoted:
            log.warning("the sweep promoted %d on shift %d", promoted, shift_id)
