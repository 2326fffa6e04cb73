"""What this service does when it hears of what happened elsewhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages
from shared.access import copies as access_copies
from shared.handlers import Handlers

from . import operations
from .operations import privacy


def keep_event(session: Session, message: messages.EventMessage, now: datetime) -> None:
    """Keep the event's facts; move, fill or close the sign-ups of shifts that changed."""
    operations.keep_event(session, message.event, reason="", now=now)


def close_signups(session: Session, message: messages.EventCancelled, now: datetime) -> None:
    """End every live sign-up of a cancelled event, and have each person told why."""
    operations.keep_event(session, message.event, reason=message.reason, now=now)


def keep_group(session: Session, message: messages.GroupChanged, _now: datetime) -> None:
    """Keep the group's facts, which the form shows."""
    operations.keep_group(session, message.group)


def keep_notice(session: Session, message: messages.NoticeMessage, _now: datetime) -> None:
    """Keep what became of a mail, for those who look after the person."""
    operations.keep_notice(session, message)


def doubt_address(session: Session, message: messages.NoticeFailed, now: datetime) -> None:
    """Doubt the address of a sign-up whose mail came back; its place is not kept for ever."""
    operations.keep_notice(session, message)
    if message.bounced:
        operations.doubt_address(session, message.signup_id, now=now)


def keep_answer(session: Session, message: messages.ConsentMessage, _now: datetime) -> None:
    """Keep that somebody wants no more mail, or wants it again after all."""
    operations.keep_answer(session, message)


def note_erased_from_events(
    session: Session, message: messages.PersonErasedFromEvents, now: datetime
) -> None:
    """Note that the events service has forgotten somebody."""
    privacy.note_done(session, message.erasure_id, "events", now=now)


def note_erased_from_notifications(
    session: Session, message: messages.PersonErasedFromNotifications, now: datetime
) -> None:
    """Note that the notifications service has forgotten somebody."""
    privacy.note_done(session, message.erasure_id, "notifications", now=now)


HANDLERS: Handlers = {
    **access_copies.HANDLERS,
    messages.EventPublished: keep_event,
    messages.EventChanged: keep_event,
    messages.EventCancelled: close_signups,
    messages.GroupChanged: keep_group,
    messages.NoticeSent: keep_notice,
    messages.NoticeFailed: doubt_address,
    messages.ConsentWithdrawn: keep_answer,
    messages.ConsentRenewed: keep_answer,
    messages.NoticeComplained: keep_notice,
    messages.PersonErasedFromEvents: note_erased_from_events,
    messages.PersonErasedFromNotifications: note_erased_from_notifications,
}
