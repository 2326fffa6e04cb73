"""The other days of an event that repeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from ..models import Event
from . import finding
from .finding import EVENT, SHIFT
from .schedule import EVENTS, SHIFTS

MOST = 6


def list_siblings(session: Session, event: Event, *, now: datetime) -> list[Row[Any]]:
    """Return day and id of the next events of the same series, this one left out."""
    if event.series_id is None:
        return []
    ahead = finding.asked_ahead(now)
    found = (
        select(EVENT.id, func.min(SHIFT.day).label("day"))
        .join_from(SHIFTS, EVENTS)
        .where(
            EVENT.series_id == event.series_id,
            EVENT.id != event.id,
            *finding.is_on(),
            *finding.conditions(ahead, ahead),
        )
        .group_by(EVENT.id)
        .order_by(func.min(SHIFT.day), EVENT.id)
        .limit(MOST)
    )
    return list(session.execute(found))
