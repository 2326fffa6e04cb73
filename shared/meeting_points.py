"""What to call a meeting point where only its name and a time are said: so that two are told apart.

Many towns have a market place, and many halls an upstairs room.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

WORD = re.compile(r"\w+")
NOWHERE = "Online"


class Point(NamedTuple):
    """A meeting point, as far as whoever reads of it may know it."""

    place: str
    address: str
    postcode: str


def point_of(thing: Any) -> Point:
    """Return where anything is that has a place, an address and a postcode."""
    return Point(thing.place, thing.address, thing.postcode)


def names_of(points: Iterable[Point]) -> dict[Point, str]:
    """Return for each point its place with as much beside it as no other of the points has.

    That is the town, which ends an address of several parts, or the postcode, or all there is.
    """
    ways = {point: _ways(point) for point in points}
    said = Counter(way for each in ways.values() for way in each)
    return {
        point: next((way for way in each if said[way] == 1), each[-1])
        for point, each in ways.items()
    }


def _ways(point: Point) -> list[str]:
    """Return what a point can be called, the shortest way first."""
    if not point.place:
        return [NOWHERE]
    parts = [part.strip() for part in point.address.split(",")]
    town = parts[1:][-1:]
    ways = [
        ", ".join((point.place, *_new(point.place, words)))
        for words in (town, [point.postcode], [*parts, point.postcode])
    ]
    return [way for way in dict.fromkeys(ways) if way != point.place] or [point.place]


def _new(place: str, parts: Iterable[str]) -> list[str]:
    """Return the parts that say more than the place does, each once."""
    known = _words(place)
    return [part for part in dict.fromkeys(parts) if not _words(part) <= known]


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.casefold()))
