"""How the grid of shifts is read: row by row, column by column, cell by cell."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from marshmallow import Schema, ValidationError, fields

from shared import times
from shared.schemas import Postcode, Text

from .. import rules
from ..rules import sheet
from ..rules.grid import MIXED, NO_LIMIT, Hours, Planned, Point, Row, wanted
from .lists import DAY
from .shifts import refusal_of

UNLIMITED = frozenset({NO_LIMIT, "unlimited", "nolimit", "no-limit"})
NOT_PLACES = "Type how many can come, or “no limit”, or nothing for no shift."
MOST_NIGHTS = 366
ALIKE = "Another column has the same meeting point. Give this one a name of its own."
UNREADABLE = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(OverflowError, RecursionError, ValidationError),
)
Errors = dict[str, list[str]]


class RowForm(Schema):
    """One of the times."""

    day = fields.Date(
        required=True,
        validate=DAY,
        error_messages={"required": "Give the day.", "invalid": "Give the day as a date."},
    )
    starts = fields.Time(
        required=True,
        error_messages={"required": "Give the start.", "invalid": "Give a time like 10:00."},
    )
    ends = fields.Time(
        required=True,
        error_messages={"required": "Give the end.", "invalid": "Give a time like 12:00."},
    )
    work = fields.String(load_default="")


class PointForm(Schema):
    """One of the meeting points."""

    place = Text(max=200, load_default="")
    address = Text(max=300, load_default="")
    postcode = Postcode(load_default="")
    constituency = Text(max=120, load_default="")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the writer of a grid saw: which rows, what stood in which cell, and what was stored."""

    rows: list[Row] = field(default_factory=list)
    columns: int = 0
    shown: dict[tuple[int, int], Planned] = field(default_factory=dict)
    began: list[Planned] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class GridReader:
    """Reads one grid for an event; problems are gathered by the names of the fields."""

    typed: Mapping[str, str]
    seen: Seen
    status: str
    mode: str
    now: datetime
    zone: str
    errors: Errors = field(default_factory=dict)

    def read(self) -> list[Planned]:
        """Return what is wanted of each cell, or nothing once there are errors."""
        filled = [
            (row, column, text)
            for row, column, text in sheet.cells(self.typed)
            if text or (row, column) in self.seen.shown
        ]
        rows = {row: self.row(row) for row, _, text in filled if text}
        columns = {column: self.column(column) for _, column, text in filled if text}
        self.check_left_over(set(columns))
        self.check_alike(columns)
        planned = []
        for row, column, text in filled:
            places = self.places(f"cell-{row}-{column}", text)
            shown = self.seen.shown.get((row, column))
            if not text and shown is not None:
                planned.append(
                    Planned(id=shown.id, point=shown.point, hours=shown.hours, places="")
                )
            elif (head := rows[row]) is not None and (point := columns[column]) is not None:
                planned.append(self.cell(row, shown, head, point, places))
        return [] if self.errors else planned

    def cell(
        self, row: int, shown: Planned | None, head: Row, point: Point, places: str
    ) -> Planned:
        """Return what is wanted of one cell; its hours are checked if they are new."""
        shown_row = self.seen.rows[row] if row < len(self.seen.rows) else None
        planned = wanted(shown, shown_row=shown_row, row=head, point=point, places=places)
        if shown is None or planned.hours != shown.hours:
            self.check_hours(row, planned.hours)
        return planned

    def row(self, number: int) -> Row | None:
        """Return one of the times."""
        found = self.load(RowForm(), "row", number)
        if found is None:
            return None
        shown = self.seen.rows[number].hours if number < len(self.seen.rows) else None
        zone, nights = (shown.zone, shown.nights) if shown else (self.zone, 0)
        work = found["work"] if found["work"] in (*rules.WORK, MIXED) else ""
        return Row(
            hours=Hours(found["day"], found["starts"], found["ends"], nights, zone), work=work
        )

    def column(self, number: int) -> Point | None:
        """Return one of the meeting points; the public must be told where it is."""
        found = self.load(PointForm(), "column", number)
        if found is None:
            return None
        if not found["place"] and self.mode == "online":
            found["place"] = "Online"
        if not found["place"] and self.status == "published":
            self.errors[f"column-{number}-place"] = ["Say where people meet."]
        return Point(**found)

    def load(self, form: Schema, axis: str, number: int) -> dict[str, Any] | None:
        """Read the fields of one row or column."""
        names = {name: f"{axis}-{number}-{name}" for name in form.fields}
        typed = {name: self.typed[key] for name, key in names.items() if self.typed.get(key)}
        try:
            found: dict[str, Any] = form.load(typed)
        except ValidationError as error:
            for name, sentences in error.messages_dict.items():
                self.errors[names[name]] = [str(sentence) for sentence in sentences]
            return None
        return found

    def places(self, name: str, text: str) -> str:
        """Return the text of a cell as it is stored."""
        plain = text.lower()
        if not plain:
            return ""
        if plain in UNLIMITED:
            return NO_LIMIT
        if not (plain.isascii() and plain.isdigit() and 1 <= int(plain) <= rules.MOST_PLACES):
            self.errors[name] = [NOT_PLACES]
        return plain.lstrip("0") or plain

    def check_hours(self, row: int, hours: Hours) -> None:
        """Name the time that cannot be."""
        for name, wall in (("starts", hours.starts_at), ("ends", hours.ends_at)):
            if sentence := refusal_of(times.to_utc, wall, hours.zone):
                self.errors[f"row-{row}-{name}"] = [sentence]
                return
        starts_at = times.to_utc(hours.starts_at, hours.zone)
        span = rules.Times(
            starts_at=starts_at,
            ends_at=times.to_utc(hours.ends_at, hours.zone),
            closes_at=starts_at,
        )
        checks: tuple[tuple[str, Callable[[], str]], ...] = (
            ("ends", lambda: refusal_of(rules.check_times, span)),
            ("day", lambda: refusal_of(rules.check_ahead, self.status, span, self.now)),
        )
        for name, check in checks:
            if sentence := check():
                self.errors.setdefault(f"row-{row}-{name}", [sentence])

    def check_alike(self, columns: Mapping[int, Point | None]) -> None:
        """Name a meeting point that stands in two columns: as stored, they would be one."""
        met: set[Point] = set()
        for number, point in sorted(columns.items()):
            if point is not None and point in met:
                self.errors.setdefault(f"column-{number}-place", [ALIKE])
            elif point is not None:
                met.add(point)

    def check_left_over(self, used: set[int]) -> None:
        """Name a new meeting point that has no shift: it would be lost."""
        for number in range(self.seen.columns, sheet.counts(self.typed)[1]):
            key = f"column-{number}-place"
            if number not in used and self.typed.get(key, "").strip():
                self.errors[key] = ["Say for at least one time how many can come here."]


