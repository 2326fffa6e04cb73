"""What this service does when it hears of what happened elsewhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages
from shared.handlers import Handlers

from . import operations


def keep_places(session: Session, message: messages.PlacesChanged, _now: datetime) -> None:
    """Show the shift's new totals, unless newer ones are shown already."""
    operations.keep_places(session, message)


HANDLERS: Handlers = {messages.PlacesChanged: keep_places}
