"""Reading a month of what is on: for each day the first few events, and how many there are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from . import finding
from .finding import EVENT, SHIFT, Wanted
from .schedule import EVENTS, SHIFTS

MOST = 4
"""Events that a day of a month's page names; a list of the day has the rest."""


@dataclass(kw_only=True)
class Day:
    """A day's first events by their start, each once, and how many there are."""

    events: list[Row[Any]] = field(default_factory=list)
    count: int = 0

    @property
    def rest(self) -> int:
        """Return how many are not named."""
        return self.count - len(self.events)


def show_month(
    session: Session, wanted: Wanted, month: tuple[date, date], *, now: datetime
) -> dict[date, Day]:
    """Return what is still to come between two days, both included, by day."""
    first, last = month
    wanted = finding.settle(session, replace(wanted, first=first, last=last))
    asked = finding.asked_of(wanted) | finding.asked_ahead(now)
    days: dict[date, Day] = defaultdict(Day)
    for row in session.execute(statement_for_days(frozenset(asked)), asked):
        days[row.day].events.append(row)
        days[row.day].count = row.count_of_day
    return dict(days)


@lru_cache(maxsize=256)
def statement_for_days(names: frozenset[str]) -> Select[Any]:
    """Return the statement that finds the first events of each day, for filters of these names."""
    asked = finding.parameters(names)
    starts = func.min(SHIFT.starts_at)
    numbered = (
        select(
            SHIFT.day,
            SHIFT.event_id,
            starts.label("starts_at"),
            func.min(SHIFT.zone).label("zone"),
            func.count().over(partition_by=SHIFT.day).label("count_of_day"),
            func.row_number()
            .over(partition_by=SHIFT.day, order_by=(starts, SHIFT.event_id))
            .label("number"),
        )
        .join_from(SHIFTS, EVENTS)
        .where(*finding.is_on(), *finding.conditions(names, asked))
        .group_by(SHIFT.day, SHIFT.event_id)
        .subquery()
    )
    return (
        select(numbered, EVENT.title, EVENT.kind)
        .join_from(numbered, EVENTS, EVENT.id == numbered.c.event_id)
        .where(numbered.c.number <= MOST)
        .order_by(numbered.c.day, numbered.c.number)
    )
