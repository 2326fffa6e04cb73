"""How far the schedule mails of each day have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shared.database import insert

from ...models import Notice, ScheduleRun, Subscriber
from ...rules import hours

COUNTED_FOR = timedelta(days=3)
"""How long after a run it is counted which of its mails left."""

SHOWN = 14
IN_A_RUN = ("planned", "silent", "spared")


@dataclass(frozen=True)
class Standing:
    """Who subscribes, who waits, and the latest runs, newest first."""

    subscribers: int
    unconfirmed: int
    due: int
    """Whose hour has come, and nobody has looked yet."""
    runs: Sequence[ScheduleRun]


def note(session: Session, counts: dict[str, int], *, now: datetime) -> None:
    """Add a batch to the run of today."""
    table: Any = ScheduleRun.__table__
    row = {"day": hours.uk_day_number(now), "began_at": now, "worked_at": now, "sent": 0}
    added = insert(session, table).values(**row, **{name: counts[name] for name in IN_A_RUN})
    changes: dict[str, Any] = {name: table.c[name] + added.excluded[name] for name in IN_A_RUN}
    session.execute(
        added.on_conflict_do_update(
            index_elements=[table.c.day], set_={**changes, "worked_at": now}
        )
    )


def count_sent(session: Session, now: datetime) -> None:
    """Write down how many mails of the latest runs have left."""
    sent = (
        select(func.count())
        .select_from(Notice)
        .where(
            Notice.kind == "schedule", Notice.state == "sent", Notice.revision == ScheduleRun.day
        )
        .scalar_subquery()
    )
    recent = ScheduleRun.worked_at > now - COUNTED_FOR
    session.execute(
        update(ScheduleRun)
        .where(recent)
        .values(sent=sent)
        .execution_options(synchronize_session=False)
    )


def count_due(session: Session, *, now: datetime) -> int:
    """Return for how many the hour has come."""
    due = select(func.count()).select_from(Subscriber).where(Subscriber.next_due_at <= now)
    return session.scalars(due).one()


def show_standing(session: Session, *, now: datetime) -> Standing:
    """Return how things stand."""
    active = select(func.count()).select_from(Subscriber).where(Subscriber.next_due_at.is_not(None))
    asked = select(func.count()).select_from(Subscriber)
    asked = asked.where(Subscriber.confirmed_at.is_(None), Subscriber.ended_at.is_(None))
    newest = select(ScheduleRun).order_by(ScheduleRun.day.desc()).limit(SHOWN)
    return Standing(
        session.scalars(active).one(),
        session.scalars(asked).one(),
        count_due(session, now=now),
        session.scalars(newest).all(),
    )
