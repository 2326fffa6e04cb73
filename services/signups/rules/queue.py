"""The waiting list: how a place that comes free is given, to whom, and until when."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.refusals import Refusal

PLACED_AT_ONCE = timedelta(hours=48)
"""With more time left than this, the next in line is placed without being asked."""

LATE = timedelta(hours=4)
"""With less time left than this nobody is placed or asked: the quickest gets the place."""

SHARE_OF_TIME_LEFT = 4
SHORTEST_OFFER = timedelta(hours=1)
LONGEST_OFFER = timedelta(hours=12)
SHARE_HELD = 5
"""Of how many places one may be held for somebody whose address is not proven."""

QUIET_FROM, QUIET_UNTIL = time(21), time(8)
"""Local hours in which the clock of an offer stands still."""

MOST_SKIPS = 3
LONGEST_SKIPPED = timedelta(hours=24)
"""After either a party that does not fit stops the line until it does."""

NOTHING_BY_ITSELF = ("late", "by_hand", "over")
"""The modes in which a place that comes free is given to nobody by itself."""

WISH_NOTES = {
    "place": "Wants a place at once, whenever it is.",
    "ask": "Wants to be asked first.",
    "not_on_the_day": "Wants none on the day itself.",
}
"""What somebody wants who does not want what is usual, for organisers."""


class ShiftIsFull(Refusal):
    """This shift is full, and it has no waiting list."""


class OfferHasEnded(Refusal):
    """There is no place kept for you any more."""


class NoPlaceIsFree(Refusal):
    """Somebody else was quicker: no place is free at this moment."""


def mode_of(promotion: str, starts_at: datetime, *, now: datetime) -> str:
    """Return how a place that comes free is given now.

    `at_once`, `offers`, `late` (to the quickest), `by_hand`, or `over` once the shift has begun.
    """
    left = starts_at - now
    if left <= timedelta(0):
        return "over"
    if promotion != "by_time":
        return promotion
    if left < LATE:
        return "late"
    return "offers" if left <= PLACED_AT_ONCE else "at_once"


def turn_of(mode: str, wish: str) -> str:
    """Return what somebody gets whose turn it is: `placed` or `offered`."""
    if wish == "place":
        return "placed"
    return "offered" if mode == "offers" or wish == "ask" else "placed"


def stops_the_line(skips: int, skipped_since: datetime | None, *, now: datetime) -> bool:
    """Tell whether a party was passed over so often, or for so long, that places are kept back."""
    if skips >= MOST_SKIPS:
        return True
    return skipped_since is not None and skipped_since <= now - LONGEST_SKIPPED


def wants_to_hear_late(wish: str) -> bool:
    """Tell whether somebody agreed to be told of a place shortly before the start."""
    return wish in ("place", "ask")


def is_on_the_day(starts_at: datetime, zone: str, *, now: datetime) -> bool:
    """Tell whether it is the shift's own calendar day where the shift is."""
    there = ZoneInfo(zone)
    return now.astimezone(there).date() >= starts_at.astimezone(there).date()


def offer_until(starts_at: datetime, zone: str, *, now: datetime) -> datetime:
    """Return when an offer made now ends: a quarter of the time left, 1 to 12 hours.

    Its clock stands still in quiet hours, and it never goes past the start. Times are UTC.
    """
    lasts = (starts_at - now) / SHARE_OF_TIME_LEFT
    lasts = min(max(lasts, SHORTEST_OFFER), LONGEST_OFFER)
    return min(_after_waking_hours(now, lasts, ZoneInfo(zone)), starts_at)


def _after_waking_hours(now: datetime, lasts: timedelta, there: ZoneInfo) -> datetime:
    at, left = now, lasts
    while True:
        at = _end_of_quiet(at, there)
        quiet = _next_wall(at, QUIET_FROM, there)
        if at + left <= quiet:
            return at + left
        left -= quiet - at
        at = quiet


def _end_of_quiet(at: datetime, there: ZoneInfo) -> datetime:
    local = at.astimezone(there).time()
    if QUIET_UNTIL <= local < QUIET_FROM:
        return at
    return _next_wall(at, QUIET_UNTIL, there)


def _next_wall(at: datetime, wall: time, there: ZoneInfo) -> datetime:
    """Return the next instant, `at` excluded, at which clocks there show `wall`."""
    day = at.astimezone(there).date()
    while True:
        instant = datetime.combine(day, wall, there).astimezone(at.tzinfo)
        if instant > at:
            return instant
        day += timedelta(days=1)


def most_held(capacity: int) -> int:
    """Return how many places of a shift may be held at once: a fifth, and at least one."""
    return max(1, capacity // SHARE_HELD)
