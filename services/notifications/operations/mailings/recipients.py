"""Who gets a mailing, and who does not, and why: decided for a few hundred at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from ...models import Event, Mailing, Shift, Signup
from ...rules import mailings as rules
from ...rules.suppressing import BOUNCED_BEFORE, COMPLAINED, is_held_back
from ..fatigue import list_spared
from ..people import in_small_letters, is_same_person
from ..subscribers.inviting import find_asked_to_confirm, find_hearing
from ..suppressing import find_suppressed

AT_A_TIME = 500
MOST_NAMED = 200
"""How many of those who do not get it are named on the page; all are counted."""

EMAIL, FIRST_NAME = in_small_letters(Signup)
BOUNCED = f"{BOUNCED_BEFORE}; please call."


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Somebody who does not get a mailing, and why."""

    first_name: str
    reason: str


def count_recipients(session: Session, mailing: Mailing) -> int:
    """Return how many a mailing is for now: one for each address and name.

    Of an invitation it is one for each address, which is what asked for such mails.
    """
    return session.scalars(select(func.count()).select_from(_people(mailing).subquery())).one()


def list_in_batches(session: Session, mailing: Mailing) -> Iterator[Sequence[Row[Any]]]:
    """Give those whom a mailing is for: `signup_id`, `email` in small letters, `first_name`.

    Of somebody with several sign-ups it is the first one. They are read in one statement, which
    sees what was there at one instant: whoever cancels meanwhile is not found a second time.
    """
    people = session.execute(_people(mailing).order_by(func.min(Signup.id))).all()
    for start in range(0, len(people), AT_A_TIME):
        yield people[start : start + AT_A_TIME]


def list_missing(session: Session, mailing: Mailing, *, at: datetime) -> tuple[list[Missing], int]:
    """Return who would not get a mailing that leaves `at`, the first of them by name; and all."""
    missing: list[Missing] = []
    total = 0
    for batch in list_in_batches(session, mailing):
        reasons = spared_in(session, mailing, batch, at=at) | suppressed_in(session, mailing, batch)
        found = [
            Missing(first_name=row.first_name, reason=reasons[row.email])
            for row in batch
            if row.email in reasons
        ]
        total += len(found)
        missing += found[: MOST_NAMED - len(missing)]
    return missing, total


def spared_in(
    session: Session, mailing: Mailing, batch: Sequence[Row[Any]], *, at: datetime
) -> dict[str, str]:
    """Return who of a batch is not asked, by address; what is practical asks nothing."""
    if mailing.purpose == "practical":
        return {}
    emails = [row.email for row in batch]
    return _uninvited_in(session, mailing, emails, at=at) | list_spared(session, emails, at=at)


def _uninvited_in(
    session: Session, mailing: Mailing, emails: Sequence[str], *, at: datetime
) -> dict[str, str]:
    """Return who did not ask to hear of the group's other days, or has a rest, with the reason."""
    hearing = find_hearing(session, emails)
    reasons = {
        email: rules.why_uninvited(hearing.get(email), mailing.group_id, at=at) for email in emails
    }
    unconfirmed = find_asked_to_confirm(session, emails, mailing.group_id)
    reasons |= dict.fromkeys(unconfirmed, rules.UNCONFIRMED)
    return {email: reason for email, reason in reasons.items() if reason}


def suppressed_in(session: Session, mailing: Mailing, batch: Sequence[Row[Any]]) -> dict[str, str]:
    """Return to whom of a batch no such mail goes, by address; what is practical asks nothing."""
    found = find_suppressed(session, [row.email for row in batch])
    asks = mailing.purpose == "invitation"
    return {
        email: BOUNCED if rows[0].covers == "all" else COMPLAINED
        for email, rows in found.items()
        if is_held_back(rows[0].covers, asks=asks)
    }


def count_ended(session: Session, mailing: Mailing) -> int:
    """Return how many sign-ups there were that are none any more."""
    live = rules.STATES_OF["all"]
    ended = select(func.count()).select_from(Signup).join(Shift, Shift.id == Signup.shift_id)
    return session.scalars(ended.where(*_of(mailing), Signup.state.not_in(live))).one()


def is_still_meant(session: Session, mailing: Mailing, signup: Signup) -> bool:
    """Tell whether somebody is still one of those a mailing is for, by this or another sign-up."""
    return bool(list_signups(session, mailing, signup))


def list_signups(session: Session, mailing: Mailing, signup: Signup) -> Sequence[Row[Any]]:
    """Return the sign-ups of the same person by which a mailing is for them, by their time."""
    found: Sequence[Any] = session.execute(
        select(Signup, Shift, Event)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(
            *_meant(mailing),
            is_same_person(Signup, signup),
        )
        .order_by(Shift.starts_at, Shift.id)
    ).all()
    return found


def _people(mailing: Mailing) -> Select[Any]:
    return (
        select(
            func.min(Signup.id).label("signup_id"),
            EMAIL.label("email"),
            func.min(Signup.first_name).label("first_name"),
        )
        .join(Shift, Shift.id == Signup.shift_id)
        .where(*_meant(mailing))
        .group_by(EMAIL, *([] if mailing.purpose == "invitation" else [FIRST_NAME]))
    )


def _meant(mailing: Mailing) -> tuple[Any, ...]:
    states = rules.STATES_OF[mailing.audience]
    return (*_of(mailing), ~Shift.cancelled, Signup.state.in_(states))


def _of(mailing: Mailing) -> tuple[Any, ...]:
    if mailing.shift_id is not None:
        return (Signup.shift_id == mailing.shift_id,)
    return (Signup.event_id == mailing.event_id,)