def write_seen(seen: Seen) -> str:
    """Return what the hidden field `seen` carries: points and hours once, and shifts by numbers."""
    points: dict[Point, int] = {}
    hours: dict[Hours, int] = {}

    def packed(shift: Planned) -> list[Any]:
        point = points.setdefault(shift.point, len(points))
        return [point, hours.setdefault(shift.hours, len(hours)), shift.places, shift.work]

    began = {shift.id: shift for shift in seen.began}
    placed = {shift.id for shift in seen.shown.values()}
    shifts = [
        [shift.id, row, column, *packed(shift), *packed(began.get(shift.id, shift))]
        for (row, column), shift in seen.shown.items()
        if shift.id is not None
    ]
    rows = [[hours.setdefault(row.hours, len(hours)), row.work] for row in seen.rows]
    rest = [[shift.id, *packed(shift)] for shift in seen.began if shift.id not in placed]
    known = {
        "c": seen.columns,
        "r": rows,
        "s": shifts,
        "o": rest,
        "p": [[p.place, p.address, p.postcode, p.constituency] for p in points],
        "h": [[f"{h.day}", f"{h.starts}", f"{h.ends}", h.nights, h.zone] for h in hours],
    }
    return json.dumps(known, ensure_ascii=False, separators=(",", ":"))


def read_seen(text: str) -> Seen | None:
    """Return what the hidden field says, or nothing if it cannot be read."""
    try:
        known = json.loads(text)
        points = [Point(*map(str, point)) for point in known["p"]]
        hours = [read_hours(*packed) for packed in known["h"]]

        def unpacked(shift_id: Any, point: int, span: int, places: str, work: str) -> Planned:
            return Planned(
                id=int(shift_id),
                point=points[point],
                hours=hours[span],
                places=str(places),
                work=str(work),
            )

        return Seen(
            rows=[Row(hours=hours[number], work=str(work)) for number, work in known["r"]],
            columns=int(known["c"]),
            shown={(int(s[1]), int(s[2])): unpacked(s[0], *s[3:7]) for s in known["s"]},
            began=[unpacked(s[0], *s[7:11]) for s in known["s"]]
            + [unpacked(*s) for s in known["o"]],
        )
    except UNREADABLE:
        return None


def read_hours(day: str, starts: str, ends: str, nights: int, zone: str) -> Hours:
    """Return hours as the hidden field has them. Raises an error for those we never wrote."""
    first, last = time.fromisoformat(starts), time.fromisoformat(ends)
    if not times.is_zone(zone) or not 0 <= nights <= MOST_NIGHTS or first.tzinfo or last.tzinfo:
        raise ValueError(zone)
    return Hours(DAY(date.fromisoformat(day)), first, last, int(nights), zone)
