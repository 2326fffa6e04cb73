"""Enquiries as organisers see them: what is late first, then what is open, then the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, case, func, select
from sqlalchemy.orm import Session

from ...models import Enquiry, EnquiryAnswer, Event, Notice
from ...rules import enquiries as rules
from ..belonging import find

MOST_LISTED = 200
OPEN_FIRST = case((Enquiry.state == "open", 0), else_=1)


@dataclass(frozen=True, kw_only=True)
class Thread:
    """An enquiry with what was answered to it, each with what became of its mail."""

    enquiry: Enquiry
    event: Event | None
    answers: Sequence[EnquiryAnswer]
    states: dict[str, str]
    """The state of the mail with an answer, by the number of the answer."""


def list_enquiries(
    session: Session, group_id: int, *, suspects: bool = False
) -> Sequence[Row[Any]]:
    """Return a group's enquiries with the titles of their events; who waits longest comes first."""
    state = Enquiry.state == "suspect" if suspects else Enquiry.state != "suspect"
    found: Sequence[Any] = session.execute(
        select(Enquiry, Event.title)
        .outerjoin(Event, Event.id == Enquiry.event_id)
        .where(Enquiry.group_id == group_id, state)
        .order_by(
            OPEN_FIRST,
            case((Enquiry.state == "open", Enquiry.asked_at), else_=None),
            Enquiry.asked_at.desc(),
            Enquiry.id.desc(),
        )
        .limit(MOST_LISTED)
    ).all()
    return found


def count_open(session: Session, group_id: int, *, now: datetime) -> tuple[int, int]:
    """Return how many enquiries wait for an answer, and how many of them for too long."""
    those = select(func.count()).where(Enquiry.group_id == group_id, Enquiry.state == "open")
    late = those.where(Enquiry.asked_at <= now - rules.CLOCK)
    return session.scalars(those).one(), session.scalars(late).one()


def show_thread(session: Session, enquiry_id: int) -> Thread:
    """Return an enquiry with its answers. Raises NotThere."""
    enquiry: Enquiry = find(session, Enquiry, enquiry_id)
    given = select(EnquiryAnswer).where(EnquiryAnswer.enquiry_id == enquiry_id)
    answers = session.scalars(given.order_by(EnquiryAnswer.id)).all()
    keys = {f"enquiry_answer:enquiry/{enquiry_id}/answer/{one.id}:0": one.id for one in answers}
    states = session.execute(select(Notice.key, Notice.state).where(Notice.key.in_(keys)))
    return Thread(
        enquiry=enquiry,
        event=session.get(Event, enquiry.event_id) if enquiry.event_id else None,
        answers=answers,
        states={str(keys[row.key]): row.state for row in states},
    )
