"""What is nearest when a search finds nothing: what would be found if one wish were given up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from math import sqrt
from typing import Any

from sqlalchemy import Row, Select, null, select
from sqlalchemy.orm import Session

from . import finding
from .finding import EVENT, SHIFT, Wanted
from .schedule import EVENTS, GROUP, GROUPS, SHIFTS, SHOWN

NOTHING = Wanted()
WISHES: dict[str, tuple[str, ...]] = {
    "postcode": ("near",),
    "days": ("first", "last"),
    "constituency": ("constituency",),
    "kind": ("kind",),
    "group_id": ("group_id",),
    "places": ("places",),
    "online": ("online",),
}
"""What can be given up one at a time, with the fields that say it."""

RINGS = (5, 10, 25, 50, 100, 200, 400, 2000)
"""Miles of the circles in which the nearest is looked for; everything lies in the last one."""


@dataclass(frozen=True, kw_only=True)
class Instead:
    """A shift to come, and which wishes were given up to find it."""

    shift: Row[Any]
    given_up: tuple[str, ...]
    miles: float | None


def find_instead(session: Session, wanted: Wanted, *, now: datetime) -> list[Instead]:
    """Return the nearest by distance, the nearest by date, and the next for each other wish.

    Each gives up one wish; where that is not enough, all are given up but one of place and time,
    then those too. An event comes once.
    """
    wanted = finding.settle(session, wanted)
    used = [name for name, said in WISHES.items() if any(getattr(wanted, f) for f in said)]
    attempts: list[list[tuple[str, ...]]] = [
        [(name,) for name in used],
        [tuple(n for n in used if n != kept) for kept in ("postcode", "days") if kept in used],
        [tuple(used)],
    ]
    for attempt in attempts:
        found = [search(session, wanted, given_up, now) for given_up in attempt if given_up]
        if any(found):
            return once(found)
    return []


def once(found: Iterable[Instead | None]) -> list[Instead]:
    """Return what was found, each event where it comes first."""
    by_event: dict[int, Instead] = {}
    for each in found:
        if each is not None:
            by_event.setdefault(each.shift.event_id, each)
    return list(by_event.values())


def search(
    session: Session, wanted: Wanted, given_up: tuple[str, ...], now: datetime
) -> Instead | None:
    """Return the best shift when these wishes are given up, if there is one.

    The nearest if distance was given up; otherwise that of the day nearest to those asked for.
    """
    less = replace(wanted, **{f: getattr(NOTHING, f) for name in given_up for f in WISHES[name]})
    if "postcode" in given_up:
        row = nearest(session, less, wanted, now=now)
    elif "days" in given_up:
        row = nearest_day(session, less, wanted, now=now)
    else:
        row = best(session, less, "day", now=now)
    if row is None:
        return None
    miles = None if row.square_miles is None else sqrt(row.square_miles)
    return Instead(shift=row, given_up=given_up, miles=miles)


def nearest(session: Session, less: Wanted, wanted: Wanted, *, now: datetime) -> Row[Any] | None:
    """Return the shift nearest to the place asked for; one without a place comes last.

    In wider and wider circles: most often the first ones hold few shifts, and one of them is it.
    """
    for miles in RINGS:
        if miles > wanted.miles:
            ring = replace(less, near=wanted.near, miles=miles)
            if (row := best(session, ring, "distance", now=now)) is not None:
                return row
    return best(session, less, "day", now=now)


def nearest_day(
    session: Session, less: Wanted, wanted: Wanted, *, now: datetime
) -> Row[Any] | None:
    """Return the shift of the day nearest to those asked for."""
    rows = (
        wanted.last and best(session, replace(less, first=wanted.last), "day", now=now),
        wanted.first and best(session, replace(less, last=wanted.first), "day back", now=now),
    )
    found = [row for row in rows if row]
    return min(found, key=lambda row: days_off(row.day, wanted), default=None)


def days_off(day: date, wanted: Wanted) -> int:
    """Return by how many days this lies beside the days asked for."""
    late = (day - wanted.last).days if wanted.last else 0
    early = (wanted.first - day).days if wanted.first else 0
    return max(late, early, 0)


def best(session: Session, wanted: Wanted, order: str, *, now: datetime) -> Row[Any] | None:
    """Return the first of what is wanted, in an order."""
    asked = finding.asked_of(wanted) | finding.asked_ahead(now)
    return session.execute(statement_for_best(frozenset(asked), order), asked).first()


@lru_cache(maxsize=256)
def statement_for_best(names: frozenset[str], order: str) -> Select[Any]:
    """Return the statement that finds the first shift in an order, for filters of these names."""
    asked = finding.parameters(names)
    distance = finding.square_miles(asked) if "miles" in asked else null()
    by_day = (SHIFT.day.desc() if order == "day back" else SHIFT.day, SHIFT.starts_at, SHIFT.id)
    first = (
        select(SHIFT.id)
        .join_from(SHIFTS, EVENTS)
        .where(*finding.is_on(), *finding.conditions(names, asked))
        .order_by(*((distance, *by_day) if order == "distance" else by_day))
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )
    return (
        select(*SHOWN, distance.label("square_miles"))
        .join_from(SHIFTS, EVENTS)
        .join(GROUPS, GROUP.id == EVENT.group_id)
        .where(SHIFT.id == first)
    )
