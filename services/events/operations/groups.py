"""Founding and changing groups, and what they are parts of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from ..models import Event, Group, GroupArea, Organiser
from ..rules import groups as rules
from . import audit
from .areas import KINDS, coordinates_of, settle_areas
from .details import GroupDetails
from .organisers import admit_owner
from .stored import find_group
from .telling import apply, tell_group

PAGE = 30
INHERITED = ("contact_name", "contact_email", "reply_email", "privacy_url", "imprint")
"""What a sub-group begins with."""


def create_group(session: Session, details: GroupDetails, *, now: datetime) -> Group:
    """Found a group and tell of it."""
    if details.get("parent_id"):
        find_group(session, int(details["parent_id"] or 0))
    group = Group(parent_id=details.get("parent_id"), **as_stored(session, details))
    settle_areas(session, group, details)
    session.add(group)
    tell_group(session, group, now=now)
    audit.note(session, "group.founded", group, now=now)
    return group


def change_group(session: Session, group_id: int, details: GroupDetails, *, now: datetime) -> Group:
    """Change what is named in `details`; tell of it unless all stays as it was."""
    group = find_group(session, group_id, lock=True)
    moved = settle_areas(session, group, details)
    facts = as_stored(session, details)
    changed = [name for name, fact in facts.items() if getattr(group, name) != fact]
    if apply(group, facts) or moved:
        tell_group(session, group, now=now)
        words = ", ".join([*changed, *(["areas"] if moved else [])]).replace("_", " ")
        audit.note(session, "group.changed", group, now=now, details=words)
    return group


def found_sub_group(
    session: Session, group_id: int, *, name: str, owner_id: int | None, now: datetime
) -> Group:
    """Found a part of a group, with that group's contact, imprint and privacy notice.

    `owner_id` is the organiser who owns it from now on; a program founds it without one.
    """
    parent = find_group(session, group_id)
    taken: dict[str, Any] = {column: getattr(parent, column) for column in INHERITED}
    group = Group(
        parent_id=parent.id, name=name, signup_notices=parent.signup_notices, areas=[], **taken
    )
    session.add(group)
    tell_group(session, group, now=now)
    audit.note(session, "group.founded", group, now=now, details=f"a part of {parent.name}")
    audit.note(session, "sub_group.founded", parent, now=now, details=group.name)
    if owner_id is not None:
        owner = session.get_one(Organiser, owner_id)
        admit_owner(session, group.id, owner.email, name=owner.name, now=now)
    return group


def move_group(session: Session, group_id: int, *, parent_id: int | None, now: datetime) -> Group:
    """Make the group a part of another one, or of none."""
    group = find_group(session, group_id, lock=True)
    parent = find_group(session, parent_id) if parent_id is not None else None
    if parent is not None:
        rules.check_parent(group.id, [above.id for above in lineage(parent)])
    if group.parent_id != parent_id:
        group.parent_id = parent_id
        tell_group(session, group, now=now)
        words = f"a part of {parent.name}" if parent else "a part of no other"
        audit.note(session, "group.moved", group, now=now, details=words)
    return group


def lineage(group: Group) -> Iterator[Group]:
    """Yield the group and all that it is a part of, from below."""
    above: Group | None = group
    while above is not None:
        yield above
        above = above.parent


def list_sub_groups(session: Session, group_id: int) -> Sequence[Group]:
    """Return the parts of a group, by name."""
    return session.scalars(
        select(Group).where(Group.parent_id == group_id).order_by(Group.name, Group.id)
    ).all()


def search_groups(
    session: Session, *, words: str = "", page: int = 1
) -> tuple[Sequence[Group], bool]:
    """Return a page of groups by name, and whether there are more.

    Each of the words must stand in the name, or in the name of an area.
    """
    asked = (
        select(Group).options(selectinload(Group.areas)).order_by(func.lower(Group.name), Group.id)
    )
    for word in words.split():
        in_area = Group.areas.any(GroupArea.name.icontains(word, autoescape=True))
        asked = asked.where(or_(Group.name.icontains(word, autoescape=True), in_area))
    found = session.scalars(asked.limit(PAGE + 1).offset(PAGE * (page - 1))).all()
    return found[:PAGE], len(found) > PAGE


def list_steps(session: Session, group: Group) -> tuple[list[rules.Step], Event | None]:
    """Return what a new group does until people can find it, and the event that it begins with."""
    events = session.scalars(
        select(Event).where(Event.group_id == group.id).order_by(Event.id)
    ).all()
    public = [event for event in events if event.published_at]
    first = next(iter(public or [event for event in events if event.status == "draft"]), None)
    beginning = rules.Beginning(
        about=group.about,
        has_area=bool(group.areas or group.area_postcode),
        imprint=group.imprint,
        event_id=first.id if first else None,
        shifts=len([shift for shift in first.shifts if not shift.cancelled]) if first else 0,
        published=bool(public),
    )
    return rules.steps_of(beginning), first


def as_stored(session: Session, details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the details as columns: areas stand elsewhere, and a postcode gets its coordinates."""
    left_out = {*KINDS, "parent_id"}
    facts = {name: value for name, value in details.items() if name not in left_out}
    if "embed_sites" in facts:
        facts["embed_sites"] = "\n".join(facts["embed_sites"])
    if "area_postcode" in facts:
        facts |= coordinates_of(session, facts["area_postcode"])
    return facts
