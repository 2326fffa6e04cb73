"""Events, shifts and sign-ups for the tests, valid unless told otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.signups import links, operations
from services.signups.config import Settings
from services.signups.models import Event, Group, LedgerEntry, Shift, Signup
from services.signups.operations import places
from shared import wire
from shared.messages import EventFacts, GroupFacts, Message, ShiftFacts
from shared.tables import OUTBOX
from tests.entering import SESSION_PUBLIC_KEY

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
STARTS = datetime(2026, 12, 5, 10, 0, tzinfo=UTC)
ENDS = datetime(2026, 12, 5, 12, 0, tzinfo=UTC)
FREELY = {"signups_per_email_hour": 10**6, "signups_per_email_day": 10**6}

M = TypeVar("M", bound=Message)


def make_settings(url: str, **typed: Any) -> Settings:
    """Return settings under which a form may be filled in as fast as a test can."""
    return Settings(
        database_url=url,
        secret_key="s" * 40,
        address_key="a" * 40,
        session_public_key=SESSION_PUBLIC_KEY,
        public_url="http://muster.example",
        **{"form_seconds": 0, "signups_per_ip_hour": 10**6, **typed},
    )


def group_facts(**facts: Any) -> GroupFacts:
    """Return a group as a message tells it."""
    return GroupFacts(
        **{
            "id": 1,
            "revision": 1,
            "name": "Fosse Neighbours",
            "contact_name": "Robin Example",
            "contact_email": "robin@fosse.example",
            "privacy_url": "https://fosse.example/privacy",
            "imprint": "Fosse Neighbours, 1 Example Street",
            "signup_notices": "at_once",
            **facts,
        }
    )


def shift_facts(**facts: Any) -> ShiftFacts:
    """Return a shift as a message tells it; it closes when it starts."""
    starts_at = facts.get("starts_at", STARTS)
    return ShiftFacts(
        **{
            "id": 1,
            "revision": 1,
            "place": "Castle Square",
            "address": "By the castle gate",
            "postcode": "LN1 3AA",
            "constituency": "Lincoln",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=2),
            "zone": "Europe/London",
            "capacity": 2,
            "closes_at": starts_at,
            "cancelled": False,
            **facts,
        }
    )


def event_facts(*shifts: ShiftFacts, **facts: Any) -> EventFacts:
    """Return an event as a message tells it, with one shift unless others are given."""
    return EventFacts(
        **{
            "id": 1,
            "revision": 1,
            "status": "published",
            "kind": "action_day",
            "title": "Out in Lincoln",
            "description": "We talk with people on their doorsteps.",
            "contact_name": "Sam Sample",
            "contact_email": "sam@fosse.example",
            "group": group_facts(),
            "shifts": shifts or (shift_facts(),),
            **facts,
        }
    )


def make_event(session: Session, *shifts: ShiftFacts, now: datetime = NOW, **facts: Any) -> None:
    """Let the service hear of an event."""
    operations.keep_event(session, event_facts(*shifts, **facts), reason="", now=now)


def make_shift(session: Session, *, now: datetime = NOW, event_id: int = 1, **facts: Any) -> int:
    """Let the service hear of one more shift of an event, in two weeks; return its number."""
    newest = session.scalar(select(func.max(Shift.id))) or 0
    known = {"id": newest + 1, "starts_at": now + (STARTS - NOW), **facts}
    make_event(session, shift_facts(**known), id=event_id, now=now)
    return int(known["id"])


def facts_now(session: Session, shift_id: int, **changes: Any) -> EventFacts:
    """Return a newer snapshot of a shift's event in which the shift is changed."""
    shift = session.get_one(Shift, shift_id, populate_existing=True)
    event = session.get_one(Event, shift.event_id, populate_existing=True)
    group = session.get_one(Group, event.group_id)
    stored = shift.__table__.c.keys()
    kept = {
        name: getattr(shift, name) for name in ShiftFacts.__dataclass_fields__ if name in stored
    }
    changed = shift_facts(**{**kept, "revision": shift.revision + 1, **changes})
    return event_facts(
        changed,
        id=event.id,
        revision=event.revision + 1,
        title=event.title,
        kind=event.kind,
        mode=event.mode,
        online_url=event.online_url,
        address_shown=event.address_shown,
        group=group_facts(id=group.id, revision=group.revision, name=group.name),
    )


