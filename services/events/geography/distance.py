"""How far two places are from each other."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

EARTH_MILES = 3958.8
"""The mean radius of the Earth."""


def distance_miles(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Return the distance as the crow flies between two places given in degrees, in miles."""
    north, other_north = radians(latitude), radians(other_latitude)
    half_up = sin((other_north - north) / 2) ** 2
    half_across = sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_MILES * asin(sqrt(half_up + cos(north) * cos(other_north) * half_across))
