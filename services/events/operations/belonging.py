"""Which groups a thing belongs to: what guards of routes ask before anybody may see or change it.

Each raises NotThere for what is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from ..models import Campaign, CoHost, Event, Group, Import, Series
from .stored import fits


def groups_of_group(session: Session, group_id: int) -> Iterable[int]:
    """Return the group itself."""
    return (_group_in(session, Group.id, Group.id, group_id),)


def host_of_event(session: Session, event_id: int) -> Iterable[int]:
    """Return the group that holds an event: only it changes it."""
    return (_group_in(session, Event.group_id, Event.id, event_id),)


def groups_of_event(session: Session, event_id: int) -> Iterable[int]:
    """Return the group that holds an event, and those that hold it too."""
    host = host_of_event(session, event_id)
    accepted = select(CoHost.group_id).where(
        CoHost.event_id == event_id, CoHost.state == "accepted"
    )
    return (*host, *session.scalars(accepted))


def groups_of_campaign(session: Session, campaign_id: int) -> Iterable[int]:
    """Return the group whose campaign it is."""
    return (_group_in(session, Campaign.group_id, Campaign.id, campaign_id),)


def groups_of_series(session: Session, series_id: int) -> Iterable[int]:
    """Return the group whose series it is."""
    return (_group_in(session, Series.group_id, Series.id, series_id),)


def groups_of_import(session: Session, import_id: int) -> Iterable[int]:
    """Return the group into which it was imported."""
    return (_group_in(session, Import.group_id, Import.id, import_id),)


def _group_in(session: Session, group: Any, key: Any, wanted: int) -> int:
    found = session.scalar(select(group).where(key == wanted)) if fits(wanted) else None
    if found is None:
        raise NotThere
    return int(found)
