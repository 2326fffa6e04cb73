"""Reading what is on: the public schedule, and the lists for programs and the command line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from math import sqrt
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, null, select
from sqlalchemy.orm import Session

from ..models import CoHost, Event, Group, Shift
from . import finding
from .finding import EVENT, SHIFT, Wanted

PAGE = 12
SHIFTS: Any = Shift.__table__
EVENTS: Any = Event.__table__
GROUPS: Any = Group.__table__
GROUP: Any = GROUPS.c
OF_SHIFT = (
    SHIFT.id,
    SHIFT.event_id,
    SHIFT.day,
    SHIFT.place,
    SHIFT.postcode,
    SHIFT.constituency,
    SHIFT.located,
    SHIFT.work,
    SHIFT.needs,
    SHIFT.starts_at,
    SHIFT.ends_at,
    SHIFT.closes_at,
    SHIFT.zone,
    SHIFT.capacity,
    SHIFT.cancelled,
    SHIFT.taken,
    SHIFT.waiting,
)
OF_EVENT = (
    EVENT.title,
    EVENT.kind,
    EVENT.status,
    EVENT.mode,
    EVENT.address_shown,
    EVENT.group_id,
)
SHOWN = (*OF_SHIFT, *OF_EVENT, GROUP.name.label("group_name"))
"""What a card shows of a shift, its event and its group."""

OF_PAGE = finding.OF_EVENTS | {"earliest", "first", "last", "south"}
"""Conditions that need not be asked again of the shifts of a page's events on its days."""


class Found(NamedTuple):
    """A shift, with what a card shows of its event and its group, as a statement's row has it.

    A row of the database is thirty times slower to ask for each of them by name.
    """

    id: int
    event_id: int
    day: date
    place: str
    postcode: str
    constituency: str
    located: str
    work: str
    needs: str
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    zone: str
    capacity: int | None
    cancelled: bool
    taken: int
    waiting: int
    title: str
    kind: str
    status: str
    mode: str
    address_shown: str
    group_id: int
    group_name: str
    square_miles: float | None
    """From where somebody asks."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One event on one day, with those of its shifts that were asked for and are still to come."""

    day: date
    event: Found
    """One of its shifts; each carries the event's own facts, too."""
    shifts: list[Found] = field(default_factory=list)
    miles: float | None = None
    """To the nearest of these shifts; nothing where nobody asked by postcode."""


def show_schedule(
    session: Session, wanted: Wanted, *, now: datetime, most: int = PAGE
) -> tuple[list[Card], bool]:
    """Return a page of what is to come, of `most` cards, and whether there is more after it.

    By day, since people choose a day first; on each day the nearest first where a postcode was
    given, otherwise whatever starts first.
    """
    wanted = finding.settle(session, wanted)
    asked = finding.asked_of(wanted) | finding.asked_ahead(now)
    statement = statement_for_page(frozenset(asked))
    cut = {"most": most + 1, "skipped": most * (wanted.page - 1)}
    # On the connection: nothing in this transaction holds these rows as objects.
    rows = session.connection().execute(statement, {**asked, **cut})
    found = map(Found._make, rows)
    cards = [card_of(list(those)) for _, those in groupby(found, key=attrgetter("day", "event_id"))]
    return cards[:most], len(cards) > most


def card_of(shifts: list[Found]) -> Card:
    """Return the card for an event's shifts on a day."""
    first = shifts[0]
    return Card(
        day=first.day,
        event=first,
        shifts=shifts,
        miles=None if first.square_miles is None else sqrt(first.square_miles),
    )


@lru_cache(maxsize=256)
def statement_for_page(names: frozenset[str]) -> Select[Any]:
    """Return the statement that finds a page's cards with their shifts, for filters of these names.

    The page is cut first, with the facts of its events, and only its own shifts are read whole.
    """
    asked = finding.parameters(names)
    is_asked = [*finding.is_on(), *finding.conditions(names, asked)]
    distance = finding.square_miles(asked) if "miles" in asked else null()
    starts = func.min(SHIFT.starts_at)
    near = func.min(distance) if "miles" in asked else starts
    page = (
        select(SHIFT.day, SHIFT.event_id, near.label("near"), starts.label("starts"), *OF_EVENT)
        .join_from(SHIFTS, EVENTS)
        .where(*is_asked)
        .group_by(SHIFT.day, SHIFT.event_id, EVENT.id)
        .order_by(SHIFT.day, near, starts, SHIFT.event_id)
        .limit(bindparam("most"))
        .offset(bindparam("skipped"))
        .cte("page")
    )
    in_page = (SHIFT.event_id == page.c.event_id) & (SHIFT.day == page.c.day)
    order = (page.c.day, page.c.near, page.c.starts, page.c.event_id)
    of_event = (page.c[column.name] for column in OF_EVENT)
    return (
        select(*OF_SHIFT, *of_event, GROUP.name.label("group_name"), distance.label("square_miles"))
        .join_from(page, SHIFTS, in_page)
        .join(GROUPS, GROUP.id == page.c.group_id)
        .where(SHIFT.cancelled.is_(False), *finding.conditions(names - OF_PAGE, asked))
        .order_by(*order, *((distance,) if "miles" in asked else ()), SHIFT.starts_at, SHIFT.id)
    )


def asked(wanted: Wanted, now: datetime | None = None) -> list[ColumnElement[bool]]:
    """Return what a visitor asks of a shift, be it still to come or cancelled; feeds ask it too.

    `wanted` must be settled. Without `now` a shift has places even after its sign-up has closed.
    """
    values = finding.asked_of(wanted)
    return finding.conditions(values, values | ({"now": now} if now else {}))


def list_groups(
    session: Session, *, after: int = 0, limit: int = PAGE, among: Collection[int] | None = None
) -> Sequence[Group]:
    """Return groups in the order of their ids, those after the id given.

    `among` leaves out all but these groups.
    """
    query = select(Group).where(Group.id > after).order_by(Group.id).limit(limit)
    if among is not None:
        query = query.where(Group.id.in_(among))
    return session.scalars(query).all()


def list_events(
    session: Session,
    *,
    after: int = 0,
    limit: int = PAGE,
    among: Collection[int] | None = None,
    **only: Any,
) -> Sequence[Event]:
    """Return events in the order of their ids, drafts too, those after the id given.

    `among` leaves out what none of these groups holds, alone or with others; `only` may name
    `status`, `kind` and `group_id`.
    """
    query = select(Event).where(Event.id > after).filter_by(**only)
    if among is not None:
        accepted = (CoHost.state == "accepted") & CoHost.group_id.in_(among)
        query = query.where(Event.group_id.in_(among) | Event.co_hosts.any(accepted))
    return session.scalars(query.order_by(Event.id).limit(limit)).all()
