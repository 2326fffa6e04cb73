"""To which group things belong: what guards ask before they let somebody in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.columns import LARGEST_ID
from shared.refusals import NotThere

from ..models import Enquiry, Event, Group, Mailing, Newcomer, Notice, Signup
from ..rules import kinds


def groups_of_group(session: Session, group_id: int) -> Iterable[int]:
    """Return the group itself."""
    return _group_in(session, Group.id, Group.id, group_id)


def host_of_event(session: Session, event_id: int) -> Iterable[int]:
    """Return the group that holds an event: only it writes to those who come."""
    return _group_in(session, Event.group_id, Event.id, event_id)


def group_of_mailing(session: Session, mailing_id: int) -> Iterable[int]:
    """Return the group in whose name a mailing is written."""
    return _group_in(session, Mailing.group_id, Mailing.id, mailing_id)


def group_of_enquiry(session: Session, enquiry_id: int) -> Iterable[int]:
    """Return the group that was asked."""
    return _group_in(session, Enquiry.group_id, Enquiry.id, enquiry_id)


def group_of_newcomer(session: Session, newcomer_id: int) -> Iterable[int]:
    """Return the group with which somebody is new."""
    return _group_in(session, Newcomer.group_id, Newcomer.id, newcomer_id)


def group_of_signup(session: Session, signup_id: int) -> Iterable[int]:
    """Return the group that holds the event of a sign-up."""
    return host_of_event(session, find(session, Signup, signup_id).event_id)


def groups_of_notice(session: Session, notice_id: int) -> Iterable[int]:
    """Return the group that a notice concerns; none for one of the whole network.

    Who gets the weekly mail asked the network for it, even where they chose one group.
    """
    notice = find(session, Notice, notice_id)
    is_networks = notice.group_id is None or notice.kind in kinds.SUBSCRIBER_KINDS
    return () if is_networks else (notice.group_id,)


def find_group(session: Session, group_id: int) -> Group:
    """Return a group. Raises NotThere."""
    group: Group = find(session, Group, group_id)
    return group


def find(session: Session, model: Any, number: int, *, lock: bool = False) -> Any:
    """Return a row by its number, locked if it is to be changed. Raises NotThere."""
    row = session.get(model, number, with_for_update=lock) if number <= LARGEST_ID else None
    if row is None:
        raise NotThere
    return row


def _group_in(session: Session, group: Any, column: Any, number: int) -> tuple[int]:
    """Return the group that stands beside a number. Raises NotThere for a number of nothing."""
    found = session.scalar(select(group).where(column == number)) if number <= LARGEST_ID else None
    if found is None:
        raise NotThere
    return (found,)
