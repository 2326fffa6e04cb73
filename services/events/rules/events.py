"""What may be done to an event as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.refusals import Refusal

from .shifts import ShiftTimes


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
