"""Newcomers: welcomed by mail, and an organiser's to get in touch with within 48 hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Row, bindparam, func, literal, select
from sqlalchemy.orm import Session

from shared.columns import UtcDateTime
from shared.database import dialect_of, insert_for
from shared.messages import SignupMessage

from ..models import Event, Group, Newcomer, Shift, Signup, Welcome
from ..rules import enquiries as clocks
from ..rules import hours
from ..rules import newcomers as rules
from .belonging import find
from .drafting import about, new_notice
from .notices import make_notice
from .organisers import list_owners
from .people import ASKED, is_same_person

NEWCOMERS: Any = Newcomer.__table__
SIGNUPS: Any = Signup.__table__
LIVE = ("placed", "waiting", "offered")
AT_A_TIME = 200
MOST_LISTED = 200


def note_newcomer(
    session: Session, message: SignupMessage, group_id: int, *, now: datetime
) -> bool:
    """Note that somebody is new with a group; tell whether they are.

    Somebody of this name and address who is among the group's newcomers already is not again.
    """
    asked = {
        "group": group_id,
        "signup": message.signup.id,
        "now": now,
        "email": message.person.email,
        "first_name": message.person.first_name,
    }
    return session.connection().execute(_note(dialect_of(session)), asked).first() is not None


@cache
def _note(dialect: str) -> Any:
    """Return the statement that adds a newcomer and returns a row, unless they are known."""
    group, signup = bindparam("group", type_=BigInteger), bindparam("signup", type_=BigInteger)
    is_known = (
        select(NEWCOMERS.c.id)
        .join(SIGNUPS, SIGNUPS.c.id == NEWCOMERS.c.signup_id)
        .where(
            NEWCOMERS.c.group_id == group,
            NEWCOMERS.c.signup_id != signup,
            is_same_person(SIGNUPS.c, ASKED),
        )
        .exists()
    )
    columns: dict[str, Any] = {
        "group_id": group,
        "signup_id": signup,
        "state": literal("open"),
        "since": bindparam("now", type_=UtcDateTime),
        "done_by": literal(""),
        "done_how": literal(""),
    }
    added = insert_for(dialect, NEWCOMERS).from_select(
        list(columns), select(*columns.values()).where(~is_known)
    )
    # Changes nothing where this sign-up is here already, and returns its row, too.
    return added.on_conflict_do_update(
        index_elements=[NEWCOMERS.c.signup_id], set_={"group_id": NEWCOMERS.c.group_id}
    ).returning(NEWCOMERS.c.id)


def is_newcomer(session: Session, signup_id: int) -> bool:
    """Tell whether somebody's sign-up is the one by which they are new with a group."""
    known = select(Newcomer.id).where(Newcomer.signup_id == signup_id)
    return session.execute(known).first() is not None


def welcome_notice(message: SignupMessage, shift: Any, *, now: datetime) -> dict[str, Any]:
    """Return the notice that welcomes a newcomer who has a place, once, the next morning.

    `shift` has `starts_at`, `zone` and `group_id`.
    """
    return new_notice(
        "welcome",
        message.subject,
        0,
        now=now,
        **about(message.signup, shift),
        state="planned",
        due_at=rules.welcome_hour(shift.starts_at, now=now, zone=shift.zone),
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
