"""Lists of this service as rows of CSV, each with its header; cut off at `lists.MOST` rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, selectinload

from shared import times
from shared.lists import MOST

from .. import rules
from ..models import AuditEntry, CoHost, Election, Event, Group, Shift
from ..rules.import_columns import COLUMNS
from . import campaigns, organisers, schedule, tokens
from .finding import Wanted

Listed = tuple[Sequence[str], Iterable[Sequence[Any]]]
"""The names of the columns, and the rows."""

AT_ONCE = 500
MOST_FOUND = 1000
"""Days of events in the list of a search, which anybody may ask for: the next ones."""

EVENT_COLUMNS = (
    *("id", "status", "kind", "title", "group", "first_start", "shifts", "places", "taken"),
    *("waiting", "campaign_id", "election_id", "contact_name", "contact_email", "cancel_reason"),
)
GROUP_COLUMNS = ("id", "name", "parent_id", "website", "areas", "contact_name", "contact_email")
TOKEN_COLUMNS = ("id", "name", "group_id", "rights", "expires_at", "revoked_at")
TRAIL_COLUMNS = ("at", "actor", "action", "object_kind", "object_id", "object_name", "details")
CAMPAIGN_COLUMNS = (
    *("id", "name", "status", "starts_on", "ends_on", "goal_kind", "goal"),
    "election_id",
)
FOUND_COLUMNS = (
    *("event_id", "title", "kind", "group", "shift_id", "starts", "ends", "zone", "place"),
    *("constituency", "places", "miles"),
)


def list_events(session: Session, group_id: int) -> Listed:
    """Return a group's events, and those that it holds together with others."""
    return EVENT_COLUMNS, (row_of_event(event) for event in each_event(session, group_id))


def row_of_event(event: Event) -> list[Any]:
    """Return an event in a line, with the sums of its shifts."""
    standing = [shift for shift in event.shifts if not shift.cancelled]
    first = min((shift.starts_at for shift in standing), default=None)
    limits = [shift.capacity for shift in standing]
    places = None if None in limits else sum(limit or 0 for limit in limits)
    return [
        *(event.id, event.status, event.kind, event.title, event.group.name, first),
        *(len(standing), places if limits else None),
        *(sum(shift.taken for shift in standing), sum(shift.waiting for shift in standing)),
        *(event.campaign_id, event.election_id, event.contact_name, event.contact_email),
        event.cancel_reason,
    ]


def list_shifts(session: Session, group_id: int) -> Listed:
    """Return the shifts of the group's own events in the columns in which they are imported."""
    titles = [column.title for column in COLUMNS]
    events = each_event(session, group_id)
    return titles, (
        [cell_of(shift, column.name) for column in COLUMNS]
        for event in events
        if event.group_id == group_id
        for shift in event.shifts
        if not shift.cancelled
    )


def cell_of(shift: Shift, name: str) -> Any:
    """Return what an import would have in a cell for this shift."""
    if name == "event":
        return ""
    if name == "shift_id":
        return shift.id
    if name == "date":
        return times.local(shift.starts_at, shift.zone).date()
    if name in ("starts_at", "ends_at", "closes_at"):
        return clock_of(shift, getattr(shift, name))
    if name in CHOICES:
        chosen = getattr(shift if name == "work" else shift.event, name)
        return CHOICES[name][chosen] if chosen else ""
    return getattr(shift if hasattr(shift, name) else shift.event, name)


CHOICES = {
    "kind": rules.KINDS,
    "mode": rules.MODES,
    "address_shown": rules.ADDRESS_SHOWN,
    "work": rules.WORK,
}


def clock_of(shift: Shift, instant: datetime) -> str:
    """Return a time as clocks there show it, with its date where that is not the row's."""
    wall = times.local(instant, shift.zone)
    same_day = wall.date() == times.local(shift.starts_at, shift.zone).date()
    return f"{wall:%H:%M}" if same_day else f"{wall:%Y-%m-%d %H:%M}"


