"""Keeping the copy of a shift's totals that signups tells of."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared import messages
from shared.refusals import NotKnownYet

from ..models import Shift


def keep_places(session: Session, message: messages.PlacesChanged) -> None:
    """Copy the totals unless newer ones are here already; one statement, so that none is lost.

    Raises NotKnownYet for a shift that is not here.
    """
    kept = session.execute(
        update(Shift)
        .where(Shift.id == message.shift_id, Shift.places_revision < message.places_revision)
        .values(
            taken=message.taken, waiting=message.waiting, places_revision=message.places_revision
        )
        .returning(Shift.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if (
        kept is None
        and session.scalar(select(Shift.id).where(Shift.id == message.shift_id)) is None
    ):
        raise NotKnownYet
