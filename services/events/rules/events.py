"""What may be done to an event as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from shared.refusals import Refusal

from .shifts import ShiftPlaced, ShiftTimes


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

    def __init__(self, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(f"This event cannot be published yet: {'; '.join(missing)}.")


class EventIsStillToCome(Refusal):
    """This event is still to come; cancel it before you put it away."""


class CampaignIsNotYours(Refusal):
    """This campaign is neither published nor one of the event's own group."""


class ElectionIsNotKnown(Refusal):
    """This election is not in the list of elections."""


class EventStored(Protocol):
    """What the rules ask of an event before it goes to the public."""

    @property
    def status(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def online_url(self) -> str: ...
    @property
    def contact_name(self) -> str: ...
    @property
    def contact_email(self) -> str: ...
    @property
    def shifts(self) -> Sequence[ShiftPlaced]: ...


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


def check_archivable(status: str, shifts: Iterable[ShiftTimes], now: datetime) -> None:
    """Refuse to put away what people may still come to."""
    if status == "published" and any(s.ends_at > now and not s.cancelled for s in shifts):
        raise EventIsStillToCome


def check_publishable(event: EventStored, now: datetime) -> None:
    """Refuse to publish twice, and to publish what nobody could come to; say what is missing."""
    if event.status == "cancelled":
        raise EventIsCancelled
    if event.status == "published":
        raise EventIsAlreadyPublished
    missing = missing_for_publishing(event, now)
    if missing:
        raise EventIsNotReady(missing)


def missing_for_publishing(event: EventStored, now: datetime) -> list[str]:
    """Name everything that the public would miss; nothing, when the event can be published."""
    ahead = [shift for shift in event.shifts if not shift.cancelled and shift.starts_at > now]
    missing = [missing_shift(event.shifts, ahead)]
    missing.append("" if event.title else "it has no title")
    if event.mode != "online" and not all(shift.place for shift in ahead):
        missing.append("it does not say where people meet")
    if event.mode != "in_person" and not event.online_url:
        missing.append("it has no link for those who come online")
    if not (event.contact_name and event.contact_email):
        missing.append("it has nobody to ask: give a name and an email address")
    return [words for words in missing if words]


def missing_shift(shifts: Sequence[ShiftTimes], ahead: Sequence[ShiftTimes]) -> str:
    """Say which kind of shift is missing, or nothing."""
    if ahead:
        return ""
    if not shifts:
        return "it has no shift"
    if all(shift.cancelled for shift in shifts):
        return "all its shifts are cancelled"
    return "it has no shift in the future"


def advice_for_publishing(description: str, *, mode: str, has_address: bool) -> list[str]:
    """Name what would help the public but is not asked of anybody."""
    advice = [] if description else ["Say in a few sentences what happens and who can come."]
    if mode != "online" and not has_address:
        advice.append("Give the meeting points a postcode, so that people near them find them.")
    return advice
