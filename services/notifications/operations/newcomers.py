"""Newcomers: an organiser's to get in touch with within 48 hours, and what they are told.

Whoever has any live sign-up with the group is still to be greeted, though the one by which they
were new has ended: people switch to another hour, or cancel and come back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from ..models import Event, Group, Newcomer, Shift, Signup, Welcome
from ..rules import enquiries as clocks
from ..rules import hours
from ..rules import newcomers as rules
from .belonging import find
from .notices import make_notice
from .organisers import list_owners
from .people import is_same_person
from .wordings import lock_group

First, Live = aliased(Signup), aliased(Signup)
LiveShift, LiveEvent = aliased(Shift), aliased(Event)
AT_A_TIME = 200
MOST_LISTED = 200


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
        .where((Newcomer.state == "done") | Signup.state.in_(rules.LIVE))
        .order_by(Newcomer.state.desc(), Newcomer.done_at.desc(), Newcomer.since, Newcomer.id)
        .limit(MOST_LISTED)
    ).all()
    return found


def count_open(session: Session, group_id: int, *, now: datetime) -> tuple[int, int]:
    """Return how many newcomers wait to hear from somebody, and how many of them for too long."""
    those = (
        _people(select(func.count()))
        .where(Newcomer.group_id == group_id, Newcomer.state == "open")
        .where(Signup.state.in_(rules.LIVE))
    )
    late = those.where(Newcomer.since <= now - clocks.CLOCK)
    return session.scalars(those).one(), session.scalars(late).one()


def list_late(session: Session, group_id: int, number: int) -> Sequence[Row[Any]]:
    """Return those of whom the owners hear on the day with this number, who still wait."""
    found: Sequence[Any] = session.execute(
        _with_signups(group_id)
        .where(Newcomer.late_number == number, Newcomer.state == "open")
        .where(Signup.state.in_(rules.LIVE))
        .order_by(Newcomer.since, Newcomer.id)
    ).all()
    return found


def tell_late(session: Session, now: datetime) -> None:
    """Have the owners told the next morning of newcomers who waited for 48 hours, each once."""
    due_at = hours.next_daily(now)
    number = hours.uk_day_number(due_at)
    late = session.scalars(
        _people(select(Newcomer))
        .where(
            Newcomer.state == "open",
            Newcomer.late_number.is_(None),
            Newcomer.since <= now - clocks.CLOCK,
            Signup.state.in_(rules.LIVE),
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
    """Return what a group tells newcomers, by what is usual where it has not said it itself.

    With `lock` nobody else changes it meanwhile, nor says it for the first time.
    """
    if lock:
        lock_group(session, group_id)
    found = session.get(Welcome, group_id, populate_existing=True)
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


def find_live(
    session: Session, signup: Signup, group_id: int, *, states: Collection[str], now: datetime
) -> Row[Signup, Shift, Event] | None:
    """Return the soonest `Signup` of the same person with a group in these states, if any.

    It comes with its `Shift` and `Event`; what is over or called off is none.
    """
    return session.execute(
        select(Signup, Shift, Event)
        .join(Shift, Shift.id == Signup.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(
            Event.group_id == group_id,
            is_same_person(Signup, signup),
            Signup.state.in_(states),
            ~Shift.cancelled,
            Event.status != "cancelled",
            Shift.ends_at > now,
        )
        .order_by(Signup.state != "placed", Shift.starts_at, Signup.id)
        .limit(1)
    ).one_or_none()


def _people(query: Any) -> Any:
    """Return a query of newcomers with a `Signup`: a live one, if the person has any."""
    live = (
        select(Live.id)
        .join(LiveShift, LiveShift.id == Live.shift_id)
        .join(LiveEvent, LiveEvent.id == Live.event_id)
        .where(
            LiveEvent.group_id == Newcomer.group_id,
            is_same_person(Live, First),
            Live.state.in_(rules.LIVE),
        )
        .order_by(Live.state != "placed", LiveShift.starts_at, Live.id)
        .limit(1)
        .correlate(Newcomer, First)
        .scalar_subquery()
    )
    return (
        query.select_from(Newcomer)
        .join(First, First.id == Newcomer.signup_id)
        .join(Signup, Signup.id == func.coalesce(live, Newcomer.signup_id))
    )


def _with_signups(group_id: int) -> Any:
    return (
        _people(select(Newcomer, Signup, Shift, Event))
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
