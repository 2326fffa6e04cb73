"""What the console's pages say of events: when they are, how full, and what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g

from .. import rules
from ..models import Event
from ..rules.series import long_day


def words() -> dict[str, Any]:
    """Return what templates need to speak of events."""
    return {
        "kinds": rules.KINDS,
        "modes": rules.MODES,
        "totals": totals,
        "over": lambda shift: rules.places_over(shift.capacity, shift.taken),
        "missing_of": lambda event: rules.missing_for_publishing(event, g.now),
        "standing": lambda event, shift: rules.standing(event.status, shift, g.now),
        "span_of_days": span_of_days,
    }


def span_of_days(event: Event) -> str:
    """Return when an event is, in few words."""
    live = [shift for shift in event.shifts if not shift.cancelled] or event.shifts
    if not live:
        return "No shifts yet"
    first, last = min(shift.day for shift in live), max(shift.day for shift in live)
    return long_day(first) if first == last else f"{long_day(first)} to {long_day(last)}"


def first_day(event: Event) -> date | None:
    """Return the day of the first shift that is not cancelled."""
    return min((shift.day for shift in event.shifts if not shift.cancelled), default=None)


def totals(event: Event) -> dict[str, int | None]:
    """Return how many come and wait, and how many could come; None is no limit."""
    live = [shift for shift in event.shifts if not shift.cancelled]
    limits = [shift.capacity for shift in live]
    return {
        "taken": sum(shift.taken for shift in live),
        "waiting": sum(shift.waiting for shift in live),
        "capacity": None if None in limits else sum(limit or 0 for limit in limits),
        "shifts": len(live),
    }
