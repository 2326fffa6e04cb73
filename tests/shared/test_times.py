"""Local wall time around both changes of the clocks in 2027: 28 March and 31 October."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import times

LONDON = "Europe/London"


def utc(text: str) -> datetime:
    """Return the instant of a text such as "2027-03-28 01:00" in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "wall, instant",
    [
        ("2027-03-28 00:59", "2027-03-28 00:59"),
        ("2027-03-28 02:00", "2027-03-28 01:00"),
        ("2027-03-28 10:00", "2027-03-28 09:00"),
        ("2027-10-31 00:30", "2027-10-30 23:30"),
        ("2027-10-31 02:00", "2027-10-31 02:00"),
        ("2027-10-31 10:00", "2027-10-31 10:00"),
    ],
)
def test_wall_time_is_stored_as_the_instant_it_names(wall: str, instant: str) -> None:
    assert times.to_utc(datetime.fromisoformat(wall), LONDON) == utc(instant)


def test_of_the_hour_that_comes_twice_the_first_is_meant() -> None:
    assert times.to_utc(datetime(2027, 10, 31, 1, 30), LONDON) == utc("2027-10-31 00:30")


@pytest.mark.parametrize("minute", [0, 30, 59])
def test_the_hour_that_the_clocks_leave_out_is_refused(minute: int) -> None:
    with pytest.raises(times.NoSuchHour, match="does not exist"):
        times.to_utc(datetime(2027, 3, 28, 1, minute), LONDON)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)))
def test_wall_time_comes_back_as_it_was_typed_or_is_refused(wall: datetime) -> None:
    try:
        instant = times.to_utc(wall, LONDON)
    except times.NoSuchHour:
        assert (wall.month, wall.hour) == (3, 1)
    else:
        assert times.local(instant, LONDON).replace(tzinfo=None) == wall


def test_a_span_says_weekday_hours_and_zone() -> None:
    starts = utc("2026-12-05 10:00")

    said = times.span(starts, starts + timedelta(hours=2), LONDON)

    assert said == "Saturday 5 December 2026, 10:00 to 12:00 (UK time)"


def test_a_span_over_midnight_says_both_days() -> None:
    starts = utc("2026-12-05 22:00")

    said = times.span(starts, starts + timedelta(hours=4), "America/New_York")

    assert said == "Saturday 5 December 2026, 17:00 to 21:00 (America/New_York)"
    over_midnight = times.span(starts, starts + timedelta(hours=4), LONDON)
    assert over_midnight == (
        "Saturday 5 December 2026, 22:00 to Sunday 6 December 2026, 02:00 (UK time)"
    )


def test_a_span_over_the_change_shows_what_clocks_on_walls_show() -> None:
    spring = times.span(utc("2027-03-28 00:30"), utc("2027-03-28 02:30"), LONDON)
    autumn = times.span(utc("2027-10-31 00:30"), utc("2027-10-31 02:30"), LONDON)

    assert spring == "Sunday 28 March 2027, 00:30 to 03:30 (UK time)"
    assert autumn == "Sunday 31 October 2027, 01:30 to 02:30 (UK time)"


@pytest.mark.parametrize(
    "name, known", [(LONDON, True), ("Europe/Atlantis", False), ("", False), ("../etc", False)]
)
def test_only_names_of_the_iana_database_are_zones(name: str, known: bool) -> None:
    assert times.is_zone(name) is known


@pytest.mark.parametrize(
    "length, words",
    [
        (timedelta(seconds=20), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=3, minutes=10), "3 hours"),
        (timedelta(days=2), "2 days"),
    ],
)
def test_a_length_of_time_is_said_in_its_largest_unit(length: timedelta, words: str) -> None:
    assert times.in_words(length) == words
