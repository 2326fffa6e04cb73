"""A letter: a notice with all the facts that its mail is written from, as they were just read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from ..models import Event, Group, Notice, Shift, Signup
from ..rules import kinds
from ..rules.truth import Place, seen_by
from .schedule import Schedule


def place_of(event: Event, shift: Shift) -> Place:
    """Return when and where a shift is, with all there is to know."""
    return Place(
        place=shift.place,
        address=shift.address,
        postcode=shift.postcode,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        mode=event.mode,
        online_url=event.online_url,
    )


def as_seen(place: Place, event: Event, *, has_place: bool) -> Place:
    """Return as much of `place` as somebody with or without a place at `event` may know."""
    return seen_by(place, has_place=has_place, address_shown=event.address_shown)


@dataclass(frozen=True)
class Contact:
    """Who reads answers."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One sign-up on a list: in a mail with lost links, or in a contact's daily list."""

    event: Event
    shift: Shift
    state: str
    link: str = ""
    first_name: str = ""
    party: int = 1
    is_new: bool = False
    """Whether it is their first sign-up with the group."""


@dataclass(frozen=True, kw_only=True)
class About:
    """The one sign-up that a letter speaks of."""

    event: Event
    shift: Shift
    signup: Signup
    method: str | None
    """What happens to the person's calendar: `REQUEST`, `CANCEL` or nothing."""
    before: Place | None = None
    changes: Sequence[str] = ()
    asks_again: bool = False
    """Whether it changed so much that the person is asked whether they still come."""
    overlaps: Sequence[Entry] = ()
    """Other places of the same person at the same time."""

    @property
    def has_place(self) -> bool:
        """Whether the person has a place now."""
        return self.signup.state == "placed"

    @property
    def is_off(self) -> bool:
        """Whether the shift will not take place."""
        return self.shift.cancelled or self.event.status == "cancelled"

    @cached_property
    def where(self) -> Place:
        """What this person may know of when and where the shift is."""
        return as_seen(place_of(self.event, self.shift), self.event, has_place=self.has_place)


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a group lets its mails speak and look; what is empty is as in all mails."""

    subject: str = ""
    words: str = ""
    colour: str = ""


AS_ALL = Style()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is to be said to whom: about one sign-up, or a list of `entries`."""

    notice: Notice
    written_at: datetime
    recipient: str
    first_name: str
    group: Group | None
    """Who signs it; the installation itself signs when it is empty."""
    about: About | None = None
    entries: Sequence[Entry] = ()
    style: Style = AS_ALL
    together: Sequence[About] = ()
    """All places that a reminder speaks of, in the order in which they begin."""
    also: Sequence[int] = ()
    """The ids of other notices that are said in this mail, too."""
    said: Mapping[str, Any] = field(default_factory=dict)
    """What it says besides what the notice keeps: the words that somebody wrote."""
    answers_to: Contact | None = None
    """Who reads answers, where that is nobody whom the event or the group names."""
    schedule: Schedule | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    """Where the mail leads, as paths of this site by what is there; `unsubscribe` ends such mails
    at once."""

    @property
    def asks(self) -> bool:
        """Whether it asks somebody to come, and not only tells those who do."""
        return self.notice.kind in kinds.ASKS and "unsubscribe" in self.links


@dataclass(frozen=True)
class NotSent:
    """A notice that shall not become a letter, and why."""

    state: str
    reason: str
    recipient: str = ""
    due_at: datetime | None = None
    """When it is looked at again, if it only waits."""
    is_unreachable: bool = False
    """No mail at all goes to that address: whoever expects them has to be told."""
