"""Another ask: where somebody might come instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, or_
from sqlalchemy.orm import Session

from ..models import Event, Shift
from .stored import SHIFT_AND_EVENT

MOST = 5
HAS_ROOM = or_(Shift.capacity.is_(None), Shift.taken + bindparam("party") <= Shift.capacity)
IS_OF_THIS_EVENT = Shift.event_id == bindparam("event_id")

# The same event first, then whatever the group holds next; last where one would have to wait.
NEAREST = (
    SHIFT_AND_EVENT.where(
        Event.group_id == bindparam("group_id"),
        Shift.id != bindparam("shift_id"),
        ~Shift.cancelled,
        Shift.closes_at > bindparam("now"),
        or_(
            HAS_ROOM,
            and_(IS_OF_THIS_EVENT, Event.waiting_list, Shift.capacity >= bindparam("party")),
        ),
    )
    .order_by(~HAS_ROOM, ~IS_OF_THIS_EVENT, Shift.starts_at, Shift.id)
    .limit(MOST)
)


def list_alternatives(
    session: Session, shift: Row[Any], *, party: int, now: datetime
) -> Sequence[Row[Any]]:
    """Return a few open shifts of the same group for a party, the best first.

    Full ones are among them only if they are of the same event, and have a waiting list.
    """
    asked = {
        "group_id": shift.group_id,
        "shift_id": shift.id,
        "event_id": shift.event_id,
        "party": party,
        "now": now,
    }
    found: Sequence[Any] = session.execute(NEAREST, asked).all()
    return found
