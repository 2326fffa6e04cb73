"""How lists are read: whatever a spreadsheet makes of them, and whatever is wrong with them."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from services.events.rules.import_cells import read_clock, read_day, read_moment, read_row
from services.events.rules.import_columns import COLUMNS, template_rows
from services.events.rules.imports import (
    MOST_BYTES,
    MOST_ROWS,
    ListIsUnreadable,
    decode,
    name_of,
    open_list,
    records,
)

PLAIN = "Title,Place,Date,Starts,Ends\nOut,Square,2026-12-05,10:00,12:00\n"


@pytest.mark.parametrize(
    "typed, day",
    [
        ("2026-12-05", date(2026, 12, 5)),
        ("05/12/2026", date(2026, 12, 5)),
        ("5/1/2026", date(2026, 1, 5)),
        ("05.12.2026", date(2026, 12, 5)),
        ("31/02/2026", None),
        ("12/31/2026", None),
        ("5 December", None),
        ("", None),
    ],
)
def test_days_are_read_the_british_way_and_by_iso(typed: str, day: date | None) -> None:
    assert read_day(typed) == day


@pytest.mark.parametrize(
    "typed, clock",
    [
        ("10:00", time(10)),
        ("9:05", time(9, 5)),
        ("10.30", time(10, 30)),
        ("10:00:00", time(10)),
        ("9am", time(9)),
        ("9:30 pm", time(21, 30)),
        ("12am", time(0)),
        ("12 p.m.", time(12)),
        ("10", None),
        ("25:00", None),
        ("10:75", None),
        ("13pm", None),
        ("noon", None),
    ],
)
def test_times_of_day_are_read_as_people_write_them(typed: str, clock: time | None) -> None:
    assert read_clock(typed) == clock


def test_a_time_has_the_day_of_its_row_or_its_own() -> None:
    assert read_moment("10:00", date(2026, 12, 5)) == datetime(2026, 12, 5, 10)
    assert read_moment("06/12/2026 01:00", date(2026, 12, 5)) == datetime(2026, 12, 6, 1)
    assert read_moment("2026-12-05T10:00", None) == datetime(2026, 12, 5, 10)
    assert read_moment("10:00", None) is None


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_column_is_known_by_its_title_and_its_aliases(column: object) -> None:
    name, title = column.name, column.title  # type: ignore[attr-defined]
    assert name_of(title) == name
    assert name_of(f"  {title.upper()} ") == name
    assert [name_of(alias) for alias in column.aliases] == [name] * len(column.aliases)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        ("\n\n" + PLAIN + "\n,,,,\n").encode(),
        b"Ends,Starts,Date,Place,Title\n12:00,10:00,2026-12-05,Square,Out\n",
    ],
)
def test_a_list_is_read_whatever_program_wrote_it(content: bytes) -> None:
    listing = open_list(decode(content))
    ((_, cells),) = listing.rows
    typed = read_row(listing.columns, cells)
    assert typed.problems == []
    assert typed.event == {"title": "Out"}
    assert typed.shift == {
        "place": "Square",
        "starts_at": "2026-12-05T10:00",
        "ends_at": "2026-12-05T12:00",
    }


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"Title,Place\n\xe9,x\n", "not in UTF-8"),
        (PLAIN.encode("utf-16"), "not in UTF-8"),
        (b"PK\x03\x04\0\0", "no CSV"),
        (b"a,b\n1,2\n", "columns are missing: Title, Place, Starts, Ends"),
        (b"Title,Date,Place\nx,y,z\n", "columns are missing: Starts, Ends"),
        (b"Title,Name,Place,Starts,Ends\n1,2,3,4,5\n", "twice: Title"),
        (b"Title,Place,Starts,Ends\n", "nothing below"),
        (b'Title,Place,Starts,Ends\n"' + b"x" * 200_000 + b'",b,c,d\n', "Line 2 cannot be read"),
        (b"x" * (MOST_BYTES + 1), "too large"),
        (b"Title,Place,Starts,Ends\n" + b"a,b,c,d\n" * (MOST_ROWS + 1), "5,000 are the most"),
        (b"," * 1_000_000, "is empty"),
        (b"x," * 1_000_000, "200 are the most"),
    ],
)
def test_what_is_no_list_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(ListIsUnreadable, match=words):
        open_list(decode(content))


def test_columns_that_nobody_knows_are_named() -> None:
    listing = open_list("Weather," + PLAIN.replace("\nOut", "\nrain,Out"))
    assert listing.notes == ["The column “Weather” is not known and is left out."]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them() -> None:
    listing = open_list('Title,Place,Starts,Ends\n"two\nlines",b,c,d\n,,,\ne,f,g,h\n')
    assert [row for row, _ in listing.rows] == [2, 4]


def test_each_problem_names_its_column() -> None:
    columns = ("kind", "capacity", "date", "starts_at", "event_id", "mode", "closes_at")
    typed = read_row(columns, ["party", "many", "", "10:00", "x", "", "never", "more"])
    assert typed.problems == [
        ["Row", "This row has more cells than there are columns."],
        ["Event id", "This is a number, or empty."],
        ["Kind", typed.problems[2][1]],
        ["Places", "Give a number of places, or leave it empty for no limit."],
        ["Date", "The date is missing."],
        ["Sign-up closes", "“never” is no time like 10:00 or 2026-12-05 10:00."],
    ]
    assert typed.problems[2][1].startswith("“party” is none of: Action day, ")


def test_a_formula_that_an_export_disarmed_comes_back_as_it_was() -> None:
    assert read_row(("place",), ["'=1+1"]).shift == {"place": "=1+1"}
    assert read_row(("place",), ["'Allo"]).shift == {"place": "'Allo"}


def test_the_template_is_a_list_without_problems() -> None:
    header, *rows = template_rows()
    columns = tuple(name_of(title) for title in header)
    assert "" not in columns
    for row in rows:
        assert read_row(columns, row).problems == []


def test_of_a_list_that_is_too_long_no_more_is_read_than_shows_it() -> None:
    too_long = "Title,Place,Starts,Ends\n" + "a,b,c,d\n" * (MOST_ROWS * 20)
    assert len(records(too_long)) == MOST_ROWS + 2
