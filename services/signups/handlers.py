"""What this service does when it hears of what happened elsewhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages
from shared.access import copies as access_copies
from shared.handlers import Handlers

from . import operations


def keep_event(session: Session, message: messages.EventMessage, now: datetime) -> None:
    """Keep the event's facts; move, fill or close the sign-ups of shifts that changed."""
    operations.keep_event(session, message.event, reason="", now=now)


def close_signups(session: Session, message: messages.EventCancelled, now: datetime) -> None:
    """End every live sign-up of a cancelled event, and have each person told why."""
    operations.keep_event(session, message.event, reason=message.reason, now=now)


def keep_group(session: Session, message: messages.GroupChanged, _now: datetime) -> None:
    """Keep the group's facts, which the form shows."""
    operations.keep_group(session, message.group)


HANDLERS: Handlers = {
    **access_copies.HANDLERS,
    messages.EventPublished: keep_event,
    messages.EventChanged: keep_event,
    messages.EventCancelled: close_signups,
    messages.GroupChanged: keep_group,
}
