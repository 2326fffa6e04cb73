"""A letter: a notice with all the facts that its mail is written from, as they were just read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..models import Event, Group, Notice, Shift, Signup
from ..rules.truth import Place, seen_by


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


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One sign-up on a list: in a mail with lost links, or in a contact's daily list."""

    event: Event
    shift: Shift
    state: str
    link: str = ""
    first_name: str = ""
    party: int = 1


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

    @property
    def has_place(self) -> bool:
        """Whether the person has a place now."""
        return self.signup.state == "placed"

    @property
    def where(self) -> Place:
        """What this person may know of when and where the shift is."""
        return as_seen(place_of(self.event, self.shift), self.event, has_place=self.has_place)


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
