"""The life of an event: drafted, changed, published, cancelled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.database import next_revision

from .. import rules
from ..models import Event, Group
from .details import EventDetails
from .shifts import new_shift
from .stored import find_event, find_group
from .telling import apply, event_facts, renew, tell_change


def create_event(session: Session, details: EventDetails, *, now: datetime) -> Event:
    """Draft an event with its shifts; without a contact of its own it gets the group's."""
    group = find_group(session, details["group_id"])
    event = Event(
        revision=next_revision(None, now),
        group=group,
        kind=details["kind"],
        status="draft",
        title=details["title"],
        description=details["description"],
        contact_name=details["contact_name"] or group.contact_name,
        contact_email=details["contact_email"] or group.contact_email,
        shifts=[new_shift(shift, now=now) for shift in details["shifts"]],
    )
    session.add(event)
    session.flush()
    return event


def change_event(session: Session, event_id: int, details: EventDetails, *, now: datetime) -> Event:
    """Change what is named in `details`, the shifts aside; tell of it if the public sees it."""
    event = find_event(session, event_id, lock=True)
    rules.check_changeable(event.status, event.shifts, now)
    if apply(event, {**details, **missing_contact(details, event.group)}):
        tell_change(session, event, now=now)
    return event


def publish_event(session: Session, event_id: int, *, now: datetime) -> Event:
    """Bring a draft before the public."""
    event = find_event(session, event_id, lock=True)
    rules.check_publishable(event.status, event.shifts, now)
    event.status = "published"
    event.published_at = now
    renew(session, event, now=now)
    outbox.tell(session, messages.EventPublished(event=event_facts(event)), now=now)
    return event


def cancel_event(session: Session, event_id: int, *, reason: str, now: datetime) -> Event:
    """Call the event off; a draft ends without a word to anybody."""
    event = find_event(session, event_id, lock=True)
    rules.check_cancellable(event.status, event.shifts, now)
    event.status = "cancelled"
    event.cancel_reason = reason
    renew(session, event, now=now)
    if event.published_at is not None:
        outbox.tell(
            session, messages.EventCancelled(event=event_facts(event), reason=reason), now=now
        )
    return event


def missing_contact(details: EventDetails, group: Group) -> dict[str, str]:
    """Return the group's contact for whatever was emptied of the event's own."""
    own = {"contact_name": group.contact_name, "contact_email": group.contact_email}
    return {name: value for name, value in own.items() if details.get(name) == ""}
