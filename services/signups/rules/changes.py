"""What somebody may change about their own sign-up, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.distances import miles_between
from shared.refusals import Refusal

LONGEST_REASON = 300
MAIL_CAME_BACK = "The mail to this address came back."
CAME_IN_A_FLOOD = "Very many signed up at once, and this address is not proven."
"""Why an address is in doubt, for organisers."""

SOON = timedelta(hours=48)
"""So long before the start somebody may say that they come, which is when reminders go out."""

FAR_IN_TIME = timedelta(hours=2)
FAR_IN_MILES = 3
"""A shift that moved further than either asks those who have a place whether they still come."""


class NothingToChange(Refusal):
    """This sign-up has ended, so there is nothing to change any more."""


class PartyOnlyShrinks(Refusal):
    """You can make your party smaller here. If more of you want to come, sign up once more."""


class SameShift(Refusal):
    """This is the shift you are signed up for already."""


class CannotSwitchThere(Refusal):
    """This shift takes no sign-ups any more, or not as many as you are. Please choose another."""


class PlaceIsTaken(Refusal):
    """This link was used already, or taken back: the place has its guest. Do you want one, too?"""


class NothingToPass(Refusal):
    """Only a place that you have can be passed to a friend, and only before the shift is over."""


@dataclass(frozen=True)
class Position:
    """When a shift starts, and where it is in degrees, as far as that is known."""

    starts_at: datetime
    latitude: float | None
    longitude: float | None


def is_moved_far(before: Position, after: Position) -> bool:
    """Tell whether a shift moved by more than two hours or three miles."""
    if abs(after.starts_at - before.starts_at) > FAR_IN_TIME:
        return True
    here, there = (before.latitude, before.longitude), (after.latitude, after.longitude)
    if None in here or None in there:
        return False
    return miles_between(here, there) > FAR_IN_MILES  # type: ignore[arg-type]


@dataclass(frozen=True)
class Situation:
    """What decides which buttons somebody sees."""

    state: str
    party: int
    over: bool
    """Whether the shift has ended."""
    closed: bool
    """Whether sign-up is over, or the shift was cancelled."""
    late: bool
    """Whether free places go to the quickest."""
    attending: str
    soon: bool
    """Whether it is time to say that one comes."""
    doubted: bool
    """Whether the place is given back unless the address is proven."""
    offered_before: bool
    """Of what lapsed: whether it was an offer, which may still be answered."""


def actions_of(now: Situation) -> frozenset[str]:
    """Return what somebody may do: names of buttons."""
    if now.over:
        return frozenset()
    smaller = {"party"} if now.party > 1 else set()
    said = now.attending == "coming"
    asked = {"coming"} if now.attending == "asked" or (now.soon and not said) else set()
    proof = {"confirm"} if now.doubted else set()
    late = {"take"} if now.late else set()
    by_state = {
        "placed": {"cancel", "switch", "transfer", *smaller, *asked, *proof},
        "waiting": {"cancel", "wish", "switch", *smaller, *late, *proof},
        "offered": {"accept", "decline"},
        "pending": {"confirm", "cancel"},
        "lapsed": {"accept"} if now.offered_before else set(),
    }
    found = by_state.get(now.state, set())
    # An offer is good until its hour, even if sign-up closes before.
    needs_open = {"switch", "take"} if now.state == "offered" else {"accept", "switch", "take"}
    return frozenset(found - needs_open if now.closed else found)
