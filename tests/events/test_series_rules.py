"""Which days a series takes place on, when its shifts are then, and the words for it: no I/O."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events import rules
from services.events.rules import series
from services.events.rules.series_rule import (
    WEEKDAYS,
    Rule,
    RuleCountsWeekdaysWrongly,
    RuleEndsTwice,
    RuleIsNotForDays,
    RuleIsNotUnderstood,
    days_of,
    fill_in,
    first_day_from,
    read_rule,
)
from shared import times

TUESDAY = date(2026, 12, 8)
LONDON = "Europe/London"
ZONES = (LONDON, "UTC", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Cairo")


def days(text: str, first: date = TUESDAY, *, most: int = 4) -> list[str]:
    return [f"{day:%a} {day:%d.%m.%y}" for day in islice(days_of(read_rule(text), first), most)]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    "rule,named",
    [
        ("FREQ=WEEKLY", ["Tue 08.12.26", "Tue 15.12.26", "Tue 22.12.26", "Tue 29.12.26"]),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
            ["Tue 08.12.26", "Thu 10.12.26", "Tue 22.12.26", "Thu 24.12.26"],
        ),
        (
            "FREQ=MONTHLY;BYDAY=2TU",
            ["Tue 08.12.26", "Tue 12.01.27", "Tue 09.02.27", "Tue 09.03.27"],
        ),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", ["Fri 25.12.26", "Fri 29.01.27"]),
        ("FREQ=MONTHLY;BYMONTHDAY=8;UNTIL=20270108", ["Tue 08.12.26", "Fri 08.01.27"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["Thu 31.12.26", "Sun 31.01.27", "Wed 31.03.27"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["Thu 31.12.26", "Sun 31.01.27", "Sun 28.02.27"]),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2", ["Tue 08.12.26", "Tue 12.01.27"]),
        ("FREQ=DAILY;INTERVAL=3;COUNT=2", ["Tue 08.12.26", "Fri 11.12.26"]),
        ("FREQ=YEARLY", ["Tue 08.12.26", "Wed 08.12.27"]),
    ],
)
def test_a_rule_names_the_days_that_its_standard_says(rule: str, named: list[str]) -> None:
    assert days(rule, most=len(named)) == named


@pytest.mark.parametrize(
    "typed,stored",
    [
        ("RRULE:FREQ=WEEKLY;BYDAY=TH,TU", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("freq=monthly; byday=+2tu; interval=1", "FREQ=MONTHLY;BYDAY=2TU"),
        ("COUNT=3;WKST=SU;FREQ=DAILY;", "FREQ=DAILY;WKST=SU;COUNT=3"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1,1;UNTIL=20271231",
            "FREQ=MONTHLY;BYMONTHDAY=1,-1;UNTIL=20271231",
        ),
    ],
)
def test_a_rule_is_stored_in_one_way(typed: str, stored: str) -> None:
    assert str(read_rule(typed)) == stored
    assert read_rule(stored) == read_rule(typed)


@pytest.mark.parametrize(
    "typed,refusal",
    [
        ("", RuleIsNotUnderstood),
        ("every Tuesday", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;;BYDAY=TU", RuleIsNotUnderstood),
        ("BYDAY=TU", RuleIsNotUnderstood),
        ("FREQ=HOURLY", RuleIsNotForDays),
        ("FREQ=MINUTELY;INTERVAL=5", RuleIsNotForDays),
        ("FREQ=SECONDLY", RuleIsNotForDays),
        ("FREQ=SOMETIMES", RuleIsNotForDays),
        ("FREQ=DAILY;BYHOUR=9,10", RuleIsNotForDays),
        ("FREQ=DAILY;BYMINUTE=1", RuleIsNotForDays),
        ("FREQ=WEEKLY;FREQ=DAILY", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20270101", RuleEndsTwice),
        ("FREQ=WEEKLY;COUNT=0", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;COUNT=1001", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;INTERVAL=0", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;INTERVAL=99999", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;UNTIL=20270101T000000Z", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;UNTIL=20270230", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;UNTIL=99990101", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;BYDAY=2TU", RuleCountsWeekdaysWrongly),
        ("FREQ=MONTHLY;BYDAY=6TU", RuleCountsWeekdaysWrongly),
        ("FREQ=WEEKLY;BYDAY=TU,TU", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;BYDAY=DI", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;BYMONTHDAY=3", RuleIsNotUnderstood),
        ("FREQ=MONTHLY;BYMONTHDAY=32", RuleIsNotUnderstood),
        ("FREQ=MONTHLY;BYSETPOS=1", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;BYDAY=MO,TU;BYSETPOS=2", RuleIsNotUnderstood),
        ("FREQ=YEARLY;BYEASTER=0", RuleIsNotUnderstood),
        ("FREQ=YEARLY;BYWEEKNO=20", RuleIsNotUnderstood),
        ("FREQ=WEEKLY;WKST=XX", RuleIsNotUnderstood),
    ],
)
def test_what_is_not_a_rule_for_days_is_refused(typed: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read_rule(typed)


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=7",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
    ],
)
def test_a_rule_without_any_day_is_refused_soon(rule: str) -> None:
    with pytest.raises(series.RuleLeavesOutTheFirstDay):
        series.check_days(read_rule(rule), TUESDAY)


counted = st.tuples(st.sampled_from((0, 1, 2, 3, 4, 5, -1, -2)), st.sampled_from(WEEKDAYS))


@st.composite
def made_rules(draw: st.DrawFn) -> Rule:
    """Draw any rule that `read_rule` lets through."""
    frequency = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")))
    named = draw(st.lists(counted, max_size=3, unique=True))
    if frequency != "MONTHLY":
        named = list({(0, day) for _, day in named})
    some_days = st.lists(st.integers(-31, 31).filter(bool), max_size=3, unique=True)
    month_days = [] if frequency == "WEEKLY" else draw(some_days)
    months = draw(st.lists(st.integers(1, 12), max_size=3, unique=True))
    chosen = named or month_days or months
    positions = st.lists(st.integers(-3, 3).filter(bool), max_size=2, unique=True)
    made = Rule(
        frequency=frequency,
        interval=draw(st.integers(1, 5)),
        weekdays=tuple(named),
        month_days=tuple(month_days),
        months=tuple(months),
        positions=tuple(draw(positions)) if frequency[0] in "MY" and chosen else (),
        count=draw(st.none() | st.integers(1, 30)),
        week_start=draw(st.sampled_from(WEEKDAYS)),
    )
    if made.count is None and draw(st.booleans()):
        until = draw(st.dates(date(2026, 1, 1), date(2030, 1, 1)))
        return read_rule(f"{made};UNTIL={until:%Y%m%d}")
    return read_rule(str(made))


first_days = st.dates(date(2026, 1, 1), date(2029, 12, 31))


@given(made_rules(), first_days)
def test_no_rule_names_a_day_twice_or_goes_back(rule: Rule, first: date) -> None:
    named = list(islice(days_of(rule, first), 60))
    assert all(before < after for before, after in pairwise([first - timedelta(1), *named]))
    assert rule.count is None or len(named) <= rule.count
    assert rule.until is None or all(day <= rule.until for day in named)


@given(made_rules(), first_days)
def test_what_a_rule_leaves_to_its_first_day_can_be_written_out(rule: Rule, first: date) -> None:
    filled = fill_in(rule, first)
    assert list(islice(days_of(filled, first), 20)) == list(islice(days_of(rule, first), 20))
    assert read_rule(str(filled)) == filled
    assert series.describe_rule(filled)


@given(made_rules(), first_days)
def test_a_rule_begins_with_the_first_day_that_it_was_given(rule: Rule, first: date) -> None:
    found = first_day_from(rule, first)
    if found is not None:
        assert found >= first
        assert next(days_of(rule, found)) == found


@given(made_rules(), first_days, st.integers(0, 900))
def test_the_window_holds_eight_weeks_and_two_days_at_least(
    rule: Rule, first: date, later: int
) -> None:
    today = first + timedelta(days=later)
    coming = series.coming_days(rule, first, today)
    named = [day for day in islice(days_of(rule, first), 2000) if day >= today]
    assert coming == named[: len(coming)]
    assert all(day in coming for day in named if today <= day <= today + series.AHEAD)
    assert len(coming) >= min(2, len([d for d in named if d <= today + series.FURTHEST]))


@given(made_rules(), first_days, st.integers(0, 40))
def test_a_window_that_rolls_on_never_takes_a_day_back(rule: Rule, first: date, later: int) -> None:
    now = series.coming_days(rule, first, first)
    soon = first + timedelta(days=later)
    assert [day for day in now if day >= soon] == [
        day for day in series.coming_days(rule, first, soon) if day <= (now or [first])[-1]
    ]


# Clocks: what they show stays, whatever day the shift is on.

walls = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(
    lambda wall: wall.replace(second=0, microsecond=0)
)


@given(walls, st.integers(1, 600), st.integers(0, 900), st.sampled_from(ZONES), st.integers(0, 800))
def test_the_clock_shows_the_same_on_every_day(
    wall: datetime, minutes: int, closing: int, zone: str, later: int
) -> None:
    starts_at, _ = series.existing(wall, zone)
    before = rules.Times(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        closes_at=starts_at - timedelta(minutes=closing),
    )
    moved = series.moved_times(before, zone, later)
    assert moved.times.ends_at > moved.times.starts_at >= moved.times.closes_at
    for old, new in (
        (before.starts_at, moved.times.starts_at),
        (before.ends_at, moved.times.ends_at),
    ):
        wanted = times.local(old, zone).replace(tzinfo=None, fold=0) + timedelta(days=later)
        shown = times.local(new, zone).replace(tzinfo=None, fold=0)
        assert shown == wanted or moved.adjusted


def test_hours_are_kept_over_both_changes_of_the_clocks() -> None:
    december = rules.Times(
        starts_at=utc(2026, 12, 6, 10), ends_at=utc(2026, 12, 6, 12), closes_at=utc(2026, 12, 5, 18)
    )
    sunday = date(2026, 12, 6)
    march = series.moved_times(december, LONDON, (date(2027, 3, 28) - sunday).days)
    october = series.moved_times(december, LONDON, (date(2027, 10, 31) - sunday).days)
    assert vars(march.times) == {
        "starts_at": utc(2027, 3, 28, 9),
        "ends_at": utc(2027, 3, 28, 11),
        # It closes on the day before, when the clocks have not changed yet.
        "closes_at": utc(2027, 3, 27, 18),
    }
    assert vars(october.times) == {
        "starts_at": utc(2027, 10, 31, 10),
        "ends_at": utc(2027, 10, 31, 12),
        "closes_at": utc(2027, 10, 30, 17),
    }
    assert not march.adjusted
    assert not october.adjusted


@pytest.mark.parametrize(
    "starts,ends,shown",
    [
        ((0, 30), (1, 30), (utc(2027, 3, 28, 0, 30), utc(2027, 3, 28, 1, 0))),
        ((1, 30), (3, 0), (utc(2027, 3, 28, 1, 0), utc(2027, 3, 28, 2, 0))),
        ((1, 15), (1, 45), (utc(2027, 3, 28, 1, 0), utc(2027, 3, 28, 1, 30))),
    ],
)
def test_an_hour_that_is_left_out_becomes_the_next_minute_that_exists(
    starts: tuple[int, int], ends: tuple[int, int], shown: tuple[datetime, datetime]
) -> None:
    before = rules.Times(
        starts_at=utc(2027, 3, 21, *starts),
        ends_at=utc(2027, 3, 21, *ends),
        closes_at=utc(2027, 3, 21, *starts),
    )
    moved = series.moved_times(before, LONDON, 7)
    assert (moved.times.starts_at, moved.times.ends_at) == shown
    assert moved.adjusted


def test_of_an_hour_that_comes_twice_the_first_is_taken() -> None:
    assert series.existing(datetime(2027, 10, 31, 1, 30), LONDON) == (
        utc(2027, 10, 31, 0, 30),
        False,
    )
    second = datetime(2027, 10, 31, 1, 30, fold=1, tzinfo=ZoneInfo(LONDON)).astimezone(UTC)
    twenty_minutes = rules.Times(
        starts_at=second - timedelta(minutes=20), ends_at=second, closes_at=second - timedelta(1)
    )
    moved = series.moved_times(twenty_minutes, LONDON, 7).times
    assert (moved.starts_at, moved.ends_at) == (utc(2027, 11, 7, 1, 10), utc(2027, 11, 7, 1, 30))


# Words.


@pytest.mark.parametrize(
    "rule,words",
    [
        ("FREQ=WEEKLY;BYDAY=TU", "every Tuesday"),
        ("FREQ=WEEKLY;BYDAY=TH,TU,SA", "every Tuesday, Thursday and Saturday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "every two weeks on Tuesday"),
        ("FREQ=WEEKLY;INTERVAL=12;BYDAY=TU", "every 12 weeks on Tuesday"),
        ("FREQ=MONTHLY;BYDAY=2TU", "every second Tuesday of the month"),
        ("FREQ=MONTHLY;BYDAY=2TU,4TU", "every second and fourth Tuesday of the month"),
        ("FREQ=MONTHLY;BYDAY=1MO,-1FR", "every first Monday and last Friday of the month"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2", "every second Tuesday of the month"),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1SU",
            "every three months on the last Sunday of the month",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=8", "on the 8th of every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,22,13", "on the 1st, the 13th and the 22nd of every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "on the last day of every month"),
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=3", "every two months on the 3rd"),
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=4", "every three days, four times"),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=8", "every year on 8 December"),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630", "every Tuesday, until 30 June 2027"),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=10", "every second Tuesday of the month, ten times"),
        ("FREQ=YEARLY;BYDAY=MO;BYMONTH=5", "by the rule FREQ=YEARLY;BYMONTH=5;BYDAY=MO"),
        ("FREQ=MONTHLY;BYDAY=TU", "by the rule FREQ=MONTHLY;BYDAY=TU"),
    ],
)
def test_a_rule_is_said_in_words(rule: str, words: str) -> None:
    assert series.describe_rule(read_rule(rule)) == words


def test_days_are_said_with_the_year_in_which_a_new_one_begins() -> None:
    named = list(islice(days_of(read_rule("FREQ=MONTHLY;BYDAY=2TU"), TUESDAY), 3))
    assert series.describe_days(named, more=True) == "8 December, 12 January 2027, 9 February, …"
    assert series.describe_days(named[:1], more=False) == "8 December"


@pytest.mark.parametrize(
    "rule,refusal",
    [
        ("FREQ=WEEKLY;BYDAY=WE", series.RuleLeavesOutTheFirstDay),
        ("FREQ=MONTHLY;BYDAY=3TU", series.RuleLeavesOutTheFirstDay),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261201", series.RuleLeavesOutTheFirstDay),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=1", series.RuleNamesNoDay),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261210", series.RuleNamesNoDay),
        ("FREQ=YEARLY;INTERVAL=4", series.RuleNamesNoDay),
    ],
)
def test_a_series_begins_with_its_event_and_has_a_second(
    rule: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        series.check_days(read_rule(rule), TUESDAY)


def test_what_a_new_rule_leaves_out_is_named() -> None:
    tuesdays = [TUESDAY + timedelta(weeks=week) for week in range(4)]
    every_second = read_rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")
    assert series.misfits(tuesdays, every_second, TUESDAY) == [tuesdays[1], tuesdays[3]]
    assert series.misfits([], every_second, TUESDAY) == []
