"""Planning: who is due gets a notice with what is chosen for them, or there is nothing to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from shared.columns import UtcDateTime

from ...models import Notice, Subscriber
from ...rules import hours, weekly
from ...rules.choosing import Chosen, Programme
from .. import fatigue
from ..drafting import add_notices, new_notice
from ..news import KEPT
from ..subscribers.finding import taste_of
from . import runs
from .kept import as_details

AT_A_TIME = 200
"""Subscribers in one transaction; a run goes on after them wherever it was stopped."""

MOST_WAITING = 1000
"""So many mails of a run wait for a sender at once, since others, like confirmations, queue too."""

LEAVES_WITHIN = timedelta(hours=1)
"""How long after its planning the last mail of a run leaves."""

SUBSCRIBERS: Any = Subscriber.__table__
MOVE_ON = (
    update(SUBSCRIBERS)
    .where(SUBSCRIBERS.c.id == bindparam("this_id"))
    .values(
        next_due_at=bindparam("next_due_at", type_=UtcDateTime),
        considered_until=bindparam("considered_until", type_=UtcDateTime),
        looked_at=bindparam("looked_at", type_=UtcDateTime),
        outcome=bindparam("outcome"),
        paused_until=None,
    )
)


def plan_batch(
    session: Session, programme: Programme, *, now: datetime, limit: int = AT_A_TIME
) -> int:
    """Plan the mails of up to `limit` subscribers whose hour has come; return how many there were.

    Their next hour is set in the same transaction, so that nobody is planned twice. `programme` was
    read just before it, while nobody had to wait.
    """
    due = session.scalars(
        select(Subscriber)
        .where(Subscriber.next_due_at <= now)
        .order_by(Subscriber.next_due_at, Subscriber.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if due:
        _plan(session, programme, due, now=now)
    return len(due)


def is_anything_due(session: Session, *, now: datetime) -> bool:
    """Tell whether a batch would find somebody; asked often, so that no write lock is taken."""
    due = select(Subscriber.id).where(Subscriber.next_due_at <= now).limit(1)
    return session.execute(due).first() is not None


def has_room(session: Session) -> bool:
    """Tell whether so few planned mails wait for a sender that more may be planned."""
    waiting = (
        select(func.count())
        .select_from(Notice)
        .where(Notice.kind == "schedule", Notice.state.in_(("due", "sending")))
    )
    return session.scalars(waiting).one() < MOST_WAITING


def _plan(
    session: Session, programme: Programme, due: Sequence[Subscriber], *, now: datetime
) -> None:
    emails = [subscriber.email for subscriber in due]
    spared = fatigue.list_spared(session, emails, at=now + LEAVES_WITHIN)
    notices, moves = [], []
    for subscriber in due:
        chosen, outcome = _look(programme, subscriber, spared, now=now)
        if outcome != "silent":
            why = spared.get(subscriber.email.lower(), "")
            notices.append(_draft(subscriber, chosen, why, now=now))
        moves.append(_moved_on(subscriber, outcome, until=programme.until, now=now))
    add_notices(session, notices)
    session.connection().execute(MOVE_ON, moves)
    runs.note(session, Counter(move["outcome"] for move in moves), now=now)


def _look(
    programme: Programme, subscriber: Subscriber, spared: Mapping[str, str], *, now: datetime
) -> tuple[Chosen, str]:
    """Choose what to tell somebody, and say what comes of it."""
    since = subscriber.considered_until
    if since is not None and since <= now - KEPT:
        # News of that time are no longer kept.
        since = None
    chosen = programme.choose(taste_of(subscriber), since=since)
    if not chosen.says_something:
        return chosen, "silent"
    return chosen, "spared" if subscriber.email.lower() in spared else "planned"


def _draft(
    subscriber: Subscriber, chosen: Chosen, why_spared: str, *, now: datetime
) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "recipient": subscriber.email.lower(),
        "group_id": subscriber.group_id,
        "details": as_details(chosen),
    }
    if why_spared:
        columns |= {"state": "suppressed", "reason": why_spared, "due_at": None, "details": {}}
    subject = f"subscriber/{subscriber.id}"
    return new_notice("schedule", subject, hours.uk_day_number(now), now=now, **columns)


def _moved_on(
    subscriber: Subscriber, outcome: str, *, until: datetime, now: datetime
) -> dict[str, Any]:
    """Return what is noted of a subscriber; who was spared hears the same news next week."""
    heard = outcome == "planned" or (outcome == "silent" and subscriber.considered_until)
    return {
        "this_id": subscriber.id,
        "next_due_at": weekly.next_due(subscriber.weekday, subscriber.hour, after=now),
        "considered_until": until if heard else subscriber.considered_until,
        "looked_at": now,
        "outcome": outcome,
    }
