"""What the public may be told of an event and its shifts, wherever it is told: pure functions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from shared import times

from .. import rules
from ..models import Event, Shift
from ..rules import places

UNSEEN = ("Cc", "Cs", "Cn")
"""Kinds of characters that no calendar, feed or picture can show."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """This installation as it is seen from outside: its address, without a slash at the end."""

    url: str

    @property
    def host(self) -> str:
        """Return the name in the address, which makes ids unique in the world."""
        return urlsplit(self.url).hostname or "localhost"

    def event_url(self, event: Event) -> str:
        """Return the address of the event's page."""
        return f"{self.url}/events/{event.id}"

    def signup_url(self, shift: Shift) -> str:
        """Return the address of the form for a shift."""
        return f"{self.url}/sign-up/{shift.id}"


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """Where people meet, as far as everybody may know; empty parts are unknown or private."""

    place: str
    address: str = ""
    postcode: str = ""
    constituency: str = ""
    position: tuple[float, float] | None = None
    """Latitude and longitude of the postcode."""

    def __str__(self) -> str:
        parts = (self.place, self.address, self.postcode or self.constituency)
        return ", ".join(part for part in parts if part)


def meeting_of(event: Event, shift: Shift) -> Meeting | None:
    """Return where people meet in person, or None when they only meet online.

    Of an address that only those who signed up may see the area is left; the link of an online
    meeting is never told here.
    """
    if event.mode == "online":
        return None
    shown = event.address_shown
    exact = shown == "public" and shift.located == "postcode"
    return Meeting(
        place=one_line(shift.place),
        address=one_line(places.shown_address(shown, shift.address)),
        postcode=one_line(places.shown_postcode(shown, shift.postcode)),
        constituency=one_line(shift.constituency),
        position=(shift.latitude or 0.0, shift.longitude or 0.0) if exact else None,
    )


def where(event: Event, shift: Shift) -> str:
    """Say where people meet, in one line."""
    meeting = meeting_of(event, shift)
    if meeting is None:
        return "Online"
    return f"{meeting}, and online" if event.mode == "both" else str(meeting)


def is_off(event: Event, shift: Shift) -> bool:
    """Tell whether the shift will not take place."""
    return event.status == "cancelled" or shift.cancelled


def title_of(event: Event, shift: Shift | None = None) -> str:
    """Return the event's title; of what is cancelled it says so, as many programs do not."""
    off = event.status == "cancelled" if shift is None else is_off(event, shift)
    return f"Cancelled: {one_line(event.title)}" if off else one_line(event.title)


def paragraphs(event: Event) -> list[str]:
    """Return what the event says of itself, paragraph by paragraph."""
    said = [part.strip() for part in plain(event.description).split("\n\n")]
    said.append(f"What to bring: {plain(event.bring)}" if event.bring else "")
    said.append(f"Accessibility: {plain(event.accessibility)}" if event.accessibility else "")
    if event.status == "cancelled":
        said.insert(0, f"This event is cancelled. {plain(event.cancel_reason)}".strip())
    return [part for part in said if part]


def hosts(event: Event) -> str:
    """Name the groups that hold the event, the host first."""
    names = [event.group.name]
    names += [host.group.name for host in event.co_hosts if host.state == "accepted"]
    return one_line(" and ".join(", ".join(names).rsplit(", ", 1)) if len(names) > 1 else names[0])


def kind_of(event: Event) -> str:
    """Say what kind of event it is."""
    return rules.KINDS[event.kind]


def when(shift: Shift) -> str:
    """Say when the shift is, by the clocks where it is."""
    return times.span(shift.starts_at, shift.ends_at, shift.zone)


def by_start(shifts: Iterable[Shift]) -> list[Shift]:
    """Return the shifts in the order of their starts."""
    return sorted(shifts, key=lambda shift: (shift.starts_at, shift.id))


def still_on(event: Event) -> Sequence[Shift]:
    """Return the shifts that were not cancelled one by one; of a cancelled event all others."""
    return by_start(shift for shift in event.shifts if not shift.cancelled) or by_start(
        event.shifts
    )


def instant_of(revision: int) -> datetime:
    """Return when a revision was made: revisions are Unix milliseconds."""
    return datetime.fromtimestamp(revision // 1000, UTC)


def plain(text: str) -> str:
    """Return the text without what could not be shown, its lines kept."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in UNSEEN)


def one_line(text: str) -> str:
    """Return the text in one line."""
    return " ".join(plain(text).split())
