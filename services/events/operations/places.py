"""Keeping the copy of a shift's totals that signups tells of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from shared import messages
from shared.refusals import NotKnownYet

from ..models import Shift

SHIFTS: Any = Shift.__table__

# Made once: making a statement takes longer than running it.
KEEP_NEWER = (
    update(SHIFTS)
    .where(SHIFTS.c.id == bindparam("shift"), SHIFTS.c.places_revision < bindparam("newer"))
    .values(
        taken=bindparam("taken"), waiting=bindparam("waiting"), places_revision=bindparam("newer")
    )
    .returning(SHIFTS.c.id)
)
IS_KNOWN = select(SHIFTS.c.id).where(SHIFTS.c.id == bindparam("shift"))


def keep_places(session: Session, message: messages.PlacesChanged) -> None:
    """Copy the totals unless newer ones are here already; one statement, so that none is lost.

    Raises NotKnownYet for a shift that is not here.
    """
    totals = {"taken": message.taken, "waiting": message.waiting}
    newer = {"shift": message.shift_id, "newer": message.places_revision, **totals}
    # On the connection: nothing else in this transaction holds the shift as an object.
    kept = session.connection().execute(KEEP_NEWER, newer).one_or_none()
    if kept is None and session.execute(IS_KNOWN, {"shift": message.shift_id}).first() is None:
        raise NotKnownYet
