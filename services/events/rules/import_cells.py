"""What the cells of one row say: words, choices, numbers, days and times."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from datetime import time as clock_time

from shared.lists import DANGEROUS

from .import_columns import BY_NAME, CHOICES, NO_LIMIT, TIMES


@dataclass
class Typed:
    """What one row says, as the schemas of events and shifts take it, and what is wrong with it."""

    event: dict[str, object] = field(default_factory=dict)
    shift: dict[str, object] = field(default_factory=dict)
    key: str = ""
    event_id: int | None = None
    shift_id: int | None = None
    problems: list[list[str]] = field(default_factory=list)

    def blame(self, column: str, sentence: str) -> None:
        """Add a problem of one column."""
        title = title_of(column)
        if [title, sentence] not in self.problems:
            self.problems.append([title, sentence])


def title_of(column: str) -> str:
    """Return what people call a column."""
    return BY_NAME[column].title if column in BY_NAME else column


def read_row(columns: Sequence[str], cells: Sequence[str]) -> Typed:
    """Return what a row says."""
    typed = Typed()
    if any(cell.strip() for cell in cells[len(columns) :]):
        typed.blame("Row", "This row has more cells than there are columns.")
    found = {
        name: unquoted(cell.strip()) for name, cell in zip(columns, cells, strict=False) if name
    }
    typed.event_id = number(typed, found, "event_id")
    typed.shift_id = number(typed, found, "shift_id")
    typed.key = found.get("event", "") or found.get("title", "")
    for name, text in found.items():
        if name not in TIMES and BY_NAME[name].of:
            read_cell(typed, name, text)
    read_times(typed, found)
    return typed


def unquoted(cell: str) -> str:
    """Return a cell without the apostrophe by which an export disarms a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in DANGEROUS else cell


def number(typed: Typed, found: Mapping[str, str], name: str) -> int | None:
    """Return the id in a cell, if there is one."""
    text = found.get(name, "")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 19 and int(text):
        return int(text)
    typed.blame(name, "This is a number, or empty.")
    return None


def read_cell(typed: Typed, name: str, text: str) -> None:
    """Read one cell of an event or a shift that is no time."""
    into = typed.event if BY_NAME[name].of == "event" else typed.shift
    if name in CHOICES:
        read_choice(typed, into, name, text)
    elif name == "capacity":
        read_capacity(typed, text)
    elif name == "campaign_id":
        into |= {name: found} if (found := number(typed, {name: text}, name)) else {}
    elif text or name not in ("zone", "election_id"):
        into[name] = text


def read_choice(typed: Typed, into: dict[str, object], name: str, text: str) -> None:
    """Read one of several words; an empty cell leaves the choice to the schema."""
    choice = chosen(CHOICES[name], text)
    if choice is None:
        words = ", ".join(CHOICES[name].values())
        typed.blame(name, f"“{text[:40]}” is none of: {words}.")
    elif choice or name == "work":
        into[name] = choice


def read_capacity(typed: Typed, text: str) -> None:
    """Read how many can come."""
    if text.lower() in NO_LIMIT:
        typed.shift["capacity"] = None
    elif text.isascii() and text.isdigit() and len(text) < 10:
        typed.shift["capacity"] = int(text)
    else:
        typed.blame("capacity", "Give a number of places, or leave it empty for no limit.")


def chosen(choices: Mapping[str, str], text: str) -> str | None:
    """Return the choice that is meant by its name or its words; None for no such choice."""
    wanted = text.lower()
    if not wanted:
        return ""
    for name, words in choices.items():
        if wanted in (name, words.lower(), name.replace("_", " ")):
            return name
    return None


def read_times(typed: Typed, found: Mapping[str, str]) -> None:
    """Read the start, the end and the closing of sign-up, with the day of the row."""
    day = read_day(found.get("date", ""))
    if found.get("date") and day is None:
        typed.blame("date", f"“{found['date'][:40]}” is no date like 2026-12-05 or 05/12/2026.")
        return
    for name in TIMES:
        text = found.get(name, "")
        if not text:
            continue
        moment = read_moment(text, day)
        if moment is not None:
            typed.shift[name] = moment.isoformat(timespec="minutes")
        elif day is None and read_clock(text) is not None:
            typed.blame("date", "The date is missing.")
        else:
            typed.blame(name, f"“{text[:40]}” is no time like 10:00 or 2026-12-05 10:00.")


def read_moment(text: str, day: date | None) -> datetime | None:
    """Return a time of day on the row's day, or one that comes with its own."""
    clock = read_clock(text)
    if clock is not None:
        return datetime.combine(day, clock) if day else None
    first, _, rest = text.replace("T", " ", 1).partition(" ")
    own_day, clock = read_day(first), read_clock(rest.strip())
    return datetime.combine(own_day, clock) if own_day and clock is not None else None


def read_day(text: str) -> date | None:
    """Return the day of a date written 2026-12-05 or 05/12/2026 (the day first, as in Britain)."""
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    british = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text)
    if not iso and not british:
        return None
    parts = [int(part) for part in (iso or british).groups()]  # type: ignore[union-attr]
    year, month, day = parts if iso else reversed(parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_clock(text: str) -> clock_time | None:
    """Return a time of day written 10:00, 10.00, 9am or 9:30 pm."""
    found = re.fullmatch(r"(\d{1,2})(?:[:.](\d\d))?(?::00)?\s*([ap])?\.?m?\.?", text.lower())
    if not found or not (found[2] or found[3]):
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[3] == "p" else 0)
    return clock_time(hour, minute) if hour < 24 and minute < 60 else None
