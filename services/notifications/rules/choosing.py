"""Choosing what a schedule mail says: near, of interest, new, changed, and still to come."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from shared.distances import MILES_A_DEGREE, flat_map, square_miles

from .changes import Piece, sum_up
from .tastes import Taste, is_in_reach, wants

MOST_EVENTS = 12
MOST_STILL_COMING = 5
MOST_SHIFTS = 3
"""Of each event so many are named; the event's page has the others."""


class Coming(NamedTuple):
    """A shift still to come, as far as it takes part in the choice."""

    shift_id: int
    event_id: int
    group_id: int
    kind: str
    starts_at: datetime
    latitude: float | None
    longitude: float | None
    mode: str
    is_on: bool


class Told(NamedTuple):
    """A piece of news about a shift, and since when it stands."""

    at: datetime
    piece: Piece


@dataclass(frozen=True)
class Change:
    """What has to be said of a shift that somebody heard of: `moved`, `cancelled`, `reopened`."""

    shift_id: int
    what: str
    before: Mapping[str, Any]
    others: int = 0
    """How many more shifts of its event changed than the mail names."""


@dataclass(frozen=True)
class Pick:
    """An event with the first of its shifts that fit, and how many more do."""

    event_id: int
    shift_ids: tuple[int, ...]
    others: int


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a mail says, in order. Without changes and new events there is nothing to say."""

    changed: tuple[Change, ...] = ()
    new: tuple[Pick, ...] = ()
    coming: tuple[Pick, ...] = ()
    more: int = 0
    """Events that found no room."""
    is_first: bool = False
    """Whether it is somebody's first mail: then all that is on is new to them."""

    @property
    def says_something(self) -> bool:
        """Whether there is a reason to write at all."""
        return bool(self.changed or self.new)


class Programme:
    """All that is on, and all news of it, so ordered that what is near somebody is found fast.

    It is made once and asked by many; answers about the same wishes are remembered.
    """

    def __init__(
        self, shifts: Iterable[Coming], news: Mapping[int, Sequence[Told]], *, until: datetime
    ) -> None:
        self.until = until
        """Up to which instant the news are complete."""
        self._shifts = {shift.shift_id: shift for shift in shifts}
        self._news = news
        placed = [
            (shift, shift.latitude, shift.longitude)
            for shift in self._shifts.values()
            if shift.latitude is not None and shift.longitude is not None
            if shift.mode != "online"
        ]
        self._by_latitude = sorted(placed, key=itemgetter(1))
        self._latitudes = [latitude for _shift, latitude, _longitude in self._by_latitude]
        self._online = [s for s in self._shifts.values() if s.mode != "in_person"]
        self._moved = [
            (self._shifts[shift_id], told.piece.before)
            for shift_id, pieces in news.items()
            for told in pieces
            if told.piece.kind == "moved" and shift_id in self._shifts
        ]
        self._known: dict[Taste, list[tuple[Coming, bool]]] = {}

    def choose(self, taste: Taste, *, since: datetime | None) -> Chosen:
        """Return what to tell somebody who heard all news up to `since`.

        Who never had a mail, with None, hears of everything that is on as new.
        """
        if taste not in self._known:
            self._known[taste] = self._look_for(taste)
        known = self._known[taste]
        if since is None:
            on = [shift for shift, fits in known if fits and shift.is_on]
            return replace(_arrange({}, on, []), is_first=True)
        changed: dict[int, list[Change]] = {}
        new: list[Coming] = []
        same: list[Coming] = []
        for shift, fits in known:
            piece = self._news_of(shift, since)
            if piece is None or piece.kind == "new":
                if fits:
                    (new if piece else same).append(shift)
            elif _concerns(taste, piece, fits=fits):
                change = Change(shift.shift_id, piece.kind, piece.before)
                changed.setdefault(shift.event_id, []).append(change)
        return _arrange(changed, new, [shift for shift in same if shift.is_on])

    def _news_of(self, shift: Coming, since: datetime) -> Piece | None:
        told = self._news.get(shift.shift_id, ())
        return sum_up([each.piece for each in told if each.at > since], is_on=shift.is_on)

    def _look_for(self, taste: Taste) -> list[tuple[Coming, bool]]:
        """Return the shifts that somebody wants to hear of, in time, and whether they still do.

        What moved out of reach is there for the news of that alone: who had planned to go there
        has to know.
        """
        fitting = self._fitting(taste)
        left = {
            shift.shift_id: shift
            for shift, before in self._moved
            if shift.shift_id not in fitting
            if wants(taste, shift.kind, shift.group_id) and is_in_reach(taste, before)
        }
        found = [*((shift, True) for shift in fitting.values())]
        found += [(shift, False) for shift in left.values()]
        return sorted(found, key=_in_time)

    def _fitting(self, taste: Taste) -> dict[int, Coming]:
        """Return the shifts that are what somebody wants to hear of, by their numbers."""
        if taste.latitude is None or taste.longitude is None:
            near: Iterable[Coming] = self._shifts.values()
            if not taste.online:
                near = (shift for shift in near if shift.mode != "online")
        else:
            near = [*self._near(taste, taste.latitude, taste.longitude)]
            near += self._online if taste.online else []
        return {s.shift_id: s for s in near if wants(taste, s.kind, s.group_id)}

    def _near(self, taste: Taste, latitude: float, longitude: float) -> list[Coming]:
        reach = taste.miles / MILES_A_DEGREE
        first = bisect_left(self._latitudes, latitude - reach)
        last = bisect_right(self._latitudes, latitude + reach)
        # Worked out once for all of them: this is what choosing takes its time for.
        scale, shrink = flat_map(latitude)
        limit = taste.miles * taste.miles
        return [
            shift
            for shift, north, east in self._by_latitude[first:last]
            if square_miles(north - latitude, east - longitude, scale, shrink) <= limit
        ]


