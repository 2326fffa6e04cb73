"""What this service does when it hears of what happened elsewhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages
from shared.handlers import Handlers

from . import operations
from .operations import erasing


def keep_places(session: Session, message: messages.PlacesChanged, _now: datetime) -> None:
    """Show the shift's new totals, unless newer ones are shown already."""
    operations.keep_places(session, message)


def answer_erasure(session: Session, message: messages.PersonErased, now: datetime) -> None:
    """Answer that nothing is kept here of somebody who is erased."""
    erasing.answer_erasure(session, message, now=now)


HANDLERS: Handlers = {
    messages.PlacesChanged: keep_places,
    messages.PersonErased: answer_erasure,
}
