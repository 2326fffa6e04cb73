"""Which days of a series become events, when their shifts are, and what may be done to a series."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from shared.refusals import Refusal

from .series_rule import (
    Rule,
    days_of,
    fill_in,
    first_day_from,
    read_rule,
)
from .series_words import WEEKDAY_NAMES, describe_days, describe_rule, long_day
from .shifts import Times

__all__ = [
    "AHEAD",
    "SCOPES",
    "WEEKDAY_NAMES",
    "Rule",
    "check_days",
    "coming_days",
    "days_of",
    "describe_days",
    "describe_rule",
    "fill_in",
    "first_day_from",
    "long_day",
    "misfits",
    "moved_times",
    "read_rule",
]

AHEAD = timedelta(weeks=8)
FEWEST = 2
FURTHEST = timedelta(days=2 * 366)
"""How far ahead events are made, how many at least, and beyond which day not even those."""

SCOPES = {
    "this": "Only this one",
    "later": "This and all later ones that were not changed by themselves",
    "all": "All coming ones that were not changed by themselves",
}
"""What a change of one event of a series may concern."""


class EventRepeatsAlready(Refusal):
    """This event repeats already."""


class EventHasNoShifts(Refusal):
    """This event cannot repeat yet: it has no shift."""


class RuleLeavesOutTheFirstDay(Refusal):
    """The rule must name the day of this event."""


class RuleNamesNoDay(Refusal):
    """This rule names no day within the next two years."""


class NewRuleBeginsTooLate(Refusal):
    """The new rule must begin today or within the next eight weeks."""


class SeriesHasEnded(Refusal):
    """This series has ended; events that were made are changed one by one."""


class SeriesGoesOn(Refusal):
    """This series has not ended."""


class SeriesEventsWereCancelled(Refusal):
    """This series ended together with its events, which nothing undoes: begin a new one."""


@dataclass(frozen=True, kw_only=True)
class MovedTimes:
    """When a shift is on another day; `adjusted` when an hour did not exist there."""

    times: Times
    adjusted: bool


@dataclass(frozen=True, kw_only=True)
class Walls:
    """When a shift is by the clocks of its zone, and how long it really lasts."""

    starts_at: datetime
    ends_at: datetime
    closes_at: datetime
    length: timedelta


def check_days(rule: Rule, first: date) -> None:
    """Refuse a rule that does not begin with `first`, or names no other day for a long time."""
    begun = list(islice(days_of(rule, first), 2))
    if first not in begun:
        words = long_day(first)
        raise RuleLeavesOutTheFirstDay(f"The rule must name the day of this event: {words}.")
    if len(begun) < 2 or begun[1] > first + FURTHEST:
        raise RuleNamesNoDay("Besides its first day this rule names none within two years.")


def coming_days(rule: Rule, first: date, today: date) -> list[date]:
    """Return the days from today on for which there should be events: eight weeks, two at least."""
    coming: list[date] = []
    for day in days_of(rule, first):
        if day > today + FURTHEST or (day > today + AHEAD and len(coming) >= FEWEST):
            break
        if day >= today:
            coming.append(day)
    return coming


def moved_times(before: Times, zone: str, days: int) -> MovedTimes:
    """Return a shift's times so many days later, at the same hours of the clocks in its zone."""
    walls = Walls(
        **{
            name: wall(instant, zone) + timedelta(days=days)
            for name, instant in vars(before).items()
        },
        length=before.ends_at - before.starts_at,
    )
    return settle(walls, zone)


def settle(walls: Walls, zone: str) -> MovedTimes:
    """Return the instants of what clocks show.

    An hour that the change to summer time leaves out becomes the next minute that exists; of one
    that comes twice the first is taken.
    """
    starts_at, start_adjusted = existing(walls.starts_at, zone)
    ends_at, end_adjusted = existing(walls.ends_at, zone)
    closes_at, _ = existing(walls.closes_at, zone)
    if ends_at <= starts_at:
        ends_at, end_adjusted = starts_at + walls.length, True
    return MovedTimes(
        times=Times(starts_at=starts_at, ends_at=ends_at, closes_at=min(closes_at, starts_at)),
        adjusted=start_adjusted or end_adjusted,
    )


def wall(instant: datetime, zone: str) -> datetime:
    """Return what clocks in a zone show, as a naive time."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def existing(wall: datetime, zone: str) -> tuple[datetime, bool]:
    """Return the instant of a wall time or of the next minute that exists, and if it was that."""
    clock, shown = ZoneInfo(zone), wall
    while True:
        instant = shown.replace(tzinfo=clock).astimezone(UTC)
        if instant.astimezone(clock).replace(tzinfo=None) == shown:
            return instant, shown != wall
        shown = shown.replace(second=0, microsecond=0) + timedelta(minutes=1)


def misfits(days: Iterable[date], rule: Rule, first: date) -> list[date]:
    """Return those of the days that the rule does not name, in order."""
    wanted = sorted(days)
    named = set(takewhile(lambda day: day <= wanted[-1], days_of(rule, first))) if wanted else set()
    return [day for day in wanted if day not in named]
