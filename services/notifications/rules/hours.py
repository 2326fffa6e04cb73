"""When a notice is due, when it is tried again, and when it is given up."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

LEASE = timedelta(minutes=2)
"""How long a claimed notice belongs to its sender."""

UNCERTAIN_WAIT = timedelta(minutes=10)
"""How long after an answer that never came a notice is sent once more."""

CHANNEL_PAUSE = timedelta(minutes=5)
"""How long nothing is tried after the mail server refused our name or password."""

RETRY_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
)
GIVE_UP_AFTER = timedelta(hours=48)

DAILY_AT = time(8, 0)
DAILY_ZONE = ZoneInfo("Europe/London")


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after `attempts` failures, or None once 48 hours went by so.

    The waits grow from a minute to four hours and stay there.
    """
    waited = sum((_wait(attempt) for attempt in range(1, attempts + 1)), timedelta())
    return now + _wait(attempts) if waited <= GIVE_UP_AFTER else None


def _wait(attempt: int) -> timedelta:
    return RETRY_DELAYS[min(max(attempt, 1), len(RETRY_DELAYS)) - 1]


def next_daily(now: datetime) -> datetime:
    """Return the next eight o'clock in the morning, UK time, as an aware datetime.

    In the last minute before eight it is tomorrow's: today's list may be on its way already.
    """
    local = (now + timedelta(minutes=1)).astimezone(DAILY_ZONE)
    day = local.date() if local.time() < DAILY_AT else local.date() + timedelta(days=1)
    return datetime.combine(day, DAILY_AT, tzinfo=DAILY_ZONE)


def uk_day_number(moment: datetime) -> int:
    """Return the UK date of `moment` as a number like 20261205."""
    local = moment.astimezone(DAILY_ZONE)
    return local.year * 10_000 + local.month * 100 + local.day
