"""To which groups things belong: what guards ask before they let somebody in."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared.columns import LARGEST_ID
from shared.refusals import NotThere

from ..models import Event, Group, PeopleImport, Person, Shift, Signup


def groups_of_group(session: Session, group_id: int) -> Iterable[int]:
    """Return the group itself."""
    return _found(session, select(Group.id).where(Group.id == group_id), group_id)


def host_of_event(session: Session, event_id: int) -> Iterable[int]:
    """Return the group that holds an event."""
    return _found(session, select(Event.group_id).where(Event.id == event_id), event_id)


def host_of_shift(session: Session, shift_id: int) -> Iterable[int]:
    """Return the group that holds a shift's event."""
    query = select(Event.group_id).join(Shift, Shift.event_id == Event.id)
    return _found(session, query.where(Shift.id == shift_id), shift_id)


def host_of_signup(session: Session, signup_id: int) -> Iterable[int]:
    """Return the group whom somebody signed up with."""
    query = (
        select(Event.group_id)
        .join(Shift, Shift.event_id == Event.id)
        .join(Signup, Signup.shift_id == Shift.id)
    )
    return _found(session, query.where(Signup.id == signup_id), signup_id)


def group_of_person(session: Session, person_id: int) -> Iterable[int]:
    """Return the group that knows a person."""
    return _found(session, select(Person.group_id).where(Person.id == person_id), person_id)


def group_of_people_import(session: Session, people_import_id: int) -> Iterable[int]:
    """Return the group that a list of people was uploaded for."""
    query = select(PeopleImport.group_id).where(PeopleImport.id == people_import_id)
    return _found(session, query, people_import_id)


def _found(session: Session, query: Select[int], number: int) -> tuple[int]:
    """Return the group that the query finds. Raises NotThere for a number of nothing."""
    group_id = session.scalar(query) if number <= LARGEST_ID else None
    if group_id is None:
        raise NotThere
    return (group_id,)
