"""What organisers list: who signed up for an event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Shift, Signup

COLUMNS = (
    *("id", "shift", "starts_at", "ends_at", "where", "state", "people"),
    *("name", "email", "phone", "postcode", "says_they_come", "signed_up_at", "came_from"),
)


def list_signups(session: Session, event_id: int) -> list[dict[str, Any]]:
    """Return an event's sign-ups, by shift and rank, as rows to show."""
    return [
        {
            "id": signup.id,
            "shift": shift.id,
            "starts_at": shift.starts_at.isoformat(),
            "place": shift.place,
            "state": signup.state,
            "party": signup.party,
            "name": signup.name,
            "email": signup.email,
            "phone": signup.phone,
        }
        for signup, shift in find_signups(session, event_id)
    ]


def list_for_download(
    session: Session, event_id: int
) -> tuple[Sequence[str], Iterator[Sequence[Any]]]:
    """Return the columns and the rows of an event's sign-ups, with what each was asked."""
    found = find_signups(session, event_id)
    asked = list(dict.fromkeys(each["question"] for row in found for each in row.Signup.answers))
    return (*COLUMNS, *asked), (_row(signup, shift, asked) for signup, shift in found)


def find_signups(session: Session, event_id: int) -> Sequence[Any]:
    """Return each `Signup` of an event with its `Shift`; those under review are nobody's yet."""
    found: Sequence[Any] = session.execute(
        select(Signup, Shift)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(Shift.event_id == event_id, Signup.review == "")
        .order_by(Shift.starts_at, Shift.id, Signup.id)
    ).all()
    return found


def _row(signup: Signup, shift: Shift, asked: Sequence[str]) -> Sequence[Any]:
    answers = {each["question"]: each["answer"] for each in signup.answers}
    return [
        *(signup.id, shift.id, shift.starts_at, shift.ends_at, shift.place or "Online"),
        *(signup.state, signup.party, signup.name, signup.email, signup.phone, signup.postcode),
        *(signup.attending == "coming", signup.created_at, signup.utm.get("source", signup.source)),
        *(answers.get(question, "") for question in asked),
    ]
