"""Shifts that are signed up for together: training and campaigning of one day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, or_
from sqlalchemy.orm import Session

from .. import rules
from ..models import Event, Shift
from .places import standing_of
from .stored import SHIFT_AND_EVENT

MOST_SHOWN = 12
COUNTERPARTS = (
    SHIFT_AND_EVENT.where(
        Shift.event_id == bindparam("event_id"),
        Shift.work == bindparam("work"),
        ~Shift.cancelled,
        Shift.closes_at > bindparam("now"),
    )
    .order_by(Shift.starts_at, Shift.id)
    .limit(MOST_SHOWN)
)

MORE = (
    SHIFT_AND_EVENT.where(
        Shift.event_id == bindparam("event_id"),
        Shift.id != bindparam("shift_id"),
        Shift.work != bindparam("work"),
        ~Shift.cancelled,
        Shift.closes_at > bindparam("now"),
        or_(Shift.starts_at >= bindparam("ends_at"), Shift.ends_at <= bindparam("starts_at")),
    )
    .order_by(Shift.starts_at, Shift.id)
    .limit(MOST_SHOWN)
)


def list_counterparts(session: Session, shift: Row[Any], *, now: datetime) -> Sequence[Row[Any]]:
    """Return the open shifts that go together with this one: to a campaign its trainings."""
    work = rules.counterpart(shift.kind, shift.work)
    if not work:
        return ()
    asked = {"event_id": shift.event_id, "work": work, "now": now}
    found: Sequence[Any] = session.execute(COUNTERPARTS, asked).all()
    return found


def list_more(session: Session, shift: Row[Any], *, now: datetime) -> Sequence[Row[Any]]:
    """Return the other open shifts of the event to which somebody can come besides."""
    asked = {
        "event_id": shift.event_id,
        "shift_id": shift.id,
        # Those are listed by themselves, and a shift always has a word here or none.
        "work": rules.counterpart(shift.kind, shift.work) or "none",
        "now": now,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
    }
    found: Sequence[Any] = session.execute(MORE, asked).all()
    return found


def find_others(
    session: Session, shift: Row[Any], shift_ids: Sequence[int], *, now: datetime
) -> Sequence[Row[Any]]:
    """Return the other shifts of one form. They belong to the same group, as its consent does.

    Raises OtherShiftIsGone when one of them is closed, cancelled, foreign or not there.
    """
    wanted = set(shift_ids) - {shift.id}
    found: Sequence[Any] = session.execute(
        SHIFT_AND_EVENT.where(Shift.id.in_(wanted), Event.group_id == shift.group_id)
    ).all()
    if len(found) < len(wanted):
        raise rules.OtherShiftIsGone
    if not all(rules.is_open(standing_of(other), now=now) for other in found):
        raise rules.OtherShiftIsGone
    return found
