"""Newcomers: welcomed by mail, and an organiser's to get in touch with within 48 hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from shared.database import insert
from shared.messages import SignupMessage

from ..models import Event, Group, Newcomer, Shift, Signup, Welcome
from ..rules import enquiries as clocks
from ..rules import hours
from ..rules import newcomers as rules
from . import copies
from .belonging import find
from .notices import make_notice
from .organisers import list_owners

NEWCOMERS: Any = Newcomer.__table__
LIVE = ("placed", "waiting", "offered")
AT_A_TIME = 200
MOST_LISTED = 200


def note_newcomer(session: Session, message: SignupMessage, *, now: datetime) -> bool:
    """Note that somebody is new with a group; tell whether they are.

    Somebody of this name and address who is among the group's newcomers already is not again.
    """
    signup_id = message.signup.id
    group = copies.group_of_shift(session, message.signup.shift_id)
    if _is_known(session, group.id, message):
        return False
    row = {
        "group_id": group.id,
        "signup_id": signup_id,
        "state": "open",
        "since": now,
        "done_by": "",
        "done_how": "",
    }
    session.execute(insert(session, NEWCOMERS).on_conflict_do_nothing(), row)
    return True


def welcome_if_new(session: Session, message: SignupMessage, *, now: datetime) -> None:
    """Have a newcomer who has a place welcomed, once, the next morning."""
    found = session.execute(
        select(Newcomer.group_id, Shift.starts_at, Shift.zone)
        .join(Signup, Signup.id == Newcomer.signup_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(Newcomer.signup_id == message.signup.id, Signup.state == "placed")
    ).one_or_none()
    if found is None:
        return
    make_notice(
        session,
        "welcome",
        message.subject,
        0,
        now=now,
        signup_id=message.signup.id,
        group_id=found.group_id,
        state="planned",
        due_at=rules.welcome_hour(found.starts_at, now=now, zone=found.zone),
    )


def mark_done(session: Session, newcomer_id: int, how: str, *, by: str, now: datetime) -> None:
    """Note that somebody got in touch, and how. Raises IsInTouchAlready and NotThere."""
    newcomer: Newcomer = find(session, Newcomer, newcomer_id, lock=True)
    if newcomer.state == "done":
        raise rules.IsInTouchAlready
    newcomer.state, newcomer.done_at = "done", now
    newcomer.done_by, newcomer.done_how = by, how


def reopen(session: Session, newcomer_id: int) -> None:
    """Take that back. Raises NotThere."""
    newcomer: Newcomer = find(session, Newcomer, newcomer_id, lock=True)
    newcomer.state, newcomer.done_at = "open", None
    newcomer.done_by = newcomer.done_how = ""


def list_newcomers(session: Session, group_id: int) -> Sequence[Row[Any]]:
    """Return who is new with a group: who waits longest first, then who was greeted last."""
    found: Sequence[Any] = session.execute(
        _with_signups(group_id)
        .where((Newcomer.state == "done") | Signup.state.in_(LIVE))
        .order_by(Newcomer.state.desc(), Newcomer.done_at.desc(), Newcomer.since, Newcomer.id)
        .limit(MOST_LISTED)
    ).all()
    return found


def count_open(session: Session, group_id: int, *, now: datetime) -> tuple[int, int]:
    """Return how many newcomers wait to hear from somebody, and how many of them for too long."""
    those = (
        select(func.count())
        .select_from(Newcomer)
        .join(Signup, Signup.id == Newcomer.signup_id)
        .where(Newcomer.group_id == group_id, Newcomer.state == "open", Signup.state.in_(LIVE))
    )
    late = those.where(Newcomer.since <= now - clocks.CLOCK)
    return session.scalars(those).one(), session.scalars(late).one()


def list_late(session: Session, group_id: int, number: int) -> Sequence[Row[Any]]:
    """Return those of whom the owners hear on the day with this number, who still wait."""
    found: Sequence[Any] = session.execute(
        _with_signups(group_id)
        .where(Newcomer.late_number == number, Newcomer.state == "open", Signup.state.in_(LIVE))
        .order_by(Newcomer.since, Newcomer.id)
    ).all()
    return found


def tell_late(session: Session, now: datetime) -> None:
    """Have the owners told the next morning of newcomers who waited for 48 hours, each once."""
    due_at = hours.next_daily(now)
    number = hours.uk_day_number(due_at)
    late = session.scalars(
        select(Newcomer)
        .join(Signup, Signup.id == Newcomer.signup_id)
        .where(
            Newcomer.state == "open",
            Newcomer.late_number.is_(None),
            Newcomer.since <= now - clocks.CLOCK,
            Signup.state.in_(LIVE),
        )
        .order_by(Newcomer.id)
        .limit(AT_A_TIME)
        .with_for_update(of=Newcomer)
    ).all()
    for newcomer in late:
        newcomer.late_number = number
    for group_id in sorted({newcomer.group_id for newcomer in late}):
        _tell_owners(session, session.get_one(Group, group_id), number, due_at, now=now)


def find_welcome(session: Session, group_id: int, *, lock: bool = False) -> Welcome:
    """Return what a group tells newcomers, by what is usual where it has not said it itself."""
    found = session.get(Welcome, group_id, with_for_update=lock)
    empty = {"the_day": "", "buddy_name": "", "buddy_how": "", "changed_by": ""}
    return found or Welcome(group_id=group_id, **empty)


def save_welcome(
    session: Session, welcome: Welcome, details: Mapping[str, str], *, by: str, now: datetime
) -> None:
    """Store what newcomers are told from now on."""
    for name, value in details.items():
        setattr(welcome, name, value)
    welcome.changed_by, welcome.changed_at = by, now
    session.add(welcome)
    session.flush()


def _is_known(session: Session, group_id: int, message: SignupMessage) -> bool:
    person = message.person
    known = (
        select(Newcomer.id)
        .join(Signup, Signup.id == Newcomer.signup_id)
        .where(
            Newcomer.group_id == group_id,
            Newcomer.signup_id != message.signup.id,
            func.lower(Signup.email) == person.email.lower(),
            func.lower(Signup.first_name) == person.first_name.lower(),
        )
    )
    return session.execute(known.limit(1)).first() is not None


def _with_signups(group_id: int) -> Any:
    return (
        select(Newcomer, Signup, Shift, Event)
        .join(Signup, Signup.id == Newcomer.signup_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(Newcomer.group_id == group_id)
    )


def _tell_owners(
    session: Session, group: Group, number: int, due_at: datetime, *, now: datetime
) -> None:
    base = session.info["settings"].public_url.rstrip("/")
    for place, owner in enumerate(list_owners(session, group)):
        make_notice(
            session,
            "newcomer_late",
            f"group/{group.id}/owner/{place}",
            number,
            now=now,
            state="planned",
            due_at=due_at,
            recipient=owner.email,
            group_id=group.id,
            details={
                "name": owner.name,
                "group": group.name,
                "link": f"{base}/organise/notices/groups/{group.id}/newcomers",
            },
        )
