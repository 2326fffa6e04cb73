"""The life of an event: drafted, changed, published, cancelled, put away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.database import next_revision

from .. import rules
from ..models import Campaign, Election, Event, Group
from . import audit
from .details import EventDetails
from .mapping import put_on_map
from .shifts import new_shift
from .stored import find_event, find_group
from .telling import apply, event_facts, renew, tell_own_change

WORDS = (
    *("kind", "title", "description", "bring", "accessibility", "mode", "online_url"),
    *("verification", "when_full", "promotion", "questions", "reminders"),
    *("address_shown", "contact_name", "contact_email", "campaign_id", "election_id"),
)


def create_event(session: Session, details: EventDetails, *, now: datetime) -> Event:
    """Draft an event with its shifts; without a contact of its own it gets the group's."""
    group = find_group(session, details["group_id"])
    check_belonging(session, details, group_id=group.id)
    event = Event(
        revision=next_revision(None, now),
        group=group,
        status="draft",
        shifts=[new_shift(shift, now=now) for shift in details["shifts"]],
        **words_of(details) | missing_contact(details, group),
    )
    session.add(event)
    for shift in event.shifts:
        put_on_map(session, shift)
    session.flush()
    audit.note(session, "event.drafted", event, now=now)
    return event


def change_event(session: Session, event_id: int, details: EventDetails, *, now: datetime) -> Event:
    """Change what is named in `details`, the shifts aside; tell of it if the public sees it."""
    event = find_event(session, event_id, lock=True)
    rules.check_changeable(event.status, event.shifts, now)
    check_belonging(session, details, group_id=event.group_id)
    facts = words_of(details) | missing_contact(details, event.group)
    changed = [name for name in facts if getattr(event, name) != facts[name]]
    if apply(event, facts):
        if "address_shown" in changed:
            for shift in event.shifts:
                put_on_map(session, shift)
        tell_own_change(session, event, now=now)
        audit.note(session, "event.changed", event, now=now, details=", ".join(changed))
    return event


def publish_event(session: Session, event_id: int, *, now: datetime) -> Event:
    """Bring a draft before the public."""
    event = find_event(session, event_id, lock=True)
    rules.check_publishable(event, now)
    event.status = "published"
    event.published_at = now
    event.archived_at = None
    renew(session, event, now=now)
    outbox.tell(session, messages.EventPublished(event=event_facts(event)), now=now)
    audit.note(session, "event.published", event, now=now)
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
    audit.note(session, "event.cancelled", event, now=now, details=reason)
    return event


def archive_event(session: Session, event_id: int, *, now: datetime) -> Event:
    """Put the event away: organisers' lists leave it out, its page stays."""
    event = find_event(session, event_id, lock=True)
    rules.check_archivable(event.status, event.shifts, now)
    if event.archived_at is None:
        event.archived_at = now
        audit.note(session, "event.archived", event, now=now)
    return event


def unarchive_event(session: Session, event_id: int, *, now: datetime) -> Event:
    """Take the event out again."""
    event = find_event(session, event_id, lock=True)
    if event.archived_at is not None:
        event.archived_at = None
        audit.note(session, "event.unarchived", event, now=now)
    return event


def check_belonging(session: Session, details: EventDetails, *, group_id: int) -> None:
    """Refuse a campaign that is neither public nor the group's own, and an unknown election."""
    campaign_id, election_id = details.get("campaign_id"), details.get("election_id")
    if campaign_id is not None:
        campaign = session.get(Campaign, campaign_id)
        if campaign is None or (campaign.group_id != group_id and campaign.status != "published"):
            raise rules.CampaignIsNotYours
    if election_id is not None and session.get(Election, election_id) is None:
        raise rules.ElectionIsNotKnown


def words_of(details: EventDetails) -> dict[str, Any]:
    """Return the part of the details that is stored as it was typed."""
    return {name: value for name, value in details.items() if name in WORDS}


def missing_contact(details: EventDetails, group: Group) -> dict[str, str]:
    """Return the group's contact for whatever was emptied of the event's own."""
    own = {"contact_name": group.contact_name, "contact_email": group.contact_email}
    return {name: value for name, value in own.items() if details.get(name) == ""}
