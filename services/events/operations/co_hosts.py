"""Holding an event together: one group asks, another accepts or declines, and may leave again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.refusals import NotThere

from ..models import CoHost, Event, Group
from ..rules import co_hosts as rules
from ..rules.groups import did_you_mean, plain, similar_names
from . import audit
from .linking import link_to
from .stored import find_event, find_group
from .telling import tell_change

SEVERAL = "Several groups have this name. Enter the number of the one you mean: {numbers}."


def ask_co_host(session: Session, event_id: int, group_id: int, *, now: datetime) -> CoHost:
    """Ask another group to hold the event too; its contact is told."""
    event = find_event(session, event_id, lock=True)
    group = find_group(session, group_id)
    asked = next((one for one in event.co_hosts if one.group_id == group.id), None)
    rules.check_askable(
        event.group_id, group.id, status=event.status, state=asked.state if asked else ""
    )
    if asked is None:
        asked = CoHost(event_id=event.id, group=group, group_id=group.id)
        event.co_hosts.append(asked)
    asked.state, asked.asked_at = "asked", now
    session.flush()
    tell_asked(session, event, group, now=now)
    audit.note(session, "co_host.asked", event, now=now, details=group.name)
    return asked


def accept_co_host(session: Session, event_id: int, group_id: int, *, now: datetime) -> CoHost:
    """Hold the event too: it shows with both groups, and both see its numbers."""
    event, asked = find_asked(session, event_id, group_id)
    rules.check_answerable(asked.state)
    asked.state = "accepted"
    tell_change(session, event, now=now)
    note_for_both(session, "co_host.accepted", event, asked.group, now=now)
    return asked


def decline_co_host(session: Session, event_id: int, group_id: int, *, now: datetime) -> CoHost:
    """Say no to what was asked."""
    event, asked = find_asked(session, event_id, group_id)
    rules.check_answerable(asked.state)
    asked.state = "declined"
    session.flush()
    note_for_both(session, "co_host.declined", event, asked.group, now=now)
    return asked


def end_co_host(session: Session, event_id: int, group_id: int, *, now: datetime) -> None:
    """Hold the event no longer, or be asked no longer: one leaves, or the host withdraws."""
    event, asked = find_asked(session, event_id, group_id)
    held = asked.state == "accepted"
    event.co_hosts.remove(asked)
    session.delete(asked)
    if held:
        tell_change(session, event, now=now)
    session.flush()
    note_for_both(
        session, "co_host.ended" if held else "co_host.withdrawn", event, asked.group, now=now
    )


def find_asked(session: Session, event_id: int, group_id: int) -> tuple[Event, CoHost]:
    """Return the event, locked, and what was asked of the group."""
    event = find_event(session, event_id, lock=True)
    for asked in event.co_hosts:
        if asked.group_id == group_id:
            return event, asked
    raise NotThere


def groups_in_touch(session: Session, event_id: int) -> Iterable[int]:
    """Return the host, those who hold the event too, and those who are asked to."""
    event = find_event(session, event_id)
    return (
        event.group_id,
        *(one.group_id for one in event.co_hosts if one.state != "declined"),
    )


def find_named(session: Session, typed: str) -> Group:
    """Return the group of this name or number.

    Raises ValidationError with a "did you mean" for one that is not there.
    """
    if typed.isdecimal():
        return find_group(session, int(typed))
    named = session.execute(select(Group.id, Group.name).order_by(Group.id)).all()
    found = [group_id for group_id, name in named if plain(name) == plain(typed)]
    if len(found) > 1:
        numbers = ", ".join(str(group_id) for group_id in found)
        raise ValidationError({"group": [SEVERAL.format(numbers=numbers)]})
    if not found:
        known = {plain(name): name for _, name in named}
        raise ValidationError({"group": [did_you_mean(typed, similar_names(typed, known))]})
    return find_group(session, found[0])


def tell_asked(session: Session, event: Event, group: Group, *, now: datetime) -> None:
    """Tell the contact of the group that is asked."""
    outbox.tell(
        session,
        messages.CoHostAsked(
            event_id=event.id,
            event_title=event.title,
            group_id=group.id,
            group_name=group.name,
            host_name=event.group.name,
            asked_at=now,
            person=messages.Addressee(
                name=group.contact_name,
                email=group.contact_email,
                link=link_to(session, f"/organise/events/{event.id}/co-hosts"),
            ),
        ),
        now=now,
    )


def note_for_both(
    session: Session, action: str, event: Event, group: Group, *, now: datetime
) -> None:
    """Note in the host's trail and in the other group's."""
    audit.note(session, action, event, now=now, details=group.name)
    about = audit.About("event", event.id, event.title, group.id)
    audit.note(session, action, about, now=now, details=f"host is {event.group.name}")
