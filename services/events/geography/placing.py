"""Giving shifts and groups the coordinates and codes that were not known when they were typed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select, update
from sqlalchemy.orm import Session

from ..models import Event, Group, GroupArea, KnownPostcode, PlaceName, Shift
from .loaded import NEWEST
from .locating import Located, locate, locate_here, locate_roughly

AT_ONCE = 500
"""Postcodes looked up one by one in one go."""

ASKING = 1.0
"""Seconds of one go in which others may be asked: the database waits for it."""

IS_PUBLIC = Shift.event_id.in_(select(Event.id).where(Event.address_shown == "public"))
"""Of all others only those who signed up may learn where exactly they are."""


def place_shifts(session: Session, now: datetime) -> int:
    """Place shifts to come and groups, as far as postcodes and names are known by now.

    Returns how many rows got something new. A hundred thousand shifts whose postcodes are loaded
    are placed in one go; of others some hundred, taken at random, so that postcodes that nobody
    knows keep no others waiting.
    """
    steps: tuple[Callable[[Session, datetime], int], ...] = (
        place_exactly,
        place_roughly,
        place_kept,
        name_constituencies,
        place_groups,
        name_areas,
    )
    return sum(step(session, now) for step in steps)


def keep_placed(session: Session, now: datetime) -> None:
    """Place what has become known since the last time."""
    place_shifts(session, now)


def place_exactly(session: Session, now: datetime) -> int:
    """Place the shifts whose postcodes are loaded."""
    placed = session.scalars(
        update(Shift)
        .where(
            Shift.ends_at > now,
            Shift.located != "postcode",
            IS_PUBLIC,
            KnownPostcode.edition_id == NEWEST,
            KnownPostcode.postcode == func.replace(Shift.postcode, " ", ""),
        )
        .values(
            latitude=KnownPostcode.latitude,
            longitude=KnownPostcode.longitude,
            located="postcode",
            authority_code=KnownPostcode.authority_code,
            # The constituency that was typed counts: a shift may meet beyond its border.
            constituency_code=case(
                (Shift.constituency == "", KnownPostcode.constituency_code),
                else_=Shift.constituency_code,
            ),
        )
        .returning(Shift.id)
        .execution_options(synchronize_session=False)
    )
    return len(placed.all())


def place_roughly(session: Session, now: datetime) -> int:
    """Place some shifts by what lies around their postcodes, or by asking elsewhere."""
    unplaced = and_(Shift.ends_at > now, Shift.latitude.is_(None), Shift.postcode != "", IS_PUBLIC)
    until = time.monotonic() + ASKING
    placed = 0
    for postcode in some_postcodes(session, unplaced):
        find = locate if time.monotonic() < until else locate_here
        found = find(session, postcode)
        if found:
            placed += place_at(session, found, and_(unplaced, Shift.postcode == postcode))
    return placed


def place_kept(session: Session, now: datetime) -> int:
    """Place some shifts whose address is kept, no better than in the middle of their district."""
    unplaced = and_(
        Shift.ends_at > now, Shift.located.in_(("", "area")), Shift.postcode != "", ~IS_PUBLIC
    )
    placed = 0
    for postcode in some_postcodes(session, unplaced):
        found = locate_roughly(session, postcode)
        if found:
            better = and_(unplaced, Shift.postcode == postcode, Shift.located != found.exactness)
            placed += place_at(session, found, better)
    return placed


def some_postcodes(session: Session, which: ColumnElement[bool]) -> Sequence[str]:
    """Return some of the postcodes of these shifts, each once."""
    asked = select(Shift.postcode).where(which).group_by(Shift.postcode)
    return session.scalars(asked.order_by(func.random()).limit(AT_ONCE)).all()


def place_at(session: Session, found: Located, which: ColumnElement[bool]) -> int:
    """Write a place into the shifts that are meant; return how many."""
    facts: dict[str, object] = {
        "latitude": found.latitude,
        "longitude": found.longitude,
        "located": found.exactness,
        "authority_code": found.authority_code,
    }
    if found.constituency_code:
        facts["constituency_code"] = case(
            (Shift.constituency == "", found.constituency_code), else_=Shift.constituency_code
        )
    placed = session.scalars(
        update(Shift)
        .where(which)
        .values(facts)
        .returning(Shift.id)
        .execution_options(synchronize_session=False)
    )
    return len(placed.all())


def name_constituencies(session: Session, now: datetime) -> int:
    """Give shifts whose constituency was typed by its name the code of that name."""
    named = session.scalars(
        update(Shift)
        .where(
            Shift.ends_at > now,
            Shift.constituency_code == "",
            Shift.constituency != "",
            PlaceName.kind == "constituency",
            func.lower(PlaceName.name) == func.lower(Shift.constituency),
        )
        .values(constituency_code=PlaceName.code)
        .returning(Shift.id)
        .execution_options(synchronize_session=False)
    )
    return len(named.all())


def place_groups(session: Session, _now: datetime) -> int:
    """Place the middles of groups' areas, better than before where that has become possible."""
    placed = 0
    for group in session.scalars(select(Group).where(Group.area_postcode != "")):
        found = locate_here(session, group.area_postcode)
        middle = (found.latitude, found.longitude) if found else None
        if middle and middle != (group.latitude, group.longitude):
            group.latitude, group.longitude = middle
            placed += 1
    session.flush()
    return placed


def name_areas(session: Session, _now: datetime) -> int:
    """Give the constituencies and authorities of groups the codes of their names."""
    named = session.scalars(
        update(GroupArea)
        .where(
            GroupArea.code == "",
            PlaceName.kind == GroupArea.kind,
            func.lower(PlaceName.name) == func.lower(GroupArea.name),
        )
        .values(code=PlaceName.code)
        .returning(GroupArea.group_id)
        .execution_options(synchronize_session=False)
    )
    return len(named.all())
