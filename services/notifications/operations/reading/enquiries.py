"""Letters about enquiries: to the contact, to whoever asked, and to owners when nobody answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ...mail.letters import Contact, Letter, NotSent
from ...mail.senders import contact_of
from ...models import Enquiry, EnquiryAnswer, Event, Group
from .organisers import read_to_organiser

GONE = "The enquiry was deleted before this was sent."
ANSWERED = "It was answered before this was sent."


def read_enquiry(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter that tells the contact what somebody asks; answers go to who asked."""
    enquiry = session.get(Enquiry, row.Notice.details["enquiry_id"], populate_existing=True)
    if enquiry is None:
        return NotSent("superseded", GONE)
    group: Group = row.Group
    event = session.get(Event, enquiry.event_id) if enquiry.event_id else None
    contact = contact_of(event, group)
    base = session.info["settings"].public_url.rstrip("/")
    return Letter(
        notice=row.Notice,
        written_at=now,
        recipient=contact.email,
        first_name=contact.name,
        group=group,
        said=_said(enquiry, event, group)
        | {"link": f"{base}/organise/notices/enquiries/{enquiry.id}", "words": enquiry.words},
        answers_to=Contact(enquiry.name, enquiry.email),
    )


def read_answer(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter with an answer, below it what was asked."""
    answer = session.get(EnquiryAnswer, row.Notice.details["answer_id"], populate_existing=True)
    if answer is None:
        return NotSent("superseded", GONE)
    enquiry = session.get_one(Enquiry, answer.enquiry_id)
    group: Group = row.Group
    event = session.get(Event, enquiry.event_id) if enquiry.event_id else None
    return Letter(
        notice=row.Notice,
        written_at=now,
        recipient=enquiry.email,
        first_name=enquiry.name,
        group=group,
        said=_said(enquiry, event, group)
        | {"words": answer.words, "answered_by": answer.answered_by},
        answers_to=contact_of(event, group),
    )


def read_late(session: Session, row: Any, now: datetime) -> Letter | NotSent:
    """Return the letter to an owner, unless somebody answered meanwhile."""
    enquiry = session.get(Enquiry, row.Notice.details["enquiry_id"], populate_existing=True)
    if enquiry is None or enquiry.state != "open":
        return NotSent("superseded", ANSWERED)
    return read_to_organiser(session, row, now)


def _said(enquiry: Enquiry, event: Event | None, group: Group) -> dict[str, Any]:
    return {
        "asker": enquiry.name,
        "email": enquiry.email,
        "asked": enquiry.words,
        "asked_at": enquiry.asked_at,
        "about": event.title if event else group.name,
    }
