"""On which day and at what hour the schedule mail leaves: wall-clock time in the UK."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from .hours import DAILY_ZONE

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS = tuple(range(8, 21))
"""Outside the quiet hours; one that the clocks skip is not among them."""

USUAL_DAY = WEEKDAYS.index("Thursday")
USUAL_HOUR = 17
MOST_PAUSED = 12
"""Weeks for which somebody may have a rest from it."""

A_WEEK = timedelta(days=7)


def next_due(weekday: int, hour: int, *, after: datetime) -> datetime:
    """Return the next such hour on such a day after an instant, as an aware datetime.

    It is the same hour on the clock in summer and in winter.
    """
    local = after.astimezone(DAILY_ZONE)
    day = local.date() + timedelta(days=(weekday - local.weekday()) % 7)
    due = datetime.combine(day, time(hour), tzinfo=DAILY_ZONE)
    # Added to the date, and not to the instant: a week has an hour more or less at the changes.
    return due if due > after else due + A_WEEK
