"""What may be done to events and shifts, and what their places are called: pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared.refusals import Refusal

KINDS = {
    "action_day": "Action day",
    "campaign_and_train": "Campaign and train",
    "training": "Training",
    "lesson": "Lesson or class",
    "jobs_club": "Jobs club or fair",
    "community_project": "Community project",
    "fundraising": "Fundraising",
    "meeting": "Meeting",
}
"""The kinds of event, with the words shown for them."""

STATUSES = ("draft", "published", "cancelled")
SIGNUP_NOTICES = ("at_once", "daily", "off")
MODES = {"in_person": "In person", "online": "Online", "both": "In person and online"}
ADDRESS_SHOWN = {"public": "Everybody", "signed_up": "Only those who signed up"}
WORK = {"": "As the event says", "training": "Training", "campaigning": "Campaigning"}
AREA_KINDS = {"constituency": "Constituency", "authority": "Council area"}
JOIN_STATES = ("asked", "approved", "declined")
CO_HOST_STATES = ("asked", "accepted", "declined")
CAMPAIGN_STATUSES = ("draft", "published", "archived")
GOAL_KINDS = {"signups": "sign-ups", "conversations": "conversations", "events": "events"}
IMPORT_STATES = ("checked", "due", "applied", "failed")
MOST_PLACES = 100_000
LONGEST_SHIFT = timedelta(days=7)
FEW = 5
"""With so many places left or fewer, a shift is nearly full."""


class EventIsCancelled(Refusal):
    """This event is cancelled and can no longer be changed."""


class EventIsOver(Refusal):
    """This event is over and can no longer be changed."""


class EventWasAlreadyCancelled(Refusal):
    """This event was already cancelled."""


class EventIsAlreadyPublished(Refusal):
    """This event is already published."""


class EventIsNotReady(Refusal):
    """This event cannot be published yet."""


class ShiftIsCancelled(Refusal):
    """This shift is cancelled and can no longer be changed."""


class ShiftIsOver(Refusal):
    """This shift is over and can no longer be changed."""


class ShiftWasAlreadyCancelled(Refusal):
    """This shift was already cancelled."""


class ShiftEndsTooEarly(Refusal):
    """A shift must end after it starts."""


class ShiftClosesTooLate(Refusal):
    """Sign-up must close at or before the start of the shift."""


class ShiftIsTooLong(Refusal):
    """A shift lasts seven days at most."""


class ShiftIsInThePast(Refusal):
    """A shift of a published event must lie in the future."""


class ShiftTimes(Protocol):
    """What the rules ask of a shift."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def cancelled(self) -> bool: ...


class ShiftStored(ShiftTimes, Protocol):
    """What the rules ask of a shift whose places are counted."""

    @property
    def capacity(self) -> int | None: ...
    @property
    def taken(self) -> int: ...
    @property
    def waiting(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Times:
    """When a shift is, as instants in UTC."""

    starts_at: datetime
    ends_at: datetime
    closes_at: datetime


def is_over(shifts: Iterable[ShiftTimes], now: datetime) -> bool:
    """Tell whether there was something and all of it lies behind us."""
    ends = [shift.ends_at for shift in shifts]
    return bool(ends) and max(ends) <= now


def check_changeable(status: str, shifts: Iterable[ShiftTimes], now: datetime) -> None:
    """Refuse to change what is cancelled, or what the public saw come to its end."""
    if status == "cancelled":
        raise EventIsCancelled
    if status == "published" and is_over(shifts, now):
        raise EventIsOver


def check_cancellable(status: str, shifts: Iterable[ShiftTimes], now: datetime) -> None:
    """Refuse to cancel twice, and to cancel what has taken place."""
    if status == "cancelled":
        raise EventWasAlreadyCancelled
    check_changeable(status, shifts, now)


def check_publishable(status: str, shifts: Iterable[ShiftTimes], now: datetime) -> None:
    """Refuse to publish twice, and to publish what nobody could come to; say what is missing."""
    if status == "cancelled":
        raise EventIsCancelled
    if status == "published":
        raise EventIsAlreadyPublished
    missing = missing_for_publishing(list(shifts), now)
    if missing:
        raise EventIsNotReady(f"This event cannot be published yet: {missing}.")


def missing_for_publishing(shifts: list[ShiftTimes], now: datetime) -> str:
    """Name what the public would miss, or return nothing."""
    standing = [shift for shift in shifts if not shift.cancelled]
    if not shifts:
        return "it has no shift"
    if not standing:
        return "all its shifts are cancelled"
    if all(shift.starts_at <= now for shift in standing):
        return "it has no shift in the future"
    return ""


def check_shift_changeable(shift: ShiftTimes, now: datetime) -> None:
    """Refuse to change a shift that is cancelled or over."""
    if shift.cancelled:
        raise ShiftIsCancelled
    if shift.ends_at <= now:
        raise ShiftIsOver


def check_shift_cancellable(shift: ShiftTimes, now: datetime) -> None:
    """Refuse to cancel a shift twice, or after its end."""
    if shift.cancelled:
        raise ShiftWasAlreadyCancelled
    check_shift_changeable(shift, now)


def check_times(times: Times) -> None:
    """Refuse a shift that ends before it starts, lasts too long or is open beyond its start."""
    if times.ends_at <= times.starts_at:
        raise ShiftEndsTooEarly
    if times.ends_at - times.starts_at > LONGEST_SHIFT:
        raise ShiftIsTooLong
    if times.closes_at > times.starts_at:
        raise ShiftClosesTooLate


def check_ahead(status: str, times: Times, now: datetime) -> None:
    """Refuse to give a published event a shift that has begun: nobody could come."""
    if status == "published" and times.starts_at <= now:
        raise ShiftIsInThePast


def kept_closing(before: ShiftTimes, starts_at: datetime) -> datetime:
    """Return when sign-up closes for a shift that moved: as long before the start as it was."""
    return starts_at - (before.starts_at - before.closes_at)


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


def standing(status: str, shift: ShiftStored, now: datetime) -> Standing:
    """Say whether a shift of an event of this status can be joined, and how full it is."""
    if status == "cancelled" or shift.cancelled:
        return Standing(state="closed", words="Cancelled")
    if shift.ends_at <= now:
        return Standing(state="closed", words="Over")
    if shift.closes_at <= now:
        return Standing(state="closed", words="Sign-up closed")
    words = describe_places(shift.capacity, shift.taken, shift.waiting)
    left = places_left(shift.capacity, shift.taken)
    if left == 0:
        return Standing(state="full", words=words)
    return Standing(state="plenty" if left is None or left > FEW else "few", words=words)
