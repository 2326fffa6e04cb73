"""The grid of shifts while it is being typed: fields by name, before anybody has checked them.

`row-0-day`, `row-0-starts`, `row-0-ends`, `row-0-work`, `column-0-place` and so on,
`cell-0-0` for how many can come; `rows` and `columns` say how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from .grid import NO_LIMIT, POINT, Grid

Fields = dict[str, str]

MOST_ROWS, MOST_COLUMNS, MOST_SHIFTS = 60, 40, 200
NUMBER = re.compile(r"[0-9]{1,4}")
FIRST_YEAR, LAST_YEAR = 2000, 2100
ROW = ("day", "starts", "ends", "work")
EVERYWHERE = "all"
FIRST = time(10), time(12)
"""The hours of a grid's first row when nothing else is known."""


def fields_of(grid: Grid) -> Fields:
    """Return what the fields of a grid show."""
    fields = {"rows": str(len(grid.rows)), "columns": str(len(grid.columns))}
    for number, row in enumerate(grid.rows):
        hours = row.hours
        shown = (hours.day.isoformat(), f"{hours.starts:%H:%M}", f"{hours.ends:%H:%M}", row.work)
        fields |= {f"row-{number}-{name}": text for name, text in zip(ROW, shown, strict=True)}
    for number, point in enumerate(grid.columns):
        fields |= {f"column-{number}-{name}": getattr(point, name) for name in POINT}
    for (row_number, column), shift in grid.cells.items():
        fields[f"cell-{row_number}-{column}"] = shift.places
    return fields


def counts(fields: Mapping[str, str]) -> tuple[int, int]:
    """Return how many rows and columns there are, as far as we take them."""
    return count(fields.get("rows"), MOST_ROWS), count(fields.get("columns"), MOST_COLUMNS)


def count(text: str | None, most: int) -> int:
    """Return a number that was sent, between nothing and the most."""
    return min(int(text), most) if text and NUMBER.fullmatch(text) else 0


def cells(fields: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and text of each cell that the form has."""
    rows, columns = counts(fields)
    for row in range(rows):
        for column in range(columns):
            text = fields.get(f"cell-{row}-{column}")
            if text is not None:
                yield row, column, text.strip()


def with_column(fields: Fields) -> Fields:
    """Add a meeting point, with as many places as the one before it."""
    rows, columns = counts(fields)
    if columns >= MOST_COLUMNS:
        return fields
    copied = {
        f"cell-{row}-{columns}": fields.get(f"cell-{row}-{columns - 1}", "") for row in range(rows)
    }
    return fields | copied | {"columns": str(columns + 1)}


def with_row(fields: Fields, *, day: date) -> Fields:
    """Add a time after the last one, as long as it, with as many places."""
    rows, columns = counts(fields)
    if rows >= MOST_ROWS:
        return fields
    copied = {
        f"cell-{rows}-{column}": fields.get(f"cell-{rows - 1}-{column}", "")
        for column in range(columns)
    }
    texts = next_row([fields.get(f"row-{rows - 1}-{name}", "") for name in ROW], day)
    named = {f"row-{rows}-{name}": text for name, text in zip(ROW, texts, strict=True)}
    return fields | copied | named | {"rows": str(rows + 1)}


def next_row(last: list[str], day: date) -> tuple[str, str, str, str]:
    """Return the fields of the time that follows a row of these."""
    before = span_of(last)
    if before is None:
        return (last[0] or day.isoformat(), f"{FIRST[0]:%H:%M}", f"{FIRST[1]:%H:%M}", last[3])
    starts, ends = before
    following = ends + (ends - starts)
    if following.date() != ends.date():
        return (f"{starts.date() + timedelta(days=1)}", last[1], last[2], last[3])
    return (f"{ends.date()}", f"{ends:%H:%M}", f"{following:%H:%M}", last[3])


def without(fields: Fields, axis: str, number: int, *, known: int) -> Fields:
    """Take a row or a column out: one that holds stored shifts stays, with empty cells."""
    names = {
        name: place for name in fields if (place := position(name, axis)) is not None
    }  # fmt: skip
    if number < known:
        emptied = [n for n, place in names.items() if place == number and n.startswith("cell-")]
        return fields | dict.fromkeys(emptied, "")
    kept = {name: text for name, text in fields.items() if name not in names}
    for name, place in names.items():
        if place != number:
            kept[renumbered(name, axis, place - (place > number))] = fields[name]
    return kept | {f"{axis}s": str(max(0, counts(fields)[axis == "column"] - 1))}


def position(name: str, axis: str) -> int | None:
    """Return the number of the row, or column, that a field belongs to."""
    parts = name.split("-")
    if parts[0] == axis and len(parts) == 3 and NUMBER.fullmatch(parts[1]):
        return int(parts[1])
    if parts[0] == "cell" and len(parts) == 3 and all(map(NUMBER.fullmatch, parts[1:])):
        return int(parts[1 + (axis == "column")])
    return None


def renumbered(name: str, axis: str, number: int) -> str:
    """Return a field's name with another number of its row or column."""
    parts = name.split("-")
    parts[1 + (parts[0] == "cell" and axis == "column")] = str(number)
    return "-".join(parts)


def filled(fields: Fields, where: str, places: str, *, empty_too: bool) -> Fields:
    """Say at once how many can come: everywhere, in a row or in a column."""
    return fields | {
        f"cell-{row}-{column}": places
        for row, column, text in cells(fields)
        if where in (EVERYWHERE, f"row-{row}", f"column-{column}") and (text or empty_too)
    }


def shifted(fields: Fields, where: str, minutes: int) -> Fields:
    """Move the times of all rows, or of one, by so many minutes."""
    moved = dict(fields)
    for row in range(counts(fields)[0]):
        span = span_of([fields.get(f"row-{row}-{name}", "") for name in ROW])
        if span is None or where not in (EVERYWHERE, f"row-{row}"):
            continue
        starts, ends = (instant + timedelta(minutes=minutes) for instant in span)
        moved |= {
            f"row-{row}-day": f"{starts.date()}",
            f"row-{row}-starts": f"{starts:%H:%M}",
            f"row-{row}-ends": f"{ends:%H:%M}",
        }
    return moved


def span_of(texts: list[str]) -> tuple[datetime, datetime] | None:
    """Return start and end of a row, if its fields can be read."""
    try:
        day = date.fromisoformat(texts[0])
        starts, ends = (datetime.combine(day, time.fromisoformat(text)) for text in texts[1:3])
    except ValueError:
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    return starts, ends if ends > starts else ends + timedelta(days=1)


def places_text(capacity: int | None) -> str:
    """Return how a cell shows a capacity."""
    return NO_LIMIT if capacity is None else str(capacity)
