"""The page of the grid: what it shows, what its buttons change, and what was typed into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from flask import g, render_template
from werkzeug.datastructures import MultiDict

from shared import web

from .. import rules
from ..models import Event, Shift
from ..operations import grid as saving
from ..rules import kinds, sheet
from ..rules.grid import Changes, Clash, Grid, Planned, compare, lay_out
from ..rules.sheet import Fields
from ..schemas.grid import NOT_PLACES, Errors, GridReader, Seen, read_seen, write_seen

ZONE = "Europe/London"
TOO_OLD = "This page was too old to be saved. Here are the shifts as they are now."
TOO_MANY = f"An event has {sheet.MOST_SHIFTS} shifts at most."
GONE = "Somebody else took this shift out. Save to put it back, or empty the cell."


@dataclass(frozen=True, kw_only=True)
class GridPage:
    """A grid that is being edited."""

    fields: Fields
    seen: Seen
    errors: Errors = field(default_factory=dict)
    focus: str = ""
    """The field that a button added, so that typing goes on there."""
    clashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What one cell of the grid shows."""

    name: str
    text: str
    shift: Shift | None
    is_over: bool
    """It has taken place: its cell is shown, not typed."""
    own_hours: bool
    places_over: int


def stored(event: Event, *, now: datetime) -> GridPage:
    """Return the page's beginning: the shifts as they are stored, or a first row and column."""
    shifts = saving.planned_shifts(event)
    if not shifts:
        return GridPage(fields=first_fields(event, now.date()), seen=Seen())
    grid = lay_out(shifts)
    return GridPage(fields=sheet.fields_of(grid), seen=seen_in(grid, shifts))


def first_fields(event: Event, day: date) -> Fields:
    """Return the fields of an event without shifts: the hours that its kind suggests."""
    defaults = kinds.DEFAULTS[event.kind]
    fields = {"rows": str(len(defaults.hours)), "columns": "1"}
    for number, (starts, ends, work) in enumerate(defaults.hours):
        texts = (day.isoformat(), starts, ends, work)
        fields |= {f"row-{number}-{n}": t for n, t in zip(sheet.ROW, texts, strict=True)}
        fields[f"cell-{number}-0"] = sheet.places_text(defaults.places)
    return fields


def seen_in(grid: Grid, shifts: Sequence[Planned]) -> Seen:
    """Return what the form remembers of a grid: where each shift stands, and how it is stored."""
    return Seen(
        rows=list(grid.rows),
        columns=len(grid.columns),
        shown={cell: shift for cell, shift in grid.cells.items() if shift.id is not None},
        began=list(shifts),
    )


def posted(event: Event, form: MultiDict[str, str]) -> GridPage:
    """Return the page as it was typed; one that lost its memory is shown as it is stored."""
    seen = read_seen(form.get("seen", ""))
    if seen is None:
        fresh = replace(stored(event, now=g.now), errors={"": [TOO_OLD]})
        raise web.FormNotAccepted(fresh.errors, lambda _errors: render(event, fresh))
    kept = ("row-", "column-", "cell-")
    fields = {
        name: text
        for name, text in form.items()
        if name in ("rows", "columns") or name.startswith(kept)
    }
    many = {name: form.get(name, "") for name in ("where", "places", "minutes", "empty_too")}
    return GridPage(fields=fields | {f"many-{n}": t for n, t in many.items()}, seen=seen)


def changed(page: GridPage, action: str, *, today: date) -> GridPage:
    """Return the page after one of its buttons; nothing is stored by it."""
    fields, (rows, columns) = page.fields, sheet.counts(page.fields)
    kind, _, number = action.rpartition("-")
    if action == "add-column":
        return replace(page, fields=sheet.with_column(fields), focus=f"column-{columns}-place")
    if action == "add-row":
        return replace(page, fields=sheet.with_row(fields, day=today), focus=f"row-{rows}-day")
    if kind in ("remove-row", "remove-column") and sheet.NUMBER.fullmatch(number):
        axis = kind.removeprefix("remove-")
        known = len(page.seen.rows) if axis == "row" else page.seen.columns
        return replace(page, fields=sheet.without(fields, axis, int(number), known=known))
    return changed_many(page, action)


def changed_many(page: GridPage, action: str) -> GridPage:
    """Return the page after a bulk change, or with what is wrong about it."""
    fields = page.fields
    where = fields.get("many-where") or sheet.EVERYWHERE
    if action == "fill":
        places = fields.get("many-places", "").strip()
        if not places:
            return replace(page, errors={"many-places": [NOT_PLACES]}, focus="many-places")
        empty_too = bool(fields.get("many-empty_too"))
        return replace(page, fields=sheet.filled(fields, where, places, empty_too=empty_too))
    if action == "shift":
        minutes = minutes_of(fields.get("many-minutes", ""))
        if minutes is None:
            wrong = {"many-minutes": ["Type minutes, such as 30, or -30 for earlier."]}
            return replace(page, errors=wrong, focus="many-minutes")
        return replace(page, fields=sheet.shifted(fields, where, minutes))
    return page


