"""When people are reminded: by the clocks where the shift is, also when these are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.rules import hours, reminding
from services.notifications.rules.reminding import hours_of

LONDON = "Europe/London"


def on_day(days_before: int, at: str) -> dict[str, Any]:
    return {"days_before": days_before, "at": at, "minutes_before": None}


def ahead(minutes: int) -> dict[str, Any]:
    return {"days_before": None, "at": None, "minutes_before": minutes}


USUAL = (on_day(1, "18:00"), on_day(0, "08:00"))


def wall(text: str, zone: str = LONDON) -> datetime:
    """Return the moment at which clocks in `zone` show this."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def shown(rules: Any, starts: str, zone: str = LONDON) -> list[str]:
    """Return what clocks show when people are reminded of a shift that begins at `starts`."""
    found = hours_of(rules, wall(starts, zone), zone)
    return [f"{hour.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}" for hour in found]


@pytest.mark.parametrize(
    "starts, expected",
    [
        ("2027-03-27T10:00", ["Fri 26 Mar 18:00", "Sat 27 Mar 08:00"]),
        ("2027-03-28T10:00", ["Sat 27 Mar 18:00", "Sun 28 Mar 08:00"]),
        ("2027-03-29T10:00", ["Sun 28 Mar 18:00", "Mon 29 Mar 08:00"]),
        ("2027-10-30T10:00", ["Fri 29 Oct 18:00", "Sat 30 Oct 08:00"]),
        ("2027-10-31T10:00", ["Sat 30 Oct 18:00", "Sun 31 Oct 08:00"]),
        ("2027-11-01T10:00", ["Sun 31 Oct 18:00", "Mon 01 Nov 08:00"]),
    ],
)
def test_the_usual_reminders_keep_to_the_clocks_when_these_are_changed(
    starts: str, expected: list[str]
) -> None:
    assert shown(USUAL, starts) == expected


@pytest.mark.parametrize(
    "starts, apart",
    [
        ("2027-03-27T10:00", 16),
        ("2027-03-28T10:00", 15),
        ("2027-03-29T10:00", 16),
        ("2027-10-30T10:00", 16),
        ("2027-10-31T10:00", 17),
        ("2027-11-01T10:00", 16),
    ],
)
def test_from_the_evening_before_to_the_start_it_is_as_long_as_that_night_is(
    starts: str, apart: int
) -> None:
    (hour,) = hours_of([on_day(1, "18:00")], wall(starts), LONDON)
    assert wall(starts) - hour == timedelta(hours=apart)


@pytest.mark.parametrize(
    "starts, minutes, expected",
    [
        ("2027-03-28T10:00", 60, ["Sun 28 Mar 09:00"]),
        ("2027-03-28T10:00", 24 * 60, ["Sat 27 Mar 09:00"]),
        ("2027-10-31T10:00", 60, ["Sun 31 Oct 09:00"]),
        ("2027-10-31T10:00", 24 * 60, ["Sat 30 Oct 11:00"]),
        ("2027-03-29T10:00", 24 * 60, ["Sun 28 Mar 10:00"]),
    ],
)
def test_minutes_are_those_that_pass_whatever_the_clocks_do(
    starts: str, minutes: int, expected: list[str]
) -> None:
    assert shown([ahead(minutes)], starts) == expected


@pytest.mark.parametrize(
    "starts, expected",
    [
        ("2026-12-05T09:59", ["Fri 04 Dec 18:00"]),
        ("2026-12-05T10:00", ["Fri 04 Dec 18:00", "Sat 05 Dec 08:00"]),
    ],
)
def test_on_the_day_only_shifts_from_ten_on_are_reminded_of_at_eight(
    starts: str, expected: list[str]
) -> None:
    assert shown(USUAL, starts) == expected


@pytest.mark.parametrize(
    "starts, minutes, expected",
    [
        ("2026-12-05T09:00", 60, "Sat 05 Dec 08:00"),
        ("2026-12-05T09:00", 61, "Fri 04 Dec 20:30"),
        ("2026-12-05T05:00", 120, "Fri 04 Dec 20:30"),
        ("2026-12-05T22:59", 120, "Sat 05 Dec 20:59"),
        ("2026-12-05T23:00", 120, "Sat 05 Dec 20:30"),
        ("2026-12-06T00:30", 60, "Sat 05 Dec 20:30"),
        # The night in which the clocks change.
        ("2027-03-28T08:30", 60, "Sat 27 Mar 20:30"),
        ("2027-10-31T08:30", 60, "Sat 30 Oct 20:30"),
    ],
)
def test_a_reminder_that_would_come_in_the_quiet_hours_comes_before_them(
    starts: str, minutes: int, expected: str
) -> None:
    assert shown([ahead(minutes)], starts) == [expected]


def test_there_is_one_reminder_a_day_the_earliest() -> None:
    rules = [ahead(60), on_day(0, "08:00"), on_day(1, "19:00"), on_day(1, "18:00")]
    assert shown(rules, "2026-12-05T14:00") == ["Fri 04 Dec 18:00", "Sat 05 Dec 08:00"]
    # The one that gave way to the quiet hours counts as of its evening.
    assert shown([ahead(60), on_day(1, "18:00")], "2026-12-05T08:30") == ["Fri 04 Dec 18:00"]


