"""How full a shift is, and what that is called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from .shifts import ShiftStored

FEW = 5
"""With so many places left or fewer, a shift is nearly full."""

LONGEST_OUTWARD = 4
"""Characters of the first half of a postcode, as in SW1A."""

BUTTONS = {"plenty": "Sign up", "few": "Sign up", "full": "Join the list"}


def places_left(capacity: int | None, taken: int) -> int | None:
    """Return how many more people can come; None is no limit. Over capacity is none left."""
    return None if capacity is None else max(0, capacity - taken)


def describe_places(capacity: int | None, taken: int, waiting: int) -> str:
    """Say how full a shift is; "about", since others are signing up meanwhile."""
    left = places_left(capacity, taken)
    if left is None:
        return "Room for everyone"
    if left == 0:
        return f"Full, {waiting} waiting" if waiting else "Full"
    return "About 1 place left" if left == 1 else f"About {left} places left"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a shift stands for somebody who thinks of coming."""

    state: str
    """`plenty`, `few`, `full`, or `closed` for whatever reason."""
    words: str

    @property
    def is_open(self) -> bool:
        """Tell whether somebody can sign up, be it for the waiting list."""
        return self.state != "closed"

    @property
    def button(self) -> str:
        """Return what the button says that leads to the form; nothing where there is none."""
        return BUTTONS.get(self.state, "")


def standing(status: str, shift: ShiftStored, now: datetime) -> Standing:
    """Say whether a shift of an event of this status can be joined, and how full it is."""
    if status == "cancelled" or shift.cancelled:
        return Standing(state="closed", words="Cancelled")
    if shift.ends_at <= now:
        return Standing(state="closed", words="Over")
    if shift.closes_at <= now:
        return Standing(state="closed", words="Sign-up closed")
    return open_standing(shift.capacity, shift.taken, shift.waiting)


@lru_cache(maxsize=4096)
def open_standing(capacity: int | None, taken: int, waiting: int) -> Standing:
    """Say how full a shift is that can be joined; most shifts of a list say the same."""
    words = describe_places(capacity, taken, waiting)
    left = places_left(capacity, taken)
    if left == 0:
        return Standing(state="full", words=words)
    return Standing(state="plenty" if left is None or left > FEW else "few", words=words)


def shown_postcode(address_shown: str, postcode: str) -> str:
    """Return as much of a postcode as the public may know: of a kept address, its first half.

    One that is not written as British ones are may have no halves; then nothing is shown.
    """
    if address_shown == "public":
        return postcode
    outward = postcode.partition(" ")[0]
    return outward if len(outward) <= LONGEST_OUTWARD else ""


def shown_address(address_shown: str, address: str) -> str:
    """Return the address if the public may know it."""
    return address if address_shown == "public" else ""
