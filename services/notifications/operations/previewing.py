"""A mail as it would look, about a real sign-up of the group where there is one; nothing is sent.

Whoever signed up stays unnamed: the person in a preview is made up.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..config import Settings
from ..mail.composing import compose
from ..mail.letters import About, Letter, Style, place_of
from ..models import Event, Group, Notice, Shift, Signup
from ..rules import truth
from ..rules.hours import UK
from ..rules.kinds import KINDS

Row = TypeVar("Row", Event, Shift)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """How a mail looks. `about` is the real event that it speaks of; None when that is made up."""

    subject: str
    text: str
    html: str
    about: Event | None
    day: datetime | None


def preview_mail(
    session: Session, group: Group, kind: str, style: Style, *, now: datetime
) -> Preview:
    """Return how a kind of mail of a group would look in this style."""
    settings: Settings = session.info["settings"]
    real = _newest_shift(session, group.id)
    event, shift = real or make_up(group, now=now)
    letter = _letter(group, kind, event, shift, now=now)
    mail = compose(replace(letter, style=style), settings)
    message: Any = message_from_bytes(mail.body, policy=default)
    return Preview(
        subject=mail.subject,
        text=message.get_body(("plain",)).get_content(),
        html=message.get_body(("html",)).get_content(),
        about=real[0] if real else None,
        day=real[1].starts_at if real else None,
    )


def _newest_shift(session: Session, group_id: int) -> tuple[Event, Shift] | None:
    """Return what the group's newest notice about a sign-up speaks of, as copies."""
    newest = (
        select(Event, Shift)
        .select_from(Notice)
        .join(Signup, Signup.id == Notice.signup_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Notice.group_id == group_id)
        .order_by(Notice.id.desc())
        .limit(1)
    )
    found = session.execute(newest).one_or_none()
    return (_copied(found.Event), _copied(found.Shift)) if found else None


def _copied(row: Row) -> Row:
    """Return a row that no session knows, so that a preview cannot change what is stored."""
    return type(row)(**{c.name: getattr(row, c.name) for c in row.__table__.columns})


def make_up(group: Group, *, now: datetime) -> tuple[Event, Shift]:
    """Return an event and a shift of which nobody knows, in two weeks."""
    starts = (now + timedelta(days=14)).replace(hour=10, minute=0, second=0, microsecond=0)
    event = Event(
        **{"id": 0, "revision": 0, "group_id": group.id, "status": "published"},
        **{"kind": "action_day", "title": "Action day in the town", "mode": "in_person"},
        **{"contact_name": group.contact_name, "contact_email": group.contact_email},
        **{"bring": "Warm clothes", "accessibility": "", "online_url": ""},
        address_shown="public",
    )
    shift = Shift(
        **{"id": 0, "revision": 0, "event_id": 0, "zone": UK, "cancelled": False},
        **{"place": "Market Square", "address": "By the clock tower", "postcode": "AB1 2CD"},
        **{"starts_at": starts, "ends_at": starts + timedelta(hours=2), "work": "", "needs": ""},
    )
    return event, shift


def _letter(group: Group, kind: str, event: Event, shift: Shift, *, now: datetime) -> Letter:
    """Return the letter of a made-up person; an event that `closed` tells of is called off."""
    if kind == "closed":
        event.status = "cancelled"
    state = KINDS[kind].true_in[0]
    signup = Signup(
        **{"id": 0, "revision": 0, "event_id": event.id, "shift_id": shift.id, "state": state},
        **{"party": 2, "first_name": "Robin", "email": "robin@post.example", "had_place": True},
        **{"link": "https://post.example/my", "calendar_sequence": 0},
        calendar_uid=uuid.uuid4(),
    )
    notice = Notice(
        **{"id": 0, "kind": kind, "message_id": uuid.uuid4(), "calendar_sequence": 0},
        details=_details(now),
    )
    before = place_of(event, shift)
    letter = Letter(
        notice=notice,
        written_at=now,
        recipient=signup.email,
        first_name=signup.first_name,
        group=group,
        about=About(
            event=event,
            shift=shift,
            signup=signup,
            method=truth.calendar_method(kind, state, had_place=True),
            before=replace(
                before,
                starts_at=before.starts_at - timedelta(hours=1),
                ends_at=before.ends_at - timedelta(hours=1),
            ),
            changes=["time"],
        ),
    )
    # A reminder speaks of all places of a day: here of one.
    return replace(letter, together=(letter.about,) if letter.about else ())


def _details(now: datetime) -> dict[str, Any]:
    until = (now + timedelta(hours=6)).isoformat()
    return {
        **{"ahead": 2, "until": until, "why": "offer", "party_before": 3},
        **{"state_before": "placed", "reason": "Snow is forecast."},
    }
