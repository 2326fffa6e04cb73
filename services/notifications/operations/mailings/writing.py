"""Writing a mailing: a draft until somebody has it sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from ...models import Event, Mailing, Shift
from ...rules import mailings as rules
from ...rules.hours import UK
from ..belonging import find


def find_mailing(session: Session, mailing_id: int, *, lock: bool = False) -> Mailing:
    """Return a mailing, locked if it is to be changed. Raises NotThere."""
    mailing: Mailing = find(session, Mailing, mailing_id, lock=lock)
    return mailing


def create_mailing(
    session: Session, event_id: int, details: Mapping[str, Any], *, by: str, now: datetime
) -> Mailing:
    """Write a draft to those of an event. Raises NotThere for a shift of another event."""
    event: Event = find(session, Event, event_id)
    _check_shift(session, event_id, details)
    mailing = Mailing(
        group_id=event.group_id,
        event_id=event_id,
        state="draft",
        written_by=by,
        decided_by="",
        created_at=now,
        changed_at=now,
        **details,
    )
    session.add(mailing)
    session.flush()
    return mailing


def save_mailing(
    session: Session, mailing: Mailing, details: Mapping[str, Any], *, now: datetime
) -> None:
    """Store what was typed anew; the caller holds the row. Raises IsNoDraft and NotThere."""
    if mailing.state != "draft":
        raise rules.IsNoDraft
    _check_shift(session, mailing.event_id, details)
    for name, value in details.items():
        setattr(mailing, name, value)
    mailing.changed_at = now
    session.flush()


def delete_draft(session: Session, mailing_id: int) -> int:
    """Throw a draft away; return the number of its group. Raises IsNoDraft and NotThere."""
    mailing = find_mailing(session, mailing_id, lock=True)
    if mailing.state != "draft":
        raise rules.IsNoDraft
    session.delete(mailing)
    session.flush()
    return mailing.group_id


def shifts_of(session: Session, event_id: int) -> Sequence[Shift]:
    """Return the shifts of an event that are not cancelled, by their time."""
    query = select(Shift).where(Shift.event_id == event_id, ~Shift.cancelled)
    return session.scalars(query.order_by(Shift.starts_at, Shift.id)).all()


def zone_of(session: Session, event_id: int) -> str:
    """Return the zone on whose clock the event's people live."""
    zone = select(Shift.zone).where(Shift.event_id == event_id).order_by(Shift.starts_at).limit(1)
    return session.scalars(zone).first() or UK


def _check_shift(session: Session, event_id: int, details: Mapping[str, Any]) -> None:
    shift_id = details.get("shift_id")
    if shift_id is None:
        return
    shift: Shift = find(session, Shift, shift_id)
    if shift.event_id != event_id:
        raise NotThere
