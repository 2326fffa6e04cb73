"""Who may sign up, who is who, and what a form may hold."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared import addresses
from shared.refusals import Refusal

COUNTERPARTS = {"training": "campaigning", "campaigning": "training"}
LINK_LASTS = timedelta(days=7)
"""How long after the end of its shift the link to a sign-up works."""

FLOOD_FACTOR = 5
"""How far a limit may be passed before forms are refused rather than kept for a review."""

HOLD_LASTS = timedelta(minutes=30)
"""How long places are held for somebody who has to prove their address."""

FORM_LASTS = timedelta(hours=2)


class SignupsHaveClosed(Refusal):
    """Sign-up for this shift has closed."""


class AlreadySignedUp(Refusal):
    """This person is signed up for this shift already; drop what waits for a review."""


class ShiftIsCancelled(Refusal):
    """This shift was cancelled."""


class PartyIsTooLarge(Refusal):
    """This shift does not have that many places."""


class OtherShiftIsGone(Refusal):
    """One of the other shifts you chose takes no sign-ups any more. Please choose again."""


class LooksLikeAMachine(Refusal):
    """Too many forms came from here at once. Please wait an hour, then try once more."""


class ShiftIsOver(Refusal):
    """This shift is over, so there is nothing to cancel."""


class LinkHasEnded(Refusal):
    """This link no longer works. If your shift is still to come, ask for a new link."""


@dataclass(frozen=True)
class Standing:
    """Whether a shift takes sign-ups: what decides it, from the shift's and the event's facts."""

    cancelled: bool
    closes_at: datetime


def check_open(standing: Standing, *, now: datetime) -> None:
    """Raise ShiftIsCancelled or SignupsHaveClosed when no sign-up is taken any more."""
    if standing.cancelled:
        raise ShiftIsCancelled
    if standing.closes_at <= now:
        raise SignupsHaveClosed


def check_party(party: int, *capacities: int | None) -> None:
    """Raise PartyIsTooLarge for a party that could not come even if nobody else did."""
    smallest = min((capacity for capacity in capacities if capacity is not None), default=party)
    if party > smallest:
        shift = "This shift" if len(capacities) == 1 else "One of these shifts"
        places = "one place" if smallest == 1 else f"{smallest} places"
        raise PartyIsTooLarge(f"{shift} has only {places} in all. Please sign up for fewer.")


def check_not_over(ends_at: datetime, *, now: datetime) -> None:
    """Raise ShiftIsOver when there is nothing left to cancel."""
    if ends_at <= now:
        raise ShiftIsOver


def is_open(standing: Standing, *, now: datetime) -> bool:
    """Tell whether a sign-up is taken."""
    return not standing.cancelled and standing.closes_at > now


def counterpart(kind: str, work: str) -> str:
    """Return the other half of a day to campaign and train, or nothing where there is none."""
    return COUNTERPARTS.get(work, "") if kind == "campaign_and_train" else ""


def fits(party: int, *, taken: int, capacity: int | None) -> bool:
    """Tell whether a party of this size finds places."""
    return capacity is None or taken + party <= capacity


def normalise_email(email: str) -> str:
    """Return the form in which two spellings of one address are equal."""
    return addresses.normalise(email)


def first_name(name: str) -> str:
    """Return the first word of a name, for a greeting."""
    return name.split()[0] if name.split() else name


def is_same_name(one: str, other: str) -> bool:
    """Tell whether two spellings may name one person: "Ada", "ada l." and "Ada Lovelace" may."""
    a, b = (unicodedata.normalize("NFKC", name).casefold().split() for name in (one, other))
    if not a or not b:
        return a == b
    if not _is_same_word(a[0], b[0]):
        return False
    return len(a) == 1 or len(b) == 1 or _is_same_word(a[-1], b[-1])


def _is_same_word(one: str, other: str) -> bool:
    one, other = one.rstrip("."), other.rstrip(".")
    initials = len(one) == 1 or len(other) == 1
    return one[:1] == other[:1] if initials else one == other


def is_link_over(ends_at: datetime, *, now: datetime) -> bool:
    """Tell whether the link to a sign-up has served its time."""
    return now > ends_at + LINK_LASTS