def each_event(session: Session, group_id: int) -> Iterator[Event]:
    """Yield a group's events in the order of their numbers, some at a time."""
    held = select(CoHost.event_id).where(CoHost.group_id == group_id, CoHost.state == "accepted")
    last, count = 0, 0
    while count < MOST:
        found = session.scalars(
            select(Event)
            .where(or_(Event.group_id == group_id, Event.id.in_(held)), Event.id > last)
            .order_by(Event.id)
            .limit(AT_ONCE)
        ).all()
        if not found:
            return
        yield from found
        last, count = found[-1].id, count + sum(1 + len(event.shifts) for event in found)
        session.expunge_all()


def list_campaigns(session: Session, group_id: int) -> Listed:
    """Return a group's campaigns, and how far each has come."""
    found = campaigns.list_campaigns(session, group_id=group_id)
    progress = campaigns.measure_progress(session, found)
    return (*CAMPAIGN_COLUMNS, "reached"), (
        [*values(campaign, CAMPAIGN_COLUMNS), progress[campaign.id].reached] for campaign in found
    )


def list_organisers(session: Session, group_id: int) -> Listed:
    """Return who has a role in a group; under 0 in the network."""
    columns = ("id", "name", "email", "role")
    return columns, (values(one, columns) for one in organisers.list_organisers(session, group_id))


def list_tokens(session: Session, group_id: int) -> Listed:
    """Return the tokens of a group, or under 0 of the network, without what opens doors."""
    found = tokens.list_tokens(session, group_id)
    return TOKEN_COLUMNS, (values(token, TOKEN_COLUMNS) for token in found)


def list_trail(session: Session, group_id: int | None) -> Listed:
    """Return the trail of a group, or of everything, newest first."""
    asked: Select[tuple[AuditEntry]] = select(AuditEntry)
    if group_id is not None:
        asked = asked.where(AuditEntry.group_id == group_id)
    found = session.scalars(asked.order_by(AuditEntry.id.desc()).limit(MOST)).yield_per(AT_ONCE)
    return TRAIL_COLUMNS, (values(entry, TRAIL_COLUMNS) for entry in found)


def list_elections(session: Session) -> Listed:
    """Return all elections by date."""
    found = session.scalars(select(Election).order_by(Election.day, Election.id).limit(MOST))
    return ("id", "title", "day"), (values(each, ("id", "title", "day")) for each in found)


def list_groups(session: Session) -> Listed:
    """Return all groups as the public sees them."""
    found = session.scalars(
        select(Group).options(selectinload(Group.areas)).order_by(Group.id).limit(MOST)
    )
    return GROUP_COLUMNS, (row_of_group(group) for group in found)


def row_of_group(group: Group) -> list[Any]:
    """Return a group in a line."""
    areas = "; ".join(area.name for area in group.areas)
    own = ("id", "name", "parent_id", "website")
    return [*values(group, own), areas, group.contact_name, group.contact_email]


def list_found(session: Session, wanted: Wanted, *, now: datetime) -> Listed:
    """Return what a search of the schedule finds next, a shift a line."""
    return FOUND_COLUMNS, each_found(session, wanted, now=now)


def each_found(session: Session, wanted: Wanted, *, now: datetime) -> Iterator[list[Any]]:
    """Yield the shifts that a search finds, asked for at once: pages cost as much each."""
    first = replace(wanted, page=1)
    for card in schedule.show_schedule(session, first, now=now, most=MOST_FOUND)[0]:
        for shift in card.shifts:
            yield row_of_found(card, shift, now)


def row_of_found(card: schedule.Card, shift: Any, now: datetime) -> list[Any]:
    """Return a shift in a line, as the public schedule shows it."""
    left = rules.places_left(shift.capacity, shift.taken)
    return [
        *(shift.event_id, card.event.title, card.event.kind, card.event.group_name, shift.id),
        times.local(shift.starts_at, shift.zone).replace(tzinfo=None),
        times.local(shift.ends_at, shift.zone).replace(tzinfo=None),
        *(shift.zone, shift.place, shift.constituency, "no limit" if left is None else left),
        None if card.miles is None else round(card.miles, 1),
    ]


def values(row: Any, names: Sequence[str]) -> list[Any]:
    """Return some columns of a row."""
    return [getattr(row, name) for name in names]
