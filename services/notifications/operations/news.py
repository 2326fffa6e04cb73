"""News: what became new or different of a shift, noted when it is heard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared.database import dialect_of, insert_for
from shared.messages import EventFacts, PlacesChanged

from ..models import Event, News, Shift, ShiftPlaces
from ..rules.changes import Seen, as_kept, what_is_new
from . import copies

KEPT = timedelta(days=60)
"""How long news are kept; who had no mail for longer hears of all that is on as new."""


PLACES: Any = ShiftPlaces.__table__


def keep_event(session: Session, event: EventFacts, *, now: datetime) -> None:
    """Keep an event, and note what is new about each of its shifts."""
    # Locked, so that two workers with two changes do not compare with the same state before.
    session.execute(select(Event.id).where(Event.id == event.id).with_for_update())
    before = _look(session, Shift.event_id == event.id)
    copies.keep_event(session, event)
    _note(session, before, _look(session, Shift.event_id == event.id), now=now)


def keep_places(session: Session, message: PlacesChanged, *, now: datetime) -> None:
    """Keep how many places are taken, and note when a full shift has places again."""
    row = {name: getattr(message, name) for name in ("shift_id", "places_revision", "taken")}
    kept = session.connection().execute(_keep_taken(dialect_of(session)), row)
    if kept.first() is not None:
        # Mostly a place was taken, which is no news.
        return
    this = PLACES.c.shift_id == message.shift_id
    known = session.execute(select(PLACES.c.places_revision).where(this).with_for_update())
    if known.scalar_one() >= message.places_revision:
        return
    before = _look(session, Shift.id == message.shift_id)
    session.execute(update(PLACES).where(this).values(row))
    _note(session, before, _look(session, Shift.id == message.shift_id), now=now)


@cache
def _keep_taken(dialect: str) -> Any:
    """Return the statement that keeps newer places, unless fewer are taken than were.

    Made once, because every sign-up needs it and making a statement takes longer than running it.
    """
    added = insert_for(dialect, PLACES)
    new, old = added.excluded, PLACES.c
    return added.on_conflict_do_update(
        index_elements=[old.shift_id],
        set_={name: new[name] for name in ("places_revision", "taken")},
        where=(new.places_revision > old.places_revision) & (new.taken >= old.taken),
    ).returning(old.shift_id)


def forget_old(session: Session, now: datetime) -> None:
    """Delete news that everybody heard who gets a mail at all."""
    session.execute(delete(News).where(News.at < now - KEPT))


def _note(
    session: Session, before: Mapping[int, Seen], after: Mapping[int, Seen], *, now: datetime
) -> None:
    for shift_id, seen in after.items():
        was = before.get(shift_id)
        if kind := what_is_new(was, seen, now=now):
            kept = as_kept(was) if was is not None and kind == "moved" else {}
            session.add(News(shift_id=shift_id, kind=kind, before=kept, at=now))
    session.flush()


def _look(session: Session, condition: Any) -> dict[int, Seen]:
    """Return the shifts as the public can see them now."""
    rows = session.execute(
        select(
            *(getattr(Shift, name) for name in ("id", "starts_at", "ends_at", "place", "postcode")),
            *(Shift.latitude, Shift.longitude, Shift.capacity, Shift.cancelled),
            *(Event.status, Event.mode, ShiftPlaces.taken),
        )
        .join(Event, Event.id == Shift.event_id)
        .outerjoin(ShiftPlaces, ShiftPlaces.shift_id == Shift.id)
        .where(condition)
        .order_by(Shift.id)
    )
    return {row.id: _seen(row) for row in rows}


def _seen(row: Any) -> Seen:
    return Seen(
        is_on=row.status == "published" and not row.cancelled,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        place=row.place,
        postcode=row.postcode,
        mode=row.mode,
        latitude=row.latitude,
        longitude=row.longitude,
        is_full=row.capacity is not None and (row.taken or 0) >= row.capacity,
    )