def minutes_of(text: str) -> int | None:
    """Return a number of minutes of less than two days."""
    plain = text.strip().replace("\u2212", "-").removeprefix("+")
    digits = plain.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits) < 2880):
        return None
    return int(plain)


def read(event: Event, page: GridPage) -> Changes:
    """Return what the grid in hand changes; with problems, or changes of others, it is shown."""
    zone = page.seen.rows[0].hours.zone if page.seen.rows else ZONE
    facts: dict[str, Any] = {"status": event.status, "mode": event.mode, "now": g.now, "zone": zone}
    reader = GridReader(typed=page.fields, seen=page.seen, **facts)
    typed = reader.read()
    now = saving.planned_shifts(event)
    if len([shift for shift in typed if shift.places]) > sheet.MOST_SHIFTS:
        reader.errors[""] = [TOO_MANY]
    if reader.errors:
        wrong = replace(page, errors=reader.errors)
        raise web.FormNotAccepted(wrong.errors, lambda _errors: render(event, wrong))
    changes = compare(seen=page.seen.began, stored=now, typed=typed)
    if changes.clashes:
        both = combined(changes, now)
        raise web.FormNotAccepted(both.errors, lambda _errors: render(event, both))
    return changes


def combined(changes: Changes, now: list[Planned]) -> GridPage:
    """Return the page that shows both people's work, and beside each cell what differs."""
    gone = {shift.id for shift in changes.remove}
    mine = {shift.id: shift for shift, _ in changes.change}
    mine |= {clash.wanted.id: clash.wanted for clash in changes.clashes if clash.theirs}
    put_back = [replace(c.wanted, id=None) for c in changes.clashes if c.theirs is None]
    shifts = [
        replace(mine.get(shift.id, shift), places="")
        if shift.id in gone
        else mine.get(shift.id, shift)
        for shift in now
    ]
    grid = lay_out([*shifts, *changes.add, *put_back])
    words = {clash.wanted.id: words_for(clash) for clash in changes.clashes if clash.theirs}
    errors: Errors = {}
    for (row, column), shift in grid.cells.items():
        if shift.id in words:
            errors[f"cell-{row}-{column}"] = [words[shift.id]]
        elif any(shift is one for one in put_back):
            errors[f"cell-{row}-{column}"] = [GONE]
    fields = sheet.fields_of(grid)
    return GridPage(fields=fields, seen=seen_in(grid, now), errors=errors, clashed=True)


def typed_day(typed: str) -> str:
    """Return the day that a date field holds as in "5 December", or nothing."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return ""
    return f"{day.day} {day:%B}"


def words_for(clash: Clash) -> str:
    """Say what somebody else made of a shift that this person changed too."""
    theirs = clash.theirs
    if theirs is None:
        return GONE
    hours, point = theirs.hours, theirs.point
    when = f"{typed_day(hours.day.isoformat())}, {hours.starts:%H:%M} to {hours.ends:%H:%M}"
    return f"Somebody else saved this: {theirs.places} at {point.place or 'no place'}, {when}."


def render(
    event: Event, page: GridPage, *, said: Mapping[str, str] | None = None, going: Any = ()
) -> str:
    """Return the page."""
    rows, columns = sheet.counts(page.fields)
    by_id = {shift.id: shift for shift in event.shifts}
    cells = {
        (row, column): cell_of(event, page, row, column, by_id)
        for row in range(rows)
        for column in range(columns)
    }
    return render_template(
        "events/console/shifts.html",
        event=event,
        group=event.group,
        tab="events",
        page=page,
        fields=page.fields,
        errors=page.errors,
        seen=write_seen(page.seen),
        rows=rows,
        columns=columns,
        cells=cells,
        with_work=event.kind == "campaign_and_train" or any(shift.work for shift in event.shifts),
        works=rules.WORK,
        cancelled=[shift for shift in event.shifts if shift.cancelled],
        said=said or {},
        going=going,
        is_changeable=event.status != "cancelled",
    )


def cell_of(
    event: Event, page: GridPage, row: int, column: int, by_id: Mapping[int, Shift]
) -> Cell:
    """Return what one cell shows."""
    name = f"cell-{row}-{column}"
    planned = page.seen.shown.get((row, column))
    shift = by_id.get(planned.id) if planned and planned.id else None
    row_hours = page.seen.rows[row].hours if row < len(page.seen.rows) else None
    return Cell(
        name=name,
        text=page.fields.get(name, ""),
        shift=shift,
        is_over=bool(shift and event.status != "draft" and shift.ends_at <= g.now),
        own_hours=bool(planned and row_hours and planned.hours != row_hours),
        places_over=rules.places_over(shift.capacity, shift.taken) if shift else 0,
    )
