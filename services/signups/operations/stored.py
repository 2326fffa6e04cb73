"""Finding what is stored here, or saying that it is not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from shared.columns import LARGEST_ID
from shared.refusals import NotThere

from ..models import Event, Group, Shift

# Made once: making a statement takes longer than running it.
SHIFT_AND_EVENT = (
    select(
        *Shift.__table__.c,
        Event.title,
        Event.contact_name,
        Event.contact_email,
        Event.kind,
        Event.mode,
        Event.online_url,
        Event.address_shown,
        Event.group_id,
        Group.name.label("group_name"),
        Group.privacy_url,
        Group.representative_name,
        Group.representative_role,
    )
    .join(Event, Event.id == Shift.event_id)
    .join(Group, Group.id == Event.group_id)
)
THIS_SHIFT = SHIFT_AND_EVENT.where(Shift.id == bindparam("shift_id"))


def find_shift(session: Session, shift_id: int) -> Row[Any]:
    """Return a shift with its event's and group's facts. Raises NotThere for one not known here."""
    if shift_id > LARGEST_ID:
        raise NotThere
    row: Any = session.execute(THIS_SHIFT, {"shift_id": shift_id}).one_or_none()
    if row is None:
        raise NotThere
    found: Row[Any] = row
    return found


def host_of_shift(session: Session, shift_id: int) -> tuple[int]:
    """Return the group that holds a shift's event. Raises NotThere for one not known here."""
    query = select(Event.group_id).join(Shift, Shift.event_id == Event.id)
    found = session.scalar(query.where(Shift.id == shift_id)) if shift_id <= LARGEST_ID else None
    if found is None:
        raise NotThere
    return (found,)
