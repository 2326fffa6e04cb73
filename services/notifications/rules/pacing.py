"""How fast mail may leave: how far apart, and what waits in place or comes again later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SLOWEST = 0.1
"""Mails a second; a sender holds a mail while it waits for its turn, and its lease has an end."""

WAITS_IN_PLACE = timedelta(milliseconds=100)
"""So long a sender waits for the turn of one domain while mails to others stand behind."""


@dataclass(frozen=True)
class Limits:
    """Mails a second over a channel, and to one recipient's domain; 0 is no limit."""

    per_second: float = 0
    per_domain: float = 0

    def __bool__(self) -> bool:
        return bool(self.per_second or self.per_domain)


NO_LIMITS = Limits()


@dataclass(frozen=True)
class Used:
    """How far a limit is used up: the next turn, and how far later ones are planned."""

    next_at: datetime
    planned_at: datetime


def wrong_pace(per_second: float) -> str:
    """Say what is wrong with a limit in the settings, if anything."""
    fits = per_second == 0 or per_second >= SLOWEST
    return "" if fits else f"must be {SLOWEST} or more mails a second, or 0 for no limit."


def take_turn(used: Used, per_second: float, now: datetime) -> tuple[datetime, Used]:
    """Return when the next mail may leave, and how far the limit is used up then."""
    turn = max(used.next_at, now)
    return turn, Used(turn + timedelta(seconds=1 / per_second), used.planned_at)


def plan_turn(used: Used, per_second: float, now: datetime) -> tuple[datetime, Used]:
    """Return when to come again with a mail whose turn is too far off: behind all the others."""
    later = max(used.planned_at, used.next_at, now) + timedelta(seconds=1 / per_second)
    return later, Used(used.next_at, later)


def is_soon(turn: datetime, now: datetime) -> bool:
    """Tell whether a sender may wait for this turn."""
    return turn - now <= WAITS_IN_PLACE
