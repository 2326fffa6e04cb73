"""How far two places are from each other, in numbers here and in columns of any database."""

from __future__ import annotations

from math import cos, pi, radians, sin, sqrt
from typing import Any

MILES_A_DEGREE = 69.0934
"""Of a great circle, on a sphere with the mean radius of the Earth (6371.0088 km)."""


def flat_map(latitude: float) -> tuple[float, float]:
    """Return what `square_miles` needs to know of the latitude from which distances are counted.

    Both are miles a degree of longitude: at that latitude, and by how much less for each degree
    further north, half way there.
    """
    angle = radians(latitude)
    return MILES_A_DEGREE * cos(angle), MILES_A_DEGREE * sin(angle) * pi / 360


def square_miles(north: Any, east: Any, scale: Any, shrink: Any) -> Any:
    """Return the square of a distance, from the degrees between two places.

    By plain arithmetic only, so that it can be a number here and a column in any database: the
    cosine of the latitude half way is taken as a straight line. Up to 100 miles it is within one
    in a thousand of the distance on a sphere.
    """
    up = north * MILES_A_DEGREE
    across = east * (scale - north * shrink)
    return up * up + across * across


def miles_between(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the miles between two places given as latitude and longitude."""
    scale, shrink = flat_map(here[0])
    return sqrt(square_miles(there[0] - here[0], there[1] - here[1], scale, shrink))


def say_miles(miles: float, *, roughly: bool = False) -> str:
    """Say how far that is, in whole miles; where either end is only roughly known, say so."""
    whole = round(miles)
    if whole < 1:
        return "in your area" if roughly else "under a mile"
    words = "1 mile" if whole == 1 else f"{whole} miles"
    return f"about {words}" if roughly else words
