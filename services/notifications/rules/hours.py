"""When a notice is due, when it is tried again, and when it is given up."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LEASE = timedelta(minutes=2)
"""How long a claimed notice belongs to its sender."""

UNCERTAIN_WAIT = timedelta(minutes=10)
"""How long after an answer that never came a notice is sent once more."""

CHANNEL_PAUSE = timedelta(minutes=5)
"""How long nothing is tried after the mail server refused our name or password."""

SHORTEST_BREAK = timedelta(seconds=2)
LONGEST_BREAK = timedelta(minutes=5)
"""How long nothing is tried after the mail server could not be reached: at first, and at most."""

RETRY_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
)
GIVE_UP_AFTER = timedelta(hours=48)

QUIET_FROM, QUIET_UNTIL = time(21, 0), time(8, 0)
"""Between them, as clocks at the shift show, nothing is sent that can wait."""

EVENING = time(20, 30)
"""When something goes out that would come in the quiet hours and cannot wait for their end."""

CANNOT_WAIT = timedelta(hours=24)
"""What others did to a shift that begins sooner is told at night too."""

SHORT_REST = timedelta(minutes=2)
"""How long edits of such a shift are given to come to rest, rather than CHANGE_NOTICE_WAIT."""

UK = "Europe/London"
DAILY_AT = time(8, 0)
DAILY_ZONE = ZoneInfo(UK)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after `attempts` failures, or None once 48 hours went by so.

    The waits grow from a minute to four hours and stay there.
    """
    waited = sum((_wait(attempt) for attempt in range(1, attempts + 1)), timedelta())
    return now + _wait(attempts) if waited <= GIVE_UP_AFTER else None


def _wait(attempt: int) -> timedelta:
    return RETRY_DELAYS[min(max(attempt, 1), len(RETRY_DELAYS)) - 1]


def break_after(failures: int) -> timedelta:
    """Return how long a server that could not be reached so often in a row is left in peace."""
    doubled: int = 2 ** min(failures - 1, 10)
    return min(SHORTEST_BREAK * doubled, LONGEST_BREAK)


def next_daily(now: datetime) -> datetime:
    """Return the next eight o'clock in the morning, UK time, as an aware datetime.

    In the last minute before eight it is tomorrow's: today's list may be on its way already.
    """
    local = (now + timedelta(minutes=1)).astimezone(DAILY_ZONE)
    day = local.date() if local.time() < DAILY_AT else local.date() + timedelta(days=1)
    return datetime.combine(day, DAILY_AT, tzinfo=DAILY_ZONE)


def uk_midnight(day: date) -> datetime:
    """Return the instant at which a day begins in the UK, aware."""
    return datetime.combine(day, time(), tzinfo=DAILY_ZONE)


def uk_day_number(moment: datetime) -> int:
    """Return the UK date of `moment` as a number like 20261205."""
    local = moment.astimezone(DAILY_ZONE)
    return local.year * 10_000 + local.month * 100 + local.day


def is_quiet(moment: datetime, zone: str) -> bool:
    """Tell whether clocks in `zone` show one of the quiet hours."""
    clock = moment.astimezone(ZoneInfo(zone)).time()
    return clock >= QUIET_FROM or clock < QUIET_UNTIL


def quiet_evening(moment: datetime, zone: str) -> datetime:
    """Return the last time before the quiet hours, which `moment` is in, to send something: UTC."""
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() >= QUIET_FROM else local.date() - timedelta(days=1)
    return datetime.combine(day, EVENING, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def quiet_morning(moment: datetime, zone: str) -> datetime:
    """Return when the quiet hours that `moment` is in are over: UTC."""
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(day, QUIET_UNTIL, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def begins_soon(starts_at: datetime, now: datetime) -> bool:
    """Tell whether a shift begins so soon that what others did to it is told at night, too."""
    return starts_at - now < CANNOT_WAIT


def wait_for_morning(moment: datetime, zone: str) -> datetime:
    """Return `moment`, or when the quiet hours that it is in are over."""
    return quiet_morning(moment, zone) if is_quiet(moment, zone) else moment
