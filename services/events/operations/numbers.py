"""The numbers of an event's shifts, read without the rest: many pages ask for them all the time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from .finding import EVENT, SHIFT
from .schedule import EVENTS, SHIFTS
from .stored import fits

NUMBERS: Select[Any] = (
    select(
        SHIFT.id,
        SHIFT.taken,
        SHIFT.waiting,
        SHIFT.capacity,
        SHIFT.cancelled,
        SHIFT.starts_at,
        SHIFT.ends_at,
        SHIFT.closes_at,
        EVENT.status,
    )
    .join_from(EVENTS, SHIFTS, SHIFT.event_id == EVENT.id)
    .where(EVENT.id == bindparam("event_id"), EVENT.published_at.is_not(None))
    .order_by(SHIFT.starts_at, SHIFT.id)
)


def list_numbers(session: Session, event_id: int) -> Sequence[Any]:
    """Return each shift of a public event with its numbers; raise NotThere for any other."""
    rows = list(session.execute(NUMBERS, {"event_id": event_id})) if fits(event_id) else []
    # What was published once has shifts for ever.
    if not rows:
        raise NotThere
    return rows
