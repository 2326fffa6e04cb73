"""Setting the stage for what organisers write: people who signed up, and drafts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.notifications.models import Mailing
from services.notifications.operations import mailings
from services.notifications.schemas.mailings import MailingForm
from shared import messages
from shared.access import Who
from shared.database import Database

from .making import NOW, make_person, placed, receive, waitlisted

TYPED = {"subject": "What to bring", "words": "A pen.\n\nAnd a coat.", "purpose": "practical"}


def come(db: Database, *people: str, shift_id: int = 5, first_id: int = 100, **facts: Any) -> None:
    """Let people have a place, each with an address of their own, as "Ada" has ada@posts.example.

    Somebody named "Ada/other" is another Ada at other@posts.example.
    """
    for number, name in enumerate(people, first_id):
        receive(db, coming(name, number, shift_id=shift_id, **facts))


def coming(name: str, signup_id: int, *, state: str = "placed", **facts: Any) -> Any:
    """Return the message by which somebody has a place, or waits."""
    first_name, _, mailbox = name.partition("/")
    person = make_person(
        first_name=first_name, email=f"{(mailbox or first_name).lower()}@posts.example"
    )
    told = waitlisted if state == "waiting" else placed
    return replace(told(id=signup_id, **facts), person=person)


def leave(db: Database, name: str, signup_id: int, **facts: Any) -> None:
    """Let somebody cancel."""
    told = coming(name, signup_id)
    signup = replace(told.signup, state="cancelled", revision=9, **facts)
    receive(db, messages.SignupCancelled(signup=signup, person=told.person))


def draft(db: Database, *, now: datetime = NOW, event_id: int = 3, **typed: Any) -> int:
    """Write a draft to those of the event; return its number."""
    details = MailingForm().load(TYPED | typed)
    with db.writing() as session:
        return mailings.create_mailing(session, event_id, details, by="Robin", now=now).id


def send(db: Database, mailing_id: int, *, at: datetime | None = None, now: datetime = NOW) -> None:
    """Have a draft sent, now or later."""
    with db.writing() as session:
        mailings.send_mailing(session, mailing_id, at, by="Robin", now=now)


def let_leave(db: Database, now: datetime) -> None:
    """Do what the chores do: decide who gets what is due, and note what is through."""
    with db.writing() as session:
        mailings.leave_due(session, now)
    with db.writing() as session:
        mailings.note_through(session, now)


def mailing_in(db: Database, mailing_id: int) -> Mailing:
    """Return a mailing."""
    with db.reading() as session:
        mailing = mailings.find_mailing(session, mailing_id)
        session.expunge(mailing)
        return mailing


def robin(**roles: Any) -> Who:
    """Return somebody who organises."""
    return Who(name="Robin Example", organiser_id=7, roles=roles)
