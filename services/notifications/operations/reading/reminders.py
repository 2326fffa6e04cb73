"""The letter that reminds somebody of their places of one day, one of them or all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from shared import times

from ...mail.letters import About, Letter, NotSent
from ...models import Event, Notice, Shift, Signup
from ...rules import reminding, states, truth
from ..people import is_same_person

DAY = timedelta(days=1)


def read_reminder(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter about all places of the person on the day of this one.

    The reminders of the others are locked, until it is noted that they are said in this mail.
    """
    reason = why_not(row)
    if reason:
        return NotSent("superseded", reason)
    if late := reminding.why_missed(_hour(row), row.Shift.starts_at, now=now):
        return NotSent("missed", late)
    locked = _lock_own_day(session, row)
    if row.Notice.id not in [each.Notice.id for each in locked]:
        return NotSent("superseded", reminding.TOLD_TOGETHER)
    told = [each for each in locked if _belongs(each, row, now=now)]
    return Letter(
        notice=row.Notice,
        written_at=now,
        recipient=row.Signup.email,
        first_name=row.Signup.first_name,
        group=row.Group,
        about=_about(row),
        together=sorted(map(_about, told), key=lambda about: about.shift.starts_at),
        also=[each.Notice.id for each in told if each.Notice.id != row.Notice.id],
    )


def why_not(row: Any) -> str:
    """Say why a reminder is no longer true; empty when it is."""
    shift, event = row.Shift, row.Event
    off = shift.cancelled or event.status == "cancelled"
    if reason := truth.why_untrue("reminder", row.Signup.state, off=off):
        return reason
    coming = reminding.hours_of(event.reminders, shift.starts_at, shift.zone)
    return "" if _hour(row) in coming else reminding.NO_LONGER


def _hour(row: Any) -> datetime:
    return reminding.hour_of(row.Notice.revision)


def _lock_own_day(session: Session, row: Any) -> list[Any]:
    """Return all reminders of the person around this one that nobody sends yet, and this one.

    Whoever comes first locks them; in ascending order, so that no two wait for each other.
    """
    notice, number = row.Notice, row.Notice.revision
    near = int(DAY.total_seconds())
    claimed = and_(Notice.state == "sending", Notice.began_at.is_(None))
    mine = and_(Notice.id == notice.id, Notice.claim == notice.claim)
    others = and_(Notice.id != notice.id, or_(Notice.state.in_(states.UNSENT), claimed))
    rows = session.execute(
        select(Notice, Signup, Shift, Event)
        .join(Signup, Signup.id == Notice.signup_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(
            is_same_person(Signup, row.Signup),
            Signup.state == "placed",
            Notice.kind == "reminder",
            Notice.revision.between(number - near, number + near),
            or_(and_(mine, claimed), others),
        )
        .order_by(Notice.id)
        .with_for_update(of=Notice)
        .execution_options(populate_existing=True)
    )
    return list(rows)


def _belongs(other: Any, row: Any, *, now: datetime) -> bool:
    """Tell whether another reminder is of the same day about a shift of the same day, and true."""
    if _days(other) != _days(row) or other.Shift.starts_at <= now:
        return False
    return not why_not(other)


def _days(row: Any) -> tuple[Any, Any]:
    """Return on which day a reminder comes, and of which day its shift is, as calendars there."""
    zone = row.Shift.zone
    return times.local(_hour(row), zone).date(), times.local(row.Shift.starts_at, zone).date()


def _about(row: Any) -> About:
    """Return what a reminder says of a place; the calendar has its entry since it was given."""
    return About(event=row.Event, shift=row.Shift, signup=row.Signup, method=None)
