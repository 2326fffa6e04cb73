"""How changes become messages: an event that the public sees is told whole, a draft to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.database import next_revision
from shared.framing import origins_in

from ..models import Event, Group, Shift


def apply(row: Group | Event | Shift, facts: Mapping[str, Any]) -> bool:
    """Write the facts that differ into the row; tell whether there were any."""
    changed = {name: fact for name, fact in facts.items() if getattr(row, name) != fact}
    for name, fact in changed.items():
        setattr(row, name, fact)
    return bool(changed)


def tell_change(session: Session, event: Event, *changed: Shift, now: datetime) -> None:
    """Give the event and the changed shifts a new revision, and tell of it what the public sees."""
    renew(session, event, *changed, now=now)
    if event.status == "published":
        outbox.tell(session, messages.EventChanged(event=event_facts(event)), now=now)


def tell_own_change(session: Session, event: Event, *changed: Shift, now: datetime) -> None:
    """Tell of a change of this event alone: in its series it counts as changed from now on."""
    event.series_changed = event.series_id is not None
    tell_change(session, event, *changed, now=now)


def renew(session: Session, event: Event, *changed: Shift, now: datetime) -> None:
    """Give the event and the changed shifts a new revision and write all to the database."""
    event.revision = next_revision(event.revision, now)
    for shift in changed:
        shift.revision = next_revision(shift.revision, now)
    if event.published_at is not None:
        announce(event)
    session.flush()


def announce(event: Event) -> None:
    """Keep the start of each shift that the public hears of for the first time."""
    for shift in event.shifts:
        shift.announced_start = shift.announced_start or shift.starts_at


def tell_group(session: Session, group: Group, *, now: datetime) -> None:
    """Give the group a new revision and tell of it."""
    group.revision = next_revision(group.revision, now)
    session.flush()
    outbox.tell(session, messages.GroupChanged(group=group_facts(group)), now=now)


def event_facts(event: Event) -> messages.EventFacts:
    """Return the whole event as the other services are told of it."""
    return messages.EventFacts(
        id=event.id,
        revision=event.revision,
        status=event.status,
        kind=event.kind,
        title=event.title,
        description=event.description,
        contact_name=event.contact_name,
        contact_email=event.contact_email,
        group=group_facts(event.group),
        shifts=tuple(shift_facts(shift) for shift in sorted(event.shifts, key=lambda s: s.id)),
        bring=event.bring,
        accessibility=event.accessibility,
        mode=event.mode,
        online_url=event.online_url,
        address_shown=event.address_shown,
        verification=event.verification,
        promotion=event.promotion,
        waiting_list=event.when_full == "wait",
        questions=tuple(question_facts(question) for question in event.questions),
        reminders=tuple(messages.ReminderFacts(**rule) for rule in event.reminders),
        campaign_id=event.campaign_id,
        co_hosts=tuple(one.group_id for one in event.co_hosts if one.state == "accepted"),
    )


def group_facts(group: Group) -> messages.GroupFacts:
    """Return the group as the other services are told of it."""
    return messages.GroupFacts(
        id=group.id,
        revision=group.revision,
        name=group.name,
        contact_name=group.contact_name,
        contact_email=group.contact_email,
        privacy_url=group.privacy_url,
        imprint=group.imprint,
        signup_notices=group.signup_notices,
        reply_email=group.reply_email,
        representative_name=group.representative_name,
        representative_role=group.representative_role,
        sites=tuple(origins_in(group.embed_sites)),
    )


def question_facts(question: Mapping[str, Any]) -> messages.QuestionFacts:
    """Return a question of a sign-up form as the other services are told of it."""
    return messages.QuestionFacts(**{**question, "options": tuple(question["options"])})


def shift_facts(shift: Shift) -> messages.ShiftFacts:
    """Return the shift as the other services are told of it.

    The totals are only a copy here, and who leads it is nobody else's business.
    """
    return messages.ShiftFacts(
        id=shift.id,
        revision=shift.revision,
        place=shift.place,
        address=shift.address,
        postcode=shift.postcode,
        constituency=shift.constituency,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        zone=shift.zone,
        capacity=shift.capacity,
        closes_at=shift.closes_at,
        cancelled=shift.cancelled,
        constituency_code=shift.constituency_code,
        work=shift.work,
        needs=shift.needs,
        latitude=shift.latitude,
        longitude=shift.longitude,
    )
