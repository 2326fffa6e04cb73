"""Reading what is on: the public schedule, and the lists for programs and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from .. import rules
from ..models import Event, Group, Shift

PAGE = 30
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a visitor wants to see of the schedule; `first` and `last` are local dates, included."""

    kind: str = ""
    first: date | None = None
    last: date | None = None
    group_id: int | None = None
    page: int = 1


@dataclass(frozen=True, kw_only=True)
class Card:
    """One event on one day, with those of its shifts that are still to come."""

    day: date
    event: Event
    shifts: list[Shift] = field(default_factory=list)


def show_schedule(session: Session, wanted: Wanted, *, now: datetime) -> tuple[list[Card], bool]:
    """Return a page of what is to come, by day and start, and whether there is more after it."""
    chosen = session.execute(
        select(Shift.day, Shift.event_id)
        .join(Shift.event)
        .where(*conditions(wanted, now))
        .group_by(Shift.day, Shift.event_id)
        .order_by(Shift.day, Shift.event_id)
        .limit(PAGE + 1)
        .offset(PAGE * (wanted.page - 1))
    ).all()
    keys = [(day, event_id) for day, event_id in chosen[:PAGE]]
    return read_cards(session, keys, now=now), len(chosen) > PAGE


def conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    """Return what a shift must be to stand in the schedule that is wanted."""
    return [
        Event.status == "published",
        Shift.cancelled.is_(False),
        Shift.ends_at > now,
        # Says no more than the line before, but by a day, along which there is an index.
        Shift.day >= (now - rules.LONGEST_SHIFT - ONE_DAY).date(),
        *asked(wanted),
    ]


def asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return what a visitor asks of a shift, be it still to come or cancelled; feeds ask it too."""
    said: list[ColumnElement[bool]] = []
    if wanted.kind:
        said.append(Event.kind == wanted.kind)
    if wanted.first:
        said.append(Shift.day >= wanted.first)
    if wanted.last:
        said.append(Shift.day <= wanted.last)
    if wanted.group_id is not None:
        said.append(Event.group_id == wanted.group_id)
    return said


def read_cards(session: Session, keys: Sequence[tuple[date, int]], *, now: datetime) -> list[Card]:
    """Return the cards for these days and events, by day and then by their first start."""
    if not keys:
        return []
    ids = {event_id for _, event_id in keys}
    events = {event.id: event for event in session.scalars(select(Event).where(Event.id.in_(ids)))}
    cards = [Card(day=day, event=events[event_id]) for day, event_id in keys]
    for card in cards:
        card.shifts.extend(
            shift
            for shift in card.event.shifts
            if shift.day == card.day and not shift.cancelled and shift.ends_at > now
        )
    return sorted(cards, key=lambda card: (card.day, card.shifts[0].starts_at, card.event.id))


def list_groups(session: Session, *, after: int = 0, limit: int = PAGE) -> Sequence[Group]:
    """Return groups in the order of their ids, those after the id given."""
    return session.scalars(
        select(Group).where(Group.id > after).order_by(Group.id).limit(limit)
    ).all()


def list_events(
    session: Session, *, after: int = 0, limit: int = PAGE, **only: Any
) -> Sequence[Event]:
    """Return events in the order of their ids, drafts too, those after the id given.

    `only` may name `status`, `kind` and `group_id`.
    """
    return session.scalars(
        select(Event).where(Event.id > after).filter_by(**only).order_by(Event.id).limit(limit)
    ).all()
