"""What messages about events and groups lead to: copies of what mails speak of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages
from shared.handlers import Handlers

from ..operations import copies, news, reminding


def keep_event(session: Session, message: messages.EventMessage, now: datetime) -> None:
    """Keep the words and times that mails need, what of them is news, and plan reminders anew."""
    copies.keep_group(session, message.event.group)
    with reminding.following(session, message.event.id, now=now):
        news.keep_event(session, message.event, now=now)


def keep_group(session: Session, message: messages.GroupChanged, now: datetime) -> None:
    """Keep who signs the mails and who is told of new sign-ups."""
    copies.keep_group(session, message.group)


def keep_places(session: Session, message: messages.PlacesChanged, now: datetime) -> None:
    """Keep how full a shift is, and whether that it has places again is news."""
    news.keep_places(session, message, now=now)


EVENTS: Handlers = {
    messages.EventPublished: keep_event,
    messages.EventChanged: keep_event,
    messages.EventCancelled: keep_event,
    messages.GroupChanged: keep_group,
    messages.PlacesChanged: keep_places,
}
