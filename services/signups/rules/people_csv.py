"""A list of people as CSV: how a file is opened, and what its columns are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from itertools import islice

from shared.refusals import Refusal

from .people import LONGEST_TAG, MOST_TAGS, in_small

MOST_BYTES = 512 * 1024
MOST_ROWS = 2000
COLUMNS = {
    "name": ("name", "full name"),
    "email": ("email", "email address", "e mail"),
    "phone": ("phone", "phone number", "telephone", "mobile"),
    "postcode": ("postcode", "post code"),
    "tags": ("tags", "tag"),
}
"""The columns that count, with the names they go by; others are left out."""

ACTIONS = {
    "new": "New",
    "tags": "Gets tags",
    "nothing": "Known already",
    "twice": "Twice in the file",
    "problem": "Left out",
}


class ListIsUnreadable(Refusal):
    """This file cannot be read as a list of people."""


class ImportIsOver(Refusal):
    """This list was taken in already, or it is older than a day. Choose the file again."""


class ImportCannotBeUndone(Refusal):
    """This list was not taken in, or was undone already."""


def decode(content: bytes) -> str:
    """Return the text of an uploaded file. Raises ListIsUnreadable."""
    if len(content) > MOST_BYTES:
        raise ListIsUnreadable(f"This file is too large: {MOST_BYTES // 1024} KiB are the most.")
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


def open_list(text: str) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a list by the names of COLUMNS, each with the number of its line.

    Raises ListIsUnreadable.
    """
    first = text.lstrip("\r\n").splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    filled = ((reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells))
    try:
        found = list(islice(filled, MOST_ROWS + 2))
    except csv.Error as error:
        raise ListIsUnreadable(
            f"Line {reader.line_num} cannot be read. Is a quotation mark missing?"
        ) from error
    columns = columns_of(found[0][1])
    if len(found) < 2:
        raise ListIsUnreadable("There is nothing below the names of the columns.")
    if len(found) > MOST_ROWS + 1:
        raise ListIsUnreadable(
            f"This list has too many rows: {MOST_ROWS:,} are the most. Cut it in two."
        )
    return [
        (line, {name: bare(cell) for name, cell in zip(columns, cells, strict=False) if name})
        for line, cells in found[1:]
    ]


def columns_of(titles: Sequence[str]) -> list[str]:
    """Return which column is meant by each title; nothing for one that does not count."""
    found = []
    for title in titles:
        words = re.sub(r"[^a-z0-9]+", " ", title.lower()).strip()
        found.append(next((name for name, known in COLUMNS.items() if words in known), ""))
    missing = {"name", "email"} - set(found)
    if missing:
        listed = " and ".join(f"“{name}”" for name in sorted(missing, reverse=True))
        raise ListIsUnreadable(f"The first line names the columns. There is none for {listed}.")
    twice = [name for name in COLUMNS if found.count(name) > 1]
    if twice:
        raise ListIsUnreadable(f"The column “{twice[0]}” is there twice.")
    return found


def bare(cell: str) -> str:
    """Return a cell without the apostrophe that our own lists put before what looks like code."""
    cell = cell.strip()
    return cell[1:] if cell.startswith(("'=", "'+", "'-", "'@")) else cell


def tags_in(cell: str) -> tuple[list[str], str]:
    """Return the tags in a cell, which semicolons part, and what is wrong with them."""
    tags = list(dict.fromkeys(filter(None, map(in_small, cell.split(";")))))
    if any(len(tag) > LONGEST_TAG for tag in tags):
        return [], f"A tag is too long: {LONGEST_TAG} characters are the most."
    if len(tags) > MOST_TAGS:
        return [], f"There are too many tags: {MOST_TAGS} are the most."
    return tags, ""
