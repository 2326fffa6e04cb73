"""What may be done to a shift, and when it can be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from shared.refusals import Refusal

MOST_PLACES = 100_000
LONGEST_SHIFT = timedelta(days=7)


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


class ShiftHasNotBegun(Refusal):
    """Conversations can be counted once the shift has begun."""


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


class ShiftPlaced(ShiftTimes, Protocol):
    """What the rules ask of a shift that people have to find."""

    @property
    def place(self) -> str: ...


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


def check_begun(shift: ShiftTimes, now: datetime) -> None:
    """Refuse to report what a shift brought before it began, or of one that was called off."""
    if shift.cancelled:
        raise ShiftIsCancelled
    if shift.starts_at > now:
        raise ShiftHasNotBegun


def places_over(capacity: int | None, taken: int) -> int:
    """Return how many more have a place than there are places: the capacity was lowered."""
    return 0 if capacity is None else max(0, taken - capacity)


def kept_closing(before: ShiftTimes, starts_at: datetime) -> datetime:
    """Return when sign-up closes for a shift that moved: as long before the start as it was."""
    return starts_at - (before.starts_at - before.closes_at)
