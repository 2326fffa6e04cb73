"""Finding groups, events and shifts, and refusing what is not there."""

from __future__ import annotations

from sqlalchemy.orm import Session

from shared.columns import LARGEST_ID
from shared.refusals import NotThere

from ..models import Event, Group, Shift


def find_group(session: Session, group_id: int, *, lock: bool = False) -> Group:
    """Return the group, locked against other changes if it is to change."""
    group = session.get(Group, group_id, with_for_update=lock) if fits(group_id) else None
    if group is None:
        raise NotThere
    return group


def find_event(session: Session, event_id: int, *, lock: bool = False) -> Event:
    """Return the event with its shifts, locked against other changes if it is to change."""
    of = {"of": Event} if lock else False
    event = session.get(Event, event_id, with_for_update=of) if fits(event_id) else None
    if event is None:
        raise NotThere
    return event


def find_public_event(session: Session, event_id: int) -> Event:
    """Return an event that the public may see: one that was published, cancelled since or not."""
    event = find_event(session, event_id)
    if event.published_at is None:
        raise NotThere
    return event


def find_shift(event: Event, shift_id: int) -> Shift:
    """Return one of the event's own shifts."""
    for shift in event.shifts:
        if shift.id == shift_id:
            return shift
    raise NotThere


def fits(key: int) -> bool:
    """Tell whether a number from outside can be a key at all; PostgreSQL fails on larger ones."""
    return key <= LARGEST_ID
