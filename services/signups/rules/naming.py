"""What shifts are called where they stand in a list with others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from shared.geography import read_postcode
from shared.meeting_points import Point, names_of, point_of


def public_names(shifts: Iterable[Any]) -> dict[int, str]:
    """Return where each shift is by its id, with no more than everybody may know."""
    return _names(shifts, public_point_of)


def full_names(shifts: Iterable[Any]) -> dict[int, str]:
    """Return where each shift is by its id, for those who plan."""
    return _names(shifts, point_of)


def public_point_of(shift: Any) -> Point:
    """Return as much of where a shift is as everybody may know.

    Of an address that is not public that is the first half of its postcode.
    """
    if shift.address_shown == "public":
        return point_of(shift)
    postcode = read_postcode(shift.postcode)
    return Point(shift.place, "", postcode.outward if postcode else "")


def _names(shifts: Iterable[Any], point: Callable[[Any], Point]) -> dict[int, str]:
    points = {shift.id: point(shift) for shift in shifts}
    names = names_of(points.values())
    return {number: names[each] for number, each in points.items()}
