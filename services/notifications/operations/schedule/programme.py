"""All that is on and all that is new, as the choice for each subscriber needs it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...models import Event, News, Shift
from ...rules.changes import Piece, is_undone
from ...rules.choosing import Coming, Programme, Told
from ...rules.tastes import map_place
from ..news import KEPT

SETTLES = timedelta(minutes=1)
"""News are weighed a little later, once every transaction that wrote some has ended."""


def read_programme(session: Session, *, settles: timedelta = SETTLES, now: datetime) -> Programme:
    """Return what is on, and what of it became new within the time that news are kept."""
    shifts = session.execute(
        select(
            *(Shift.id, Shift.event_id, Event.group_id, Event.kind, Shift.starts_at),
            *(Shift.latitude, Shift.longitude, Event.mode, Shift.postcode),
            (~Shift.cancelled & (Event.status == "published")).label("is_on"),
        )
        .join(Event, Event.id == Shift.event_id)
        .where(Shift.starts_at > now)
    )
    until = now - settles
    news = _read_news(session, until=until, now=now)
    return Programme([_coming(row) for row in shifts], news, until=until)


def _read_news(session: Session, *, until: datetime, now: datetime) -> dict[int, list[Told]]:
    rows = session.execute(
        select(
            *(News.shift_id, News.kind, News.before, News.at),
            *(Shift.starts_at, Shift.ends_at, Shift.place, Shift.postcode, Event.mode),
        )
        .join(Shift, Shift.id == News.shift_id)
        .join(Event, Event.id == Shift.event_id)
        .where(News.at > now - KEPT, News.at <= until, Shift.starts_at > now)
        .order_by(News.at, News.id)
    )
    found: dict[int, list[Told]] = defaultdict(list)
    for row in rows:
        back = row.kind == "moved" and is_undone(row.before, row._asdict())
        found[row.shift_id].append(Told(row.at, Piece(row.kind, row.before, back)))
    return found


def _coming(row: Any) -> Coming:
    latitude, longitude = map_place(row.latitude, row.longitude, row.postcode)
    return Coming(
        row.id,
        row.event_id,
        row.group_id,
        row.kind,
        row.starts_at,
        latitude,
        longitude,
        row.mode,
        row.is_on,
    )