def change_shift(
    session: Session, shift_id: int, *, now: datetime = LATER, reason: str = "", **changes: Any
) -> EventFacts:
    """Let the service hear that a shift changed; return the snapshot that said so."""
    facts = facts_now(session, shift_id, **changes)
    operations.keep_event(session, facts, reason=reason, now=now)
    return facts


def cancel_event(session: Session, shift_id: int, *, reason: str, now: datetime = LATER) -> None:
    """Let the service hear that a shift's event is cancelled; its shifts keep their revisions."""
    facts = facts_now(session, shift_id)
    same = tuple(replace(shift, revision=shift.revision - 1) for shift in facts.shifts)
    facts = replace(facts, status="cancelled", shifts=same)
    operations.keep_event(session, facts, reason=reason, now=now)


def details(name: str = "Ada Example", **typed: Any) -> operations.Details:
    """Return what somebody types into the form; the address follows from the name."""
    email = f"{name.casefold().replace(' ', '.')}@mail.example"
    return operations.Details(**{"name": name, "email": email, "form": "page", **typed})


def sign_up(
    session: Session, shift_id: int, name: str = "Ada Example", *, now: datetime = NOW, **typed: Any
) -> operations.Receipt:
    """Sign somebody up by the operation."""
    shift = operations.find_shift(session, shift_id)
    return operations.sign_up(session, shift, details(name, **typed), now=now)


def cancel(session: Session, shift_id: int, name: str, *, now: datetime = LATER) -> None:
    """Cancel somebody's newest sign-up for a shift by their link."""
    operations.cancel_signup(
        session, token_of(session, signup_of(session, shift_id, name)), now=now
    )


def signup_of(session: Session, shift_id: int, name: str) -> Signup:
    """Return somebody's newest sign-up for a shift."""
    return session.scalars(
        select(Signup)
        .where(Signup.shift_id == shift_id, Signup.name == name)
        .order_by(Signup.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one()


def token_of(session: Session, signup: Signup) -> str:
    """Return the last piece of the link to a sign-up."""
    return links.link_to(session, signup.id, signup.link_number).rsplit("/", 1)[1]


def ranks(session: Session, shift_id: int) -> list[str]:
    """Return who has which state, by rank: ["Ada placed", "Ben waiting"]."""
    found = session.execute(
        select(Signup.name, Signup.state).where(Signup.shift_id == shift_id).order_by(Signup.id)
    )
    return [f"{name.split()[0]} {state}" for name, state in found]


def totals(session: Session, shift_id: int) -> tuple[int, int]:
    """Return a shift's places taken and its sign-ups waiting."""
    columns = select(Shift.taken, Shift.waiting).where(Shift.id == shift_id)
    taken, waiting = session.execute(columns).one()
    return taken, waiting


def ledger(session: Session, shift_id: int) -> list[int]:
    """Return a shift's changes of places, oldest first."""
    columns = select(LedgerEntry.change).where(LedgerEntry.shift_id == shift_id)
    return list(session.scalars(columns.order_by(LedgerEntry.id)))


def violations(session: Session, *, now: datetime = LATER) -> list[str]:
    """Return what `muster check` would say."""
    session.expire_all()
    return list(operations.find_violations(session, now=now))


def fill(session: Session, shift_id: int, *, now: datetime = LATER) -> int:
    """Run `fill` by itself."""
    return places.fill(session, shift_id, now=now)


def told(session: Session, kind: type[M]) -> list[M]:
    """Return the messages of one kind in the outbox, as their readers will see them."""
    return [message for message in all_told(session) if isinstance(message, kind)]


def all_told(session: Session) -> list[Message]:
    """Return the messages in the outbox, as their readers will see them."""
    bodies = session.scalars(select(OUTBOX.c.body).order_by(OUTBOX.c.id))
    return [wire.unseal(body).message for body in bodies]


def news(session: Session) -> list[str]:
    """Return what was told in short, totals left out: ["SignupPlaced ada.example@mail.example"]."""
    shown = []
    for message in all_told(session):
        person = getattr(message, "person", None)
        if person is not None:
            shown.append(f"{type(message).__name__} {person.email.split('@')[0].split('.')[0]}")
    return shown


def forget_told(session: Session) -> None:
    """Empty the outbox."""
    session.execute(OUTBOX.delete())
