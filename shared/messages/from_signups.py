"""What the signups service tells: sign-ups, each with its person, and the totals of shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.messages.message import Message


@dataclass(frozen=True, kw_only=True)
class Person:
    """The personal part of a message: as little as its readers need."""

    first_name: str
    email: str
    link: str
    """The finished URL of "my sign-up" for this sign-up."""


@dataclass(frozen=True, kw_only=True)
class SignupFacts:
    """One person's request for one shift, after the change that the message tells of."""

    id: int
    revision: int
    event_id: int
    shift_id: int
    shift_revision: int
    """The revision of the shift's facts on which this message rests."""
    state: str
    party: int


@dataclass(frozen=True, kw_only=True)
class ShiftBefore:
    """What a shift was before it moved. Times are UTC."""

    place: str
    address: str
    postcode: str
    starts_at: datetime
    ends_at: datetime
    mode: str | None = None
    online_url: str | None = None
    """Where people met online; None in messages from before it was told."""


@dataclass(frozen=True, kw_only=True)
class LostLink:
    """One live sign-up of somebody who lost the link to it."""

    event_id: int
    shift_id: int
    state: str
    link: str


@dataclass(frozen=True, kw_only=True)
class LinkSeeker:
    """Somebody who asked for the links to what they signed up for."""

    first_name: str
    email: str
    links: tuple[LostLink, ...]


@dataclass(frozen=True, kw_only=True)
class SignupMessage(Message):
    """Tells of one sign-up, and of the person as far as a mail needs them."""

    SENDER: ClassVar[str] = "signups"
    signup: SignupFacts
    person: Person

    @property
    def subject(self) -> str:
        return f"signup/{self.signup.id}"


@dataclass(frozen=True, kw_only=True)
class SignupPlaced(SignupMessage):
    """Somebody signed up and has a place at once."""

    NAME: ClassVar[str] = "signup.placed.v1"


@dataclass(frozen=True, kw_only=True)
class SignupWaitlisted(SignupMessage):
    """Somebody signed up and is on the waiting list, with `ahead` sign-ups before theirs."""

    NAME: ClassVar[str] = "signup.waitlisted.v1"
    ahead: int


@dataclass(frozen=True, kw_only=True)
class SignupPromoted(SignupMessage):
    """A place came free and went to somebody who was waiting."""

    NAME: ClassVar[str] = "signup.promoted.v1"


@dataclass(frozen=True, kw_only=True)
class SignupCancelled(SignupMessage):
    """Somebody cancelled their own sign-up."""

    NAME: ClassVar[str] = "signup.cancelled.v1"


@dataclass(frozen=True, kw_only=True)
class SignupRepeated(SignupMessage):
    """Somebody who has a live sign-up for the shift signed up again; nothing changed."""

    NAME: ClassVar[str] = "signup.repeated.v1"


@dataclass(frozen=True, kw_only=True)
class SignupMoved(SignupMessage):
    """The time or the place of a live sign-up's shift changed."""

    NAME: ClassVar[str] = "signup.moved.v1"
    before: ShiftBefore


@dataclass(frozen=True, kw_only=True)
class SignupClosed(SignupMessage):
    """A live sign-up ended because its event or its shift was cancelled."""

    NAME: ClassVar[str] = "signup.closed.v1"
    state_before: str
    """`placed` or `waiting`: what the person had until now."""
    reason: str


@dataclass(frozen=True, kw_only=True)
class LinkRequested(Message):
    """Somebody lost their link and asked for it; told only when live sign-ups were found."""

    NAME: ClassVar[str] = "person.link_requested.v1"
    SENDER: ClassVar[str] = "signups"
    request_id: str
    """A UUID, one for each asking."""
    person: LinkSeeker

    @property
    def subject(self) -> str:
        return f"link-request/{self.request_id}"


@dataclass(frozen=True, kw_only=True)
class PlacesChanged(Message):
    """A shift's totals, newest wins by `places_revision`."""

    NAME: ClassVar[str] = "places.changed.v1"
    SENDER: ClassVar[str] = "signups"
    event_id: int
    shift_id: int
    places_revision: int
    taken: int
    """Places given, in people."""
    waiting: int
    """Sign-ups on the waiting list."""

    @property
    def subject(self) -> str:
        return f"shift/{self.shift_id}"