@pytest.mark.parametrize(
    "day, at, expected",
    [
        (date(2027, 3, 28), "00:59", "2027-03-28T00:59:00+00:00"),
        (date(2027, 3, 28), "01:30", "2027-03-28T01:30:00+00:00"),
        (date(2027, 3, 28), "02:00", "2027-03-28T01:00:00+00:00"),
        (date(2027, 10, 31), "00:30", "2027-10-30T23:30:00+00:00"),
        (date(2027, 10, 31), "01:30", "2027-10-31T00:30:00+00:00"),
        (date(2027, 10, 31), "02:00", "2027-10-31T02:00:00+00:00"),
    ],
)
def test_a_time_left_out_is_an_hour_later_and_of_one_that_comes_twice_it_is_the_first(
    day: date, at: str, expected: str
) -> None:
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    found = reminding.clock_on_day(noon, LONDON, days_before=0, at=at)
    assert found.isoformat() == expected


def test_the_clocks_where_the_shift_is_decide() -> None:
    assert shown([on_day(1, "18:00")], "2027-03-14T10:00", "America/New_York") == [
        "Sat 13 Mar 18:00"
    ]
    (hour,) = hours_of([on_day(1, "18:00")], wall("2027-03-14T10:00", "America/New_York"), LONDON)
    assert hour == datetime(2027, 3, 13, 18, tzinfo=UTC)


RULES = st.lists(
    st.one_of(
        st.builds(
            on_day,
            st.integers(0, 14),
            st.times(time(8), time(20, 30)).map(lambda at: f"{at:%H:%M}"),
        ),
        st.builds(ahead, st.integers(15, 4320)),
    ),
    max_size=3,
)
ZONES = st.sampled_from([LONDON, "America/New_York", "Pacific/Chatham", "Asia/Kathmandu"])
STARTS = st.datetimes(datetime(2027, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(rules=RULES, starts_at=STARTS, zone=ZONES)
def test_whatever_the_rules_nobody_is_woken_or_reminded_twice_a_day_or_too_late(
    rules: list[dict[str, Any]], starts_at: datetime, zone: str
) -> None:
    found = hours_of(rules, starts_at, zone)
    days = [hour.astimezone(ZoneInfo(zone)).date() for hour in found]
    assert len(set(days)) == len(days)
    assert list(found) == sorted(found)
    assert not any(hours.is_quiet(hour, zone) for hour in found)
    assert all(hour < starts_at for hour in found)
    assert all(reminding.hour_of(reminding.number_of(h)) == h.replace(microsecond=0) for h in found)
    assert len(found) <= len(rules)


@pytest.mark.parametrize(
    "minutes_late, expected",
    [(0, ""), (90, ""), (91, reminding.MISSED), (16 * 60, reminding.BEGUN)],
)
def test_a_reminder_is_missed_after_ninety_minutes(minutes_late: int, expected: str) -> None:
    hour = wall("2026-12-04T18:00")
    now = hour + timedelta(minutes=minutes_late)
    assert reminding.why_missed(hour, wall("2026-12-05T10:00"), now=now) == expected


def test_nobody_is_reminded_of_what_has_begun() -> None:
    starts = wall("2026-12-05T10:00")
    hour = starts - timedelta(minutes=30)
    assert reminding.why_missed(hour, starts, now=starts) == reminding.BEGUN
    assert reminding.why_missed(hour, starts, now=starts - timedelta(seconds=1)) == ""


@pytest.mark.parametrize(
    "now, expected",
    [
        ("2027-03-28T00:30", "today"),
        ("2027-03-27T23:59", "tomorrow"),
        ("2027-03-27T00:00", "tomorrow"),
        ("2027-03-26T23:59", ""),
    ],
)
def test_today_and_tomorrow_are_days_of_the_calendar(now: str, expected: str) -> None:
    assert reminding.soon(wall("2027-03-28T10:00"), LONDON, now=wall(now)) == expected


@pytest.mark.parametrize(
    "moment, quiet, morning, evening",
    [
        ("2026-12-04T20:59", False, "", ""),
        ("2026-12-04T21:00", True, "2026-12-05T08:00", "2026-12-04T20:30"),
        ("2026-12-05T00:00", True, "2026-12-05T08:00", "2026-12-04T20:30"),
        ("2026-12-05T07:59", True, "2026-12-05T08:00", "2026-12-04T20:30"),
        ("2026-12-05T08:00", False, "", ""),
        ("2027-03-28T00:59", True, "2027-03-28T08:00", "2027-03-27T20:30"),
        ("2027-10-31T01:30", True, "2027-10-31T08:00", "2027-10-30T20:30"),
    ],
)
def test_it_is_quiet_from_nine_in_the_evening_to_eight(
    moment: str, quiet: bool, morning: str, evening: str
) -> None:
    assert hours.is_quiet(wall(moment), LONDON) is quiet
    if quiet:
        assert hours.quiet_morning(wall(moment), LONDON) == wall(morning)
        assert hours.quiet_evening(wall(moment), LONDON) == wall(evening)
