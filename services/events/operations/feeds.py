"""Reading what stands in feeds: the shifts of a search, a group, a campaign, a constituency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, lazyload, selectinload

from shared.columns import LARGEST_ID
from shared.refusals import NotThere

from .. import rules
from ..models import Campaign, CoHost, Event, Group, Shift
from . import finding, schedule
from .finding import Wanted

AHEAD = timedelta(days=366)
"""How far a feed looks ahead."""

MOST_SHIFTS = 1000
"""No feed has more, so that every program can read it; the next ones are what it has."""


def list_shifts_to_come(session: Session, wanted: Wanted, *, now: datetime) -> Sequence[Shift]:
    """Return the public's shifts that a search asks for, from today on, the next ones first.

    Those that are cancelled are among them until they are past. What ended today is left out at
    midnight UTC, so that between changes a feed stays the same for a day.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = (
        select(Shift)
        .join(Shift.event)
        .where(
            Event.published_at.is_not(None),
            Shift.ends_at > today,
            Shift.starts_at < today + AHEAD,
            # Says no more than the line before the last, but by a day, which has an index.
            Shift.day >= (today - rules.LONGEST_SHIFT - timedelta(days=1)).date(),
            *schedule.asked(finding.settle(session, wanted)),
        )
        .options(
            contains_eager(Shift.event).options(
                joinedload(Event.group),
                selectinload(Event.co_hosts).joinedload(CoHost.group),
                # The shifts that count are those found here.
                lazyload(Event.shifts),
            )
        )
        .order_by(Shift.starts_at, Shift.id)
        .limit(MOST_SHIFTS)
    )
    return session.scalars(query).unique().all()


def last_change(session: Session, *, now: datetime) -> datetime:
    """Return since when every feed has been the same at least: the last change, or midnight.

    An event that left a feed is in it no more, so the newest of those in it would not tell.
    """
    newest = [
        session.scalar(select(func.max(table.revision))) or 0 for table in (Event, Group, Campaign)
    ]
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    changed = datetime.fromtimestamp(max(newest) // 1000, now.tzinfo)
    return min(max(today, changed), now)


def find_public_shift(session: Session, shift_id: int) -> Shift:
    """Return a shift that the public may see, cancelled or not, past or not."""
    shift = session.get(Shift, shift_id) if shift_id <= LARGEST_ID else None
    if shift is None or shift.event.published_at is None:
        raise NotThere
    return shift


def count_public_pages(session: Session) -> int:
    """Return how many pages search engines may know."""
    return 1 + sum(session.scalar(select(func.count()).select_from(part)) or 0 for part in public())


def list_public_pages(session: Session, *, skipped: int, most: int) -> list[tuple[str, int]]:
    """Return paths of public pages, each with its revision (0: unknown), in a steady order."""
    found: list[tuple[str, int]] = [("/", 0)][skipped:]
    skipped = max(0, skipped - 1)
    for part, path in zip(public(), ("/groups/{}", "/campaigns/{}", "/events/{}"), strict=True):
        room = most - len(found)
        rows = session.execute(select(part).order_by(part.c.id).offset(skipped).limit(room)).all()
        found += [(path.format(row.id), row.revision) for row in rows]
        count = session.scalar(select(func.count()).select_from(part)) or 0
        skipped = max(0, skipped - count)
    return found


def public() -> tuple[Subquery, ...]:
    """Return the ids and revisions of the groups, campaigns and events that are public."""
    return (
        select(Group.id, Group.revision).subquery(),
        select(Campaign.id, Campaign.revision).where(Campaign.published_at.is_not(None)).subquery(),
        select(Event.id, Event.revision).where(Event.published_at.is_not(None)).subquery(),
    )