def _concerns(taste: Taste, piece: Piece, *, fits: bool) -> bool:
    """Tell whether somebody has to hear of a change: by where they know the shift to be.

    What moved they hear of also where it `fits` by now; what was cancelled since is no matter to
    who never knew of it.
    """
    if fits and piece.kind == "moved":
        return True
    return is_in_reach(taste, piece.before) if piece.before else fits


def _in_time(found: tuple[Coming, bool]) -> tuple[datetime, int]:
    shift, _fits = found
    return shift.starts_at, shift.shift_id


@dataclass
class _Room:
    """How many events still find room in a mail, and which stand in it."""

    left: int = MOST_EVENTS
    events: set[int] = field(default_factory=set)

    def takes(self, event_id: int) -> bool:
        """Give an event its room; one that stands in the mail needs none."""
        if event_id in self.events:
            return True
        if not self.left:
            return False
        self.left -= 1
        self.events.add(event_id)
        return True


def _arrange(
    changed: Mapping[int, Sequence[Change]], new: Sequence[Coming], same: Sequence[Coming]
) -> Chosen:
    """Fill the mail: what changed first, by its event, what is new, a few that are still coming."""
    room = _Room()
    said = [each for number in changed if room.takes(number) for each in _few(changed[number])]
    left_out = changed.keys() - room.events
    picked = [pick for pick in _picks(new) if room.takes(pick.event_id)]
    left_out |= {shift.event_id for shift in new} - room.events
    coming = [pick for pick in _picks(same) if pick.event_id not in room.events]
    return Chosen(
        changed=tuple(said),
        new=tuple(picked),
        coming=tuple(coming[: min(MOST_STILL_COMING, room.left)]),
        more=len(left_out),
    )


def _few(changes: Sequence[Change]) -> list[Change]:
    """Return the first changes of one event, each with how many more there are."""
    others = max(0, len(changes) - MOST_SHIFTS)
    return [replace(change, others=others) for change in changes[:MOST_SHIFTS]]


def _picks(shifts: Sequence[Coming]) -> list[Pick]:
    """Gather shifts by their event, in the order of the first of each."""
    by_event: dict[int, list[int]] = {}
    for shift in shifts:
        by_event.setdefault(shift.event_id, []).append(shift.shift_id)
    return [
        Pick(event_id, tuple(ids[:MOST_SHIFTS]), max(0, len(ids) - MOST_SHIFTS))
        for event_id, ids in by_event.items()
    ]
