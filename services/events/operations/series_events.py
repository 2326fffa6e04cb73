"""Making the events of series: some weeks ahead, each like the newest that was left unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from shared import messages, outbox, times
from shared.database import insert, next_revision

from .. import rules
from ..models import CoHost, Event, Series, Shift
from ..rules import series as series_rules
from . import audit
from .shifts import times_of
from .telling import announce, event_facts

EVENTS: Any = Event.__table__
SHIFTS: Any = Shift.__table__
OF_ONE_EVENT = frozenset(
    {
        *("id", "revision", "published_at", "cancel_reason", "archived_at"),
        *("series_day", "series_changed", "series_adjusted"),
    }
)
OF_ONE_SHIFT = frozenset(
    {
        *("id", "event_id", "revision", "starts_at", "ends_at", "closes_at", "day", "cancelled"),
        *("taken", "waiting", "places_revision", "conversations", "announced_start"),
    }
)
"""What an event or a shift does not share with the others of its series."""


def expand_all(session: Session, now: datetime) -> None:
    """Make the events of all series that go on; one that somebody is changing has its turn later.

    Whoever makes them first has locked the series; running twice changes nothing.
    """
    living = (
        select(Series)
        .where(Series.ended_at.is_(None))
        .order_by(Series.id)
        .with_for_update(skip_locked=True)
    )
    for series in session.scalars(living).all():
        expand_series(session, series, now=now)


def expand_series(session: Session, series: Series, *, now: datetime) -> list[Event]:
    """Make the events of the coming weeks that are not there yet; return them.

    A day whose event was cancelled or put away has its event.
    """
    pattern = find_pattern(session, series.id)
    if pattern is None or series.ended_at is not None:
        return []
    today = times.local(now, pattern.shifts[0].zone).date()
    rule = series_rules.read_rule(series.rule)
    wanted = series_rules.coming_days(rule, series.first_day, today)
    made = days_made(session, series.id)
    new = [make_event(session, pattern, day, now=now) for day in wanted if day not in made]
    return [event for event in new if event is not None]


def find_pattern(session: Session, series_id: int) -> Event | None:
    """Return the event that new ones are copied from: the newest that is as its series is."""
    newest_first = (
        select(Event)
        .where(Event.series_id == series_id, Event.shifts.any(Shift.cancelled.is_(False)))
        .order_by(
            Event.series_changed,
            Event.status == "cancelled",
            Event.series_adjusted,
            Event.series_day.desc(),
        )
        .options(joinedload(Event.group))
        .limit(1)
    )
    return session.scalars(newest_first).first()


def days_made(session: Session, series_id: int) -> set[date]:
    """Return the days for which the series has an event, whatever became of it."""
    made = select(Event.series_day).where(Event.series_id == series_id)
    return {day for day in session.scalars(made) if day is not None}


def make_event(session: Session, pattern: Event, day: date, *, now: datetime) -> Event | None:
    """Make the event of a day like the pattern; nothing for a time past, or when it is there."""
    shifts, adjusted = shifts_on(pattern, day)
    if not shifts or min(shift["starts_at"] for shift in shifts) <= now:
        return None
    event_id = insert_event(session, pattern, day, adjusted=adjusted, now=now)
    if event_id is None:
        return None
    revision = next_revision(None, now)
    session.execute(
        SHIFTS.insert(),
        [{**shift, "event_id": event_id, "revision": revision} for shift in shifts],
    )
    for held in pattern.co_hosts:
        if held.state == "accepted":
            session.add(CoHost(event_id=event_id, group=held.group, state="accepted", asked_at=now))
    session.flush()
    event = session.get_one(Event, event_id)
    tell_made(session, event, now=now)
    return event


def insert_event(
    session: Session, pattern: Event, day: date, *, adjusted: bool, now: datetime
) -> int | None:
    """Write the event of a day and return its id; nothing if the day has one already."""
    row = columns_of(pattern, EVENTS, OF_ONE_EVENT) | {
        "revision": next_revision(None, now),
        "published_at": now if pattern.status == "published" else None,
        "status": "published" if pattern.status == "published" else "draft",
        "series_day": day,
        "series_adjusted": adjusted,
    }
    once = insert(session, EVENTS).on_conflict_do_nothing().returning(EVENTS.c.id)
    made: int | None = session.execute(once, row).scalar_one_or_none()
    return made


def tell_made(session: Session, event: Event, *, now: datetime) -> None:
    """Tell of a new event what the public sees, and note what gave way."""
    if event.status == "published":
        announce(event)
        outbox.tell(session, messages.EventPublished(event=event_facts(event)), now=now)
    words = "Its hours do not exist that day: it is later." if event.series_adjusted else ""
    audit.note(session, "event.repeated", event, now=now, details=words)


def shifts_on(pattern: Event, day: date) -> tuple[list[dict[str, Any]], bool]:
    """Return the pattern's shifts as rows for another day, and whether hours had to give way."""
    assert pattern.series_day is not None  # noqa: S101 - an event of a series has its day
    later = (day - pattern.series_day).days
    rows, adjusted = [], False
    for shift in pattern.shifts:
        if shift.cancelled:
            continue
        moved = series_rules.moved_times(times_of(shift), shift.zone, later)
        adjusted = adjusted or moved.adjusted
        rows.append(columns_of(shift, SHIFTS, OF_ONE_SHIFT) | timed(moved.times, shift.zone))
    return rows, adjusted


def timed(span: rules.Times, zone: str) -> dict[str, Any]:
    """Return the columns that say when a shift is."""
    return {**vars(span), "day": times.local(span.starts_at, zone).date()}


def columns_of(row: Event | Shift, table: Any, left_out: frozenset[str]) -> dict[str, Any]:
    """Return the columns of a row that others of its series share."""
    return {name: getattr(row, name) for name in names_of(table) - left_out}


def names_of(table: Any) -> frozenset[str]:
    """Return the names of a table's columns."""
    return frozenset(column.name for column in table.c)


def coming_unchanged(
    session: Session, series_id: int, *, now: datetime, lock: bool = True
) -> Sequence[Event]:
    """Return the series' events that were left unchanged and have not begun, by day.

    They are locked against other changes, unless they are only looked at.
    """
    asked = (
        select(Event)
        .where(
            Event.series_id == series_id,
            Event.series_changed.is_(False),
            Event.status != "cancelled",
            Event.shifts.any(Shift.starts_at > now),
        )
        .order_by(Event.series_day)
    )
    found = session.scalars(asked.with_for_update(of=Event) if lock else asked).all()
    return [event for event in found if min(shift.starts_at for shift in event.shifts) > now]
