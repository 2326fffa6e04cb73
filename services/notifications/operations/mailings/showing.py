"""What became of mailings, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from ...models import Event, Mailing, Notice, Shift
from ...rules import states
from .leaving import subject_of

MOST_LISTED = 100
STAYS = timedelta(days=7)
"""How long after its end those of an event can be written to from the list."""

NOTICES: Any = Notice.__table__


@dataclass(frozen=True)
class Standing:
    """How far a mailing has come, by the states of its notices."""

    counts: dict[str, int]
    next_at: datetime | None = None
    """When the next of those that wait is to leave."""

    @property
    def total(self) -> int:
        """Return how many notices it has."""
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        """Return how many still wait."""
        return sum(self.counts.get(state, 0) for state in (*states.UNSENT, "sending"))

    @property
    def done(self) -> int:
        """Return of how many it is known what became of them."""
        return self.total - self.left

    @property
    def sent(self) -> int:
        """Return how many were sent."""
        return self.counts.get("sent", 0)


def show_standing(session: Session, mailing_id: int) -> Standing:
    """Return how far a mailing has come."""
    counted = session.execute(
        select(
            NOTICES.c.state,
            func.count().label("number"),
            func.min(NOTICES.c.due_at).label("next_at"),
        )
        .where(NOTICES.c.kind == "mailing", NOTICES.c.subject == subject_of(mailing_id))
        .group_by(NOTICES.c.state)
    ).all()
    waiting = [row.next_at for row in counted if row.state in states.UNSENT and row.next_at]
    return Standing({row.state: row.number for row in counted}, next_at=min(waiting, default=None))


def list_mailings(session: Session, group_id: int) -> Sequence[Row[Any]]:
    """Return a group's mailings with the titles of their events, the newest first."""
    found: Sequence[Any] = session.execute(
        select(Mailing, Event.title)
        .join(Event, Event.id == Mailing.event_id)
        .where(Mailing.group_id == group_id)
        .order_by(Mailing.id.desc())
        .limit(MOST_LISTED)
    ).all()
    return found


def list_events(session: Session, group_id: int, *, now: datetime) -> Sequence[Row[Any]]:
    """Return a group's events that are not over, with when each begins, the next first."""
    begins = func.min(Shift.starts_at).label("starts_at")
    found: Sequence[Any] = session.execute(
        select(Event.id, Event.title, begins, func.min(Shift.zone).label("zone"))
        .join(Shift, Shift.event_id == Event.id)
        .where(Event.group_id == group_id, Event.status == "published", ~Shift.cancelled)
        .group_by(Event.id, Event.title)
        .having(func.max(Shift.ends_at) > now - STAYS)
        .order_by(begins, Event.id)
        .limit(MOST_LISTED)
    ).all()
    return found
