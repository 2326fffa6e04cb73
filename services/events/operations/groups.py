"""Founding and changing groups."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from ..models import Group
from .details import GroupDetails
from .stored import find_group
from .telling import apply, tell_group


def create_group(session: Session, details: GroupDetails, *, now: datetime) -> Group:
    """Found a group and tell of it."""
    group = Group(**details)
    session.add(group)
    tell_group(session, group, now=now)
    return group


def change_group(session: Session, group_id: int, details: GroupDetails, *, now: datetime) -> Group:
    """Change what is named in `details`; tell of it unless all stays as it was."""
    group = find_group(session, group_id, lock=True)
    if apply(group, details):
        tell_group(session, group, now=now)
    return group
