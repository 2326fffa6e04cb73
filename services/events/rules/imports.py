"""Lists of events and shifts as a whole: how a file is opened, and what may be done with it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from shared.refusals import Refusal

from .import_columns import BY_NAME, COLUMNS

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 5000
MOST_COLUMNS = 200
MOST_SHIFTS = 200
"""Of one event."""

DEFAULT_KIND = "action_day"
"""Of events whose kind is left empty."""

ACTIONS = {
    "new_event": "New event",
    "new_shift": "New shift",
    "changed": "Changes a shift",
    "unchanged": "Stays as it is",
    "problem": "Problem",
}


class ListIsUnreadable(Refusal):
    """This file cannot be read as a list of events."""


class ImportIsBusy(Refusal):
    """This import is being worked on; wait a moment."""


class ImportHasProblems(Refusal):
    """Some rows of this import have problems. Mend them in your file and upload it again."""


class ImportWasApplied(Refusal):
    """This import was already applied."""


class ImportIsNotApplied(Refusal):
    """This import was not applied, so that there is nothing to undo."""


class ImportIsPublished(Refusal):
    """Some of what this import made is published by now, so that it can no longer be undone."""


class ImportLost(Refusal):
    """Another worker has taken this import over."""


@dataclass(frozen=True)
class Listing:
    """A list that was opened: its columns and its rows, with what is odd about it as a whole."""

    columns: tuple[str, ...]
    """The name of each column; empty for one that nobody knows."""
    rows: Sequence[tuple[int, list[str]]]
    """With the number that a spreadsheet gives each."""
    notes: list[str]


def decode(content: bytes) -> str:
    """Return the text of an uploaded file. Raises ListIsUnreadable."""
    if len(content) > MOST_BYTES:
        raise ListIsUnreadable("This file is too large: 5 MiB are the most.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListIsUnreadable(
            "This file is not in UTF-8. In Excel choose “CSV UTF-8 (Comma delimited)” when saving."
        ) from error
    if "\0" in text:
        raise ListIsUnreadable("This is no CSV file: it has characters that no text has.")
    if not text.strip():
        raise ListIsUnreadable("This file is empty.")
    return text


def open_list(text: str) -> Listing:
    """Return the rows of a list, however its columns are called and ordered.

    Raises ListIsUnreadable.
    """
    found = records(text)
    if not found:
        raise ListIsUnreadable("This file is empty.")
    head, *rows = found
    if len(head[1]) > MOST_COLUMNS:
        raise ListIsUnreadable(f"This list has too many columns: {MOST_COLUMNS} are the most.")
    columns = tuple(name_of(title) for title in head[1])
    check_columns(columns)
    unknown = [title.strip() for title, name in zip(head[1], columns, strict=True) if not name]
    notes = [
        f"The column “{title[:60]}” is not known and is left out." for title in unknown if title
    ]
    if not rows:
        raise ListIsUnreadable("There is nothing below the names of the columns.")
    if len(rows) > MOST_ROWS:
        raise ListIsUnreadable(
            f"This list has too many rows: {MOST_ROWS:,} are the most. Cut it in two."
        )
    return Listing(columns=columns, rows=rows, notes=notes)


def records(text: str) -> list[tuple[int, list[str]]]:
    """Return all rows that are not empty, the names of the columns first.

    Of a list that is too long only so many are read that it shows.
    """
    first = text.lstrip("\r\n").splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    filled = (
        (number, cells)
        for number, cells in enumerate(reader, start=1)
        if any(cell.strip() for cell in cells)
    )
    try:
        return list(islice(filled, MOST_ROWS + 2))
    except csv.Error as error:
        raise ListIsUnreadable(
            f"Line {reader.line_num} cannot be read. Is a quotation mark missing?"
        ) from error


def name_of(title: str) -> str:
    """Return which column is meant by a title; nothing for one that nobody knows."""
    wanted = re.sub(r"[^a-z0-9]+", "_", title.strip().lower()).strip("_")
    for column in COLUMNS:
        known = re.sub(r"[^a-z0-9]+", "_", column.title.lower()).strip("_")
        if wanted in (column.name, known, *column.aliases):
            return column.name
    return ""


def check_columns(columns: Sequence[str]) -> None:
    """Refuse a list that lacks what every row must say, or says something twice."""
    known = [name for name in columns if name]
    twice = {name for name in known if known.count(name) > 1}
    if twice:
        titles = ", ".join(sorted(BY_NAME[name].title for name in twice))
        raise ListIsUnreadable(f"These columns stand there twice: {titles}.")
    needed = () if "shift_id" in known else ("place", "starts_at", "ends_at")
    lacking = [name for name in needed if name not in known]
    if "title" not in known and "event_id" not in known and "shift_id" not in known:
        lacking.insert(0, "title")
    if lacking:
        titles = ", ".join(BY_NAME[name].title for name in lacking)
        raise ListIsUnreadable(
            f"These columns are missing: {titles}. The names of the columns stand in the first row."
        )
