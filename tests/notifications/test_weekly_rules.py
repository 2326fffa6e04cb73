"""When the schedule mail leaves: the same hour on the clock, every week of the year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.rules import weekly

LONDON = ZoneInfo("Europe/London")
INSTANTS = st.datetimes(datetime(2026, 11, 1), datetime(2028, 1, 31), timezones=st.just(UTC))


@given(st.integers(0, 6), st.sampled_from(weekly.HOURS), INSTANTS)
def test_it_is_the_first_such_hour_on_the_clock(weekday: int, hour: int, after: datetime) -> None:
    due = weekly.next_due(weekday, hour, after=after)

    local = due.astimezone(LONDON)
    assert (local.weekday(), local.hour, local.minute) == (weekday, hour, 0)
    assert due > after
    # At the changes a week has an hour more or less.
    assert due - after <= timedelta(days=7, hours=1)


@pytest.mark.parametrize(
    "before,after",
    [
        (datetime(2027, 3, 25, 17), datetime(2027, 4, 1, 17)),
        (datetime(2027, 3, 21, 8), datetime(2027, 3, 28, 8)),
        (datetime(2027, 10, 28, 17), datetime(2027, 11, 4, 17)),
        (datetime(2027, 10, 24, 20), datetime(2027, 10, 31, 20)),
    ],
    ids=["over the spring change", "on its day", "over the autumn change", "on its day, too"],
)
def test_the_clocks_change_and_the_hour_stays(before: datetime, after: datetime) -> None:
    last = before.replace(tzinfo=LONDON).astimezone(UTC)

    due = weekly.next_due(before.weekday(), before.hour, after=last)

    assert due.astimezone(LONDON).replace(tzinfo=None) == after


def test_an_hour_that_has_just_begun_is_over() -> None:
    thursday = datetime(2026, 12, 3, 17, tzinfo=UTC)

    assert weekly.next_due(3, 17, after=thursday) == thursday + timedelta(days=7)
    assert weekly.next_due(3, 17, after=thursday - timedelta(seconds=1)) == thursday
