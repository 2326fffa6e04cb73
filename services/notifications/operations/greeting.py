"""Noting who is new with a group, and planning their welcome: once, when they have a place."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, bindparam, case, literal, select, update
from sqlalchemy.orm import Session

from shared.columns import UtcDateTime
from shared.database import dialect_of, insert_for
from shared.messages import SignupMessage

from ..models import Event, Signup
from ..rules import newcomers as rules
from .copies import KeptSignup
from .drafting import about, new_notice
from .people import ASKED, IS_UNSAID, NEWCOMERS, NOTICES, WELCOME, is_same_person

SIGNUPS: Any = Signup.__table__
EVENTS: Any = Event.__table__


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


def welcome_notice(
    message: SignupMessage, shift: Any, first_id: int, *, now: datetime
) -> dict[str, Any]:
    """Return the notice that welcomes a newcomer, the next morning, if they have a place then.

    `shift` has `starts_at`, `zone` and `group_id`; by the sign-up `first_id` they are new, so that
    there is one welcome for each newcomer.
    """
    due_at = rules.welcome_hour(shift.starts_at, now=now, zone=shift.zone)
    too_soon = {"state": "superseded", "reason": rules.TOO_SOON}
    return new_notice(
        WELCOME,
        f"signup/{first_id}",
        0,
        now=now,
        **about(message.signup, shift),
        **({"state": "planned"} if due_at else too_soon),
        due_at=due_at,
    )


def let_come_back(
    session: Session, message: SignupMessage, kept: KeptSignup, *, now: datetime
) -> None:
    """Let the 48 hours of a known newcomer begin anew, if they had no sign-up any more until now.

    After some weeks they would be late, and told to the owners, in the minute of coming back.
    """
    if kept.shift.newcomer is None or not kept.is_news:
        return
    others = (
        select(SIGNUPS.c.id)
        .join(EVENTS, EVENTS.c.id == SIGNUPS.c.event_id)
        .where(
            EVENTS.c.group_id == kept.shift.group_id,
            is_same_person(SIGNUPS.c, message.person),
            SIGNUPS.c.state.in_(rules.LIVE),
            SIGNUPS.c.id != message.signup.id,
        )
    )
    is_waited_for = (NEWCOMERS.c.signup_id == kept.shift.newcomer) & (NEWCOMERS.c.state == "open")
    session.execute(
        update(NEWCOMERS).where(is_waited_for, ~others.exists()).values(since=now, late_number=None)
    )


def welcome_with_place(
    session: Session, message: SignupMessage, kept: KeptSignup, *, now: datetime
) -> None:
    """Plan the welcome of a known newcomer who has a place, unless it was said or has begun."""
    first_id = kept.shift.newcomer
    if first_id is None or not kept.has_place:
        return
    row = welcome_notice(message, kept.shift, first_id, now=now)
    if row["due_at"] is None:
        return
    session.connection().execute(_plan_welcome(dialect_of(session)), row)


@cache
def _plan_welcome(dialect: str) -> Any:
    """Return the statement that plans a welcome, about the newest place, not later than before.

    A sender who has claimed it loses the claim: they may have read that there is no place.
    """
    added = insert_for(dialect, NOTICES)
    new, old = added.excluded, NOTICES.c
    changes = {name: new[name] for name in ("state", "reason", "signup_id", "event_id")}
    changes["due_at"] = case((old.due_at < new.due_at, old.due_at), else_=new.due_at)
    changes["lease_until"] = None
    return added.on_conflict_do_update(index_elements=[old.key], set_=changes, where=IS_UNSAID)
