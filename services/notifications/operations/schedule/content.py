"""From what was chosen to what is said: the facts are read again, and what is over is left out.

So is what somebody no longer wishes to hear of, or moved away meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...mail.letters import as_seen, place_of
from ...mail.schedule import Item, Line, Schedule
from ...models import Event, Group, Shift, ShiftPlaces
from ...rules.changes import is_undone
from ...rules.choosing import Change, Chosen, Pick
from ...rules.tastes import (
    EVENT_KINDS,
    Taste,
    is_in_reach,
    map_place,
    say_distance,
    say_where,
    wants,
)

Rows = Mapping[int, Any]


def read_content(
    session: Session, chosen: Chosen, taste: Taste, *, now: datetime
) -> Schedule | None:
    """Return what the mail says now; None when nothing of what was new is left to say."""
    rows = _read_shifts(session, chosen, now=now)
    changed = _changes(chosen.changed, rows, taste)
    new = _items(chosen.new, rows, taste)
    if not changed and not new:
        return None
    return Schedule(
        changed=changed,
        new=new,
        coming=_items(chosen.coming, rows, taste),
        more=chosen.more,
        is_first=chosen.is_first,
        where=say_where(taste),
    )


def _read_shifts(session: Session, chosen: Chosen, *, now: datetime) -> Rows:
    ids = [change.shift_id for change in chosen.changed]
    ids += [number for pick in (*chosen.new, *chosen.coming) for number in pick.shift_ids]
    rows = session.execute(
        select(Shift, Event, Group.name, ShiftPlaces.taken)
        .join(Event, Event.id == Shift.event_id)
        .join(Group, Group.id == Event.group_id)
        .outerjoin(ShiftPlaces, ShiftPlaces.shift_id == Shift.id)
        .where(Shift.id.in_(ids), Shift.starts_at > now)
        .execution_options(populate_existing=True)
    )
    return {row.Shift.id: row for row in rows}


def _is_on(row: Any) -> bool:
    return row.Event.status == "published" and not row.Shift.cancelled


def _is_wished(row: Any, taste: Taste, before: Mapping[str, Any]) -> bool:
    """Tell whether somebody wishes to hear of a shift where it is, or was `before` it changed."""
    if not wants(taste, row.Event.kind, row.Event.group_id):
        return False
    return any(is_in_reach(taste, place) for place in (_as_it_is(row), before) if place)


def _changes(changes: Sequence[Change], rows: Rows, taste: Taste) -> list[Item]:
    """Return what is said of changes; the last of each event says how many more there are."""
    items = [item for change in changes if (item := _changed(change, rows, taste))]
    last = {item.event_id: item for item in items}
    return [item if item is last[item.event_id] else replace(item, others=0) for item in items]


def _changed(change: Change, rows: Rows, taste: Taste) -> Item | None:
    """Return what is said of a change, unless it was undone since, or is not wished for."""
    row = rows.get(change.shift_id)
    if row is None or _is_on(row) == (change.what == "cancelled"):
        return None
    if not _is_wished(row, taste, change.before):
        return None
    line = _line(row, taste)
    if change.what == "reopened" and line.is_full:
        return None
    if change.what == "moved" and is_undone(change.before, _as_it_is(row)):
        return None
    before = _line_before(line, change.before) if change.what == "moved" else None
    item = _item(row, [line])
    return replace(item, what=change.what, before=before, others=change.others)


def _as_it_is(row: Any) -> dict[str, Any]:
    """Return when and where a shift is, by the names of what is kept of one that moved."""
    names = ("starts_at", "ends_at", "place", "postcode", "latitude", "longitude")
    return {"mode": row.Event.mode, **{name: getattr(row.Shift, name) for name in names}}


def _items(picks: Sequence[Pick], rows: Rows, taste: Taste) -> list[Item]:
    items = []
    for pick in picks:
        here = [rows[number] for number in pick.shift_ids if number in rows]
        left = [row for row in here if _is_on(row) and _is_wished(row, taste, {})]
        if left:
            lines = [_line(row, taste) for row in left]
            items.append(replace(_item(left[0], lines), others=pick.others))
    return items


def _item(row: Any, lines: Sequence[Line]) -> Item:
    return Item(
        event_id=row.Event.id,
        title=row.Event.title,
        kind=EVENT_KINDS.get(row.Event.kind, ""),
        group=row.name,
        lines=lines,
    )


def _line(row: Any, taste: Taste) -> Line:
    shift, event = row.Shift, row.Event
    seen = as_seen(place_of(event, shift), event, has_place=False)
    latitude, longitude = map_place(shift.latitude, shift.longitude, shift.postcode)
    if event.address_shown != "public":
        taste = replace(taste, is_rough=True)
    online = event.mode == "online"
    return Line(
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        zone=shift.zone,
        where=_where(seen.place, seen.postcode, event.mode),
        distance="" if online else say_distance(taste, latitude, longitude),
        is_full=shift.capacity is not None and (row.taken or 0) >= shift.capacity,
    )


def _line_before(line: Line, before: Mapping[str, Any]) -> Line:
    """Return a shift's line as it was, of the place only what everybody was told."""
    return replace(
        line,
        starts_at=datetime.fromisoformat(before["starts_at"]),
        ends_at=datetime.fromisoformat(before["ends_at"]),
        where=_where(before["place"], "", before["mode"]),
    )


def _where(place: str, postcode: str, mode: str) -> str:
    if mode == "online":
        return "Online"
    parts = [part for part in (place, postcode) if part]
    return ", ".join([*parts, "and online"] if mode == "both" else parts)
