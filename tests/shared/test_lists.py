"""Lists as CSV: read by a spreadsheet as they were written, and never run by it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest

from shared.downloads import csv_answer
from shared.lists import disarmed, write_csv


@pytest.mark.parametrize(
    "cell", ["=1+1", "+44", "-2", "@SUM(A1)", "\tx", "\r=1", '=HYPERLINK("x")']
)
def test_what_a_spreadsheet_may_run_is_disarmed(cell: str) -> None:
    assert disarmed(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell, text",
    [
        (None, ""),
        (-2, "-2"),
        (True, "yes"),
        (date(2026, 12, 5), "2026-12-05"),
        (datetime(2026, 12, 5, 10, tzinfo=UTC), "2026-12-05T10:00:00+00:00"),
        ("a = b", "a = b"),
        ("Ynys Môn", "Ynys Môn"),
    ],
)
def test_other_cells_stay_as_they_are(cell: object, text: str) -> None:
    assert disarmed(cell) == text


def test_a_header_that_somebody_typed_is_disarmed_too() -> None:
    assert write_csv(["id", "=1+1"], []) == "id,'=1+1\r\n"


def test_commas_quotes_and_lines_survive() -> None:
    row = ["a,b", 'say "hi"', "two\nlines"]
    assert list(csv.reader(io.StringIO(write_csv(["x", "y", "z"], [row])))) == [
        ["x", "y", "z"],
        row,
    ]


def test_a_download_has_a_name_that_is_safe() -> None:
    answer = csv_answer('Events of "Fosse"; /etc', ["id"], [[1]])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="events-of-fosse-etc.csv"'
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.get_data(as_text=True) == "id\r\n1\r\n"
