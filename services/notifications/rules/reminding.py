"""When those who have a place are reminded of it, and when it is too late for that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .hours import is_quiet, quiet_evening

NEEDS_AHEAD = timedelta(hours=2)
"""A reminder on a day is left out when the shift begins sooner than this after it."""

JOINED_LATE = timedelta(hours=6)
"""Who got their place less than this before a reminder needs none: that mail said it all."""

TOO_LATE = timedelta(minutes=90)
"""A reminder that could not go out for longer than this is missed."""

LATE_JOINER = "They got their place too late for it; the mail about the place said it all."
MISSED = "Its hour was more than 90 minutes ago."
BEGUN = "The shift had begun before this could be sent."
NO_LONGER = "The shift was moved, or reminds at other hours now."
TOLD_TOGETHER = "Said in the same mail."


def hours_of(
    rules: Iterable[Mapping[str, Any]], starts_at: datetime, zone: str
) -> tuple[datetime, ...]:
    """Return when a shift that begins at `starts_at` is reminded of: UTC, ascending.

    A rule has `days_before` with `at` as clocks in `zone` show it, or `minutes_before`. There is
    one reminder a day at most, the earliest; none comes in the quiet hours.
    """
    by_day: dict[Any, datetime] = {}
    for hour in sorted(_each_hour(rules, starts_at, zone)):
        by_day.setdefault(hour.astimezone(ZoneInfo(zone)).date(), hour)
    return tuple(by_day.values())


def _each_hour(
    rules: Iterable[Mapping[str, Any]], starts_at: datetime, zone: str
) -> Iterator[datetime]:
    for rule in rules:
        if rule["minutes_before"] is not None:
            hour = starts_at - timedelta(minutes=rule["minutes_before"])
            yield quiet_evening(hour, zone) if is_quiet(hour, zone) else hour
            continue
        hour = clock_on_day(starts_at, zone, days_before=rule["days_before"], at=rule["at"])
        if hour + NEEDS_AHEAD <= starts_at:
            yield hour


def clock_on_day(starts_at: datetime, zone: str, *, days_before: int, at: str) -> datetime:
    """Return when clocks in `zone` show `at`, so many days of the calendar before a start.

    A time that the clocks leave out is an hour later, of one that comes twice it is the first.

    >>> start = datetime(2027, 3, 29, 9, tzinfo=UTC)
    >>> clock_on_day(start, "Europe/London", days_before=1, at="18:00").isoformat()
    '2027-03-28T17:00:00+00:00'
    """
    day = starts_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=days_before)
    wall = datetime.combine(day, time.fromisoformat(at), tzinfo=ZoneInfo(zone))
    return wall.astimezone(UTC)


def number_of(hour: datetime) -> int:
    """Return the number by which a reminder is known among those of its sign-up: Unix seconds."""
    return int(hour.timestamp())


def hour_of(number: int) -> datetime:
    """Return the hour of a reminder with this number."""
    return datetime.fromtimestamp(number, UTC)


def why_missed(hour: datetime, starts_at: datetime, *, now: datetime) -> str:
    """Say why a reminder of `hour` comes too late; empty while it does not."""
    if now >= starts_at:
        return BEGUN
    return MISSED if now > hour + TOO_LATE else ""


def soon(starts_at: datetime, zone: str, *, now: datetime) -> str:
    """Return `today` or `tomorrow` when a shift is then, as calendars there have it, or nothing."""
    here = ZoneInfo(zone)
    days = starts_at.astimezone(here).date() - now.astimezone(here).date()
    return {0: "today", 1: "tomorrow"}.get(days.days, "")
