"""Constituencies, as the public knows them: by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from ..models import Event, Group, GroupArea, PlaceName, Shift
from . import finding


@dataclass(frozen=True, kw_only=True)
class Constituency:
    """A constituency, and the groups that are at home there."""

    name: str
    groups: Sequence[Group]


def find_constituency(session: Session, name: str) -> Constituency:
    """Return a constituency by its name, in large or small letters.

    Raises NotThere for one that is in no list of names, has no group and never had an event.
    """
    in_lists = select(PlaceName.name).where(
        PlaceName.kind == "constituency", func.lower(PlaceName.name) == name.lower()
    )
    known = session.scalar(in_lists.limit(1)) or finding.written(session, name)
    at_home = (
        select(Group)
        .join(Group.areas)
        .where(GroupArea.kind == "constituency", func.lower(GroupArea.name) == known.lower())
        .order_by(Group.name, Group.id)
    )
    groups = session.scalars(at_home).all()
    seen = exists().where(
        Shift.constituency == known, Shift.event_id == Event.id, Event.published_at.is_not(None)
    )
    listed = exists().where(PlaceName.kind == "constituency", PlaceName.name == known)
    if not groups and not session.scalar(select(or_(seen, listed))):
        raise NotThere
    return Constituency(name=known, groups=groups)
