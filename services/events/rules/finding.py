"""Where something is from somewhere else, and which days a month's page has: pure functions."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass
from datetime import date, timedelta
from math import cos, radians

from shared.distances import MILES_A_DEGREE

MILES = (2, 5, 10, 25, 50)
"""The radii that a visitor chooses from."""

USUAL_MILES = 10

SLACK = 1e-6
"""Degrees by which a box is larger than it must be, against rounding."""

MOST_NORTHERN = 85.0
"""Degrees; beyond, a box round a place would be the whole circle of latitude."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """The degrees between which everything within some miles of a place lies, and more."""

    south: float
    north: float
    west: float
    east: float


def box_around(latitude: float, longitude: float, miles: float) -> Box:
    """Return the box around everything within so many miles."""
    high = miles / MILES_A_DEGREE + SLACK
    farthest = min(abs(latitude) + high, MOST_NORTHERN)
    wide = miles / (MILES_A_DEGREE * cos(radians(farthest))) + SLACK
    return Box(
        south=latitude - high, north=latitude + high, west=longitude - wide, east=longitude + wide
    )


def weeks_of(month: date) -> list[list[date]]:
    """Return the weeks that a month's days stand in, Monday first, filled up at both ends."""
    return Calendar().monthdatescalendar(month.year, month.month)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)
