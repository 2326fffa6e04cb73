"""Local wall time: stored as UTC and an IANA zone, shown with weekday and zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from shared.refusals import Refusal

ZONE_WORDS = {"Europe/London": "UK time"}


class NoSuchHour(Refusal):
    """The clocks go forward then: this hour does not exist on that day."""


def is_zone(name: str) -> bool:
    """Tell whether `name` is a time zone of the IANA database."""
    return name in _zones()


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def to_utc(wall: datetime, zone: str) -> datetime:
    """Return the instant of a naive wall time in `zone`; of an hour that comes twice, the first.

    Raises NoSuchHour for an hour that the change to summer time leaves out.
    """
    instant = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        raise NoSuchHour
    return instant


def local(instant: datetime, zone: str) -> datetime:
    """Return the wall time of `instant` in `zone`, aware."""
    return instant.astimezone(ZoneInfo(zone))


def day(instant: datetime, zone: str) -> str:
    """Return the day as in "Saturday 5 December 2026"."""
    wall = local(instant, zone)
    return f"{wall:%A} {wall.day} {wall:%B %Y}"


def clock(instant: datetime, zone: str) -> str:
    """Return the time of day as in "10:00"."""
    return f"{local(instant, zone):%H:%M}"


def span(starts: datetime, ends: datetime, zone: str) -> str:
    """Return a stretch of time as in "Saturday 5 December 2026, 10:00 to 12:00 (UK time)"."""
    same_day = local(starts, zone).date() == local(ends, zone).date()
    until = clock(ends, zone) if same_day else f"{day(ends, zone)}, {clock(ends, zone)}"
    return f"{day(starts, zone)}, {clock(starts, zone)} to {until} ({ZONE_WORDS.get(zone, zone)})"


def in_words(length: timedelta) -> str:
    """Return a length of time in its largest unit, as in "3 hours"."""
    seconds = int(length.total_seconds())
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = round(seconds / size)
            return f"{number} {word}{'s' if number != 1 else ''}"
    return "less than a minute"
