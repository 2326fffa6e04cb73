"""Groups, events and shifts for the tests, valid unless told otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events import operations
from services.events.models import Event, Group, Shift
from services.events.schemas import EventSchema, GroupSchema, ShiftSchema
from shared import wire
from shared.messages import Message
from shared.tables import OUTBOX

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 9, 31, tzinfo=UTC)
AFTERWARDS = datetime(2026, 12, 24, 9, 30, tzinfo=UTC)


def typed_group(**typed: Any) -> dict[str, Any]:
    """Return a group as the API takes it."""
    return {
        "name": "Fosse Neighbours",
        "contact_name": "Robin Example",
        "contact_email": "robin@fosse.example",
        "privacy_url": "https://fosse.example/privacy",
        "imprint": "Fosse Neighbours, 1 Example Street",
        **typed,
    }


def typed_shift(**typed: Any) -> dict[str, Any]:
    """Return a shift as the API takes it."""
    return {
        "place": "Castle Square",
        "address": "By the castle gate",
        "postcode": "LN1 3AA",
        "constituency": "Lincoln",
        "starts_at": "2026-12-05T10:00",
        "ends_at": "2026-12-05T12:00",
        "zone": "Europe/London",
        "capacity": 10,
        **typed,
    }


def typed_event(**typed: Any) -> dict[str, Any]:
    """Return an event with one shift as the API takes it."""
    return {
        "group_id": 1,
        "kind": "action_day",
        "title": "Out in Lincoln",
        "description": "We talk with people on their doorsteps.",
        "contact_name": "Sam Sample",
        "contact_email": "sam@fosse.example",
        "shifts": [typed_shift()],
        **typed,
    }


def make_group(session: Session, *, now: datetime = NOW, **typed: Any) -> Group:
    """Found a group."""
    return operations.create_group(session, GroupSchema().load(typed_group(**typed)), now=now)


def make_draft(session: Session, *, now: datetime = NOW, **typed: Any) -> Event:
    """Draft an event of a group, which is founded if none is named."""
    group_id = typed.pop("group_id", None) or make_group(session, now=now).id
    details = EventSchema().load(typed_event(group_id=group_id, **typed))
    return operations.create_event(session, details, now=now)


def make_event(session: Session, *, now: datetime = NOW, **typed: Any) -> Event:
    """Publish an event, and forget what was told of it."""
    event = make_draft(session, now=now, **typed)
    operations.publish_event(session, event.id, now=now)
    forget_told(session)
    return event


def make_shift(session: Session, *, now: datetime = NOW, **typed: Any) -> Shift:
    """Publish an event with one shift, and forget what was told of it."""
    return make_event(session, now=now, shifts=[typed_shift(**typed)]).shifts[0]


def details_of_shift(**typed: Any) -> Any:
    """Return a shift as the operations take it."""
    return ShiftSchema().load(typed_shift(**typed))


def told(session: Session) -> list[Message]:
    """Return the messages in the outbox, as their readers will see them."""
    bodies = session.scalars(select(OUTBOX.c.body).order_by(OUTBOX.c.id))
    return [wire.unseal(body).message for body in bodies]


def forget_told(session: Session) -> None:
    """Empty the outbox."""
    session.execute(OUTBOX.delete())
