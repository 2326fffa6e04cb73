"""Finding what is stored here, or saying that it is not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from shared.columns import LARGEST_ID
from shared.refusals import NotThere

from .. import links
from ..models import Event, Group, Shift, Signup

# Made once: making a statement takes longer than running it. Of tables, since what is made of
# classes takes twice as long.
SHIFTS: Any = Shift.__table__
EVENTS: Any = Event.__table__
GROUPS: Any = Group.__table__
SHIFT_AND_EVENT = (
    select(
        *SHIFTS.c,
        EVENTS.c.title,
        EVENTS.c.contact_name,
        EVENTS.c.contact_email,
        EVENTS.c.kind,
        EVENTS.c.mode,
        EVENTS.c.online_url,
        EVENTS.c.address_shown,
        EVENTS.c.verification,
        EVENTS.c.waiting_list,
        EVENTS.c.questions,
        EVENTS.c.group_id,
        GROUPS.c.name.label("group_name"),
        GROUPS.c.privacy_url,
        GROUPS.c.representative_name,
        GROUPS.c.representative_role,
    )
    .join_from(SHIFTS, EVENTS, EVENTS.c.id == SHIFTS.c.event_id)
    .join(GROUPS, GROUPS.c.id == EVENTS.c.group_id)
)
THIS_SHIFT = SHIFT_AND_EVENT.where(SHIFTS.c.id == bindparam("shift_id"))


def find_shift(session: Session, shift_id: int) -> Row[Any]:
    """Return a shift with its event's and group's facts. Raises NotThere for one not known here."""
    if shift_id > LARGEST_ID:
        raise NotThere
    row: Any = session.execute(THIS_SHIFT, {"shift_id": shift_id}).one_or_none()
    if row is None:
        raise NotThere
    found: Row[Any] = row
    return found


def list_sites(session: Session, group_id: int) -> list[str]:
    """Return the origins of the sites that may show a group's forms."""
    return list(session.scalars(select(Group.sites).where(Group.id == group_id)).one())


def find_friend(session: Session, token: str) -> int | None:
    """Return the sign-up whose owner sent a friend here, if the link says one that is there."""
    if not token:
        return None
    try:
        signup_id = links.read_friend(session, token)
    except NotThere:
        return None
    return session.scalar(select(Signup.id).where(Signup.id == signup_id))


def find_group(session: Session, group_id: int) -> Group:
    """Return a group's copy. Raises NotThere."""
    group = session.get(Group, group_id) if group_id <= LARGEST_ID else None
    if group is None:
        raise NotThere
    return group


def shift_of(session: Session, signup_id: int) -> int | None:
    """Return which shift a sign-up is for; nothing for one that is not there."""
    return session.scalar(select(Signup.shift_id).where(Signup.id == signup_id))
