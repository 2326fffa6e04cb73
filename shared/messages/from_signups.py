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
    signup_id: int = 0
    """0 in messages from before it was told."""


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
    first: bool = False
    """Whether the group had no sign-up of theirs before."""


@dataclass(frozen=True, kw_only=True)
class SignupWaitlisted(SignupMessage):
    """Somebody signed up and is on the waiting list, with `ahead` sign-ups before theirs."""

    NAME: ClassVar[str] = "signup.waitlisted.v1"
    ahead: int
    first: bool = False
    """Whether the group had no sign-up of theirs before."""


@dataclass(frozen=True, kw_only=True)
class SignupHeld(SignupMessage):
    """Places are held until `until` (UTC) for somebody who has to press the button in the mail.

    Mostly they were never given (state `pending`). After very many signed up at once, those who
    have a place or wait (their state says which) are asked, too, and keep it only then.
    """

    NAME: ClassVar[str] = "signup.held.v1"
    until: datetime


@dataclass(frozen=True, kw_only=True)
class SignupPromoted(SignupMessage):
    """A place came free and went to somebody who was waiting."""

    NAME: ClassVar[str] = "signup.promoted.v1"


@dataclass(frozen=True, kw_only=True)
class SignupOffered(SignupMessage):
    """A place came free and is kept until `until` (UTC) for the answer of somebody who waited."""

    NAME: ClassVar[str] = "signup.offered.v1"
    until: datetime


@dataclass(frozen=True, kw_only=True)
class SignupDeclined(SignupMessage):
    """Somebody said no to an offer, or to a place that waiting had brought them."""

    NAME: ClassVar[str] = "signup.declined.v1"


@dataclass(frozen=True, kw_only=True)
class SignupLapsed(SignupMessage):
    """A sign-up ended because an hour passed: of an offer, of a hold, or for proving an address."""

    NAME: ClassVar[str] = "signup.lapsed.v1"
    why: str
    """`offer`, `hold` or `doubt`."""


@dataclass(frozen=True, kw_only=True)
class SignupTold(SignupMessage):
    """Somebody who waits may take a place now if they are quick; the start is near."""

    NAME: ClassVar[str] = "signup.told.v1"


@dataclass(frozen=True, kw_only=True)
class SignupChanged(SignupMessage):
    """A live sign-up's party became smaller or larger."""

    NAME: ClassVar[str] = "signup.changed.v1"
    party_before: int


@dataclass(frozen=True, kw_only=True)
class SignupSwitched(SignupMessage):
    """A sign-up ended because the same person has a place on another shift instead."""

    NAME: ClassVar[str] = "signup.switched.v1"
    to_shift_id: int


@dataclass(frozen=True, kw_only=True)
class SignupTransferred(SignupMessage):
    """A sign-up ended because a friend took its places over, who hears of it as `signup.placed`."""

    NAME: ClassVar[str] = "signup.transferred.v1"


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
    ask_again: bool = False
    """Whether it moved so far that the person is asked whether they still come."""


@dataclass(frozen=True, kw_only=True)
class SignupClosed(SignupMessage):
    """A live sign-up ended because its event or its shift was cancelled, or began without it."""

    NAME: ClassVar[str] = "signup.closed.v1"
    state_before: str
    """`placed`, `waiting`, `offered` or `pending`: what the person had until now."""
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
class PrivacyLink:
    """Where somebody sees and erases what is kept of them for one group."""

    person_id: int
    group_id: int
    group_name: str
    name: str
    """As they gave it: a couple that shares an address tells the links apart by it."""
    link: str


@dataclass(frozen=True, kw_only=True)
class PrivacySeeker:
    """Somebody who asked what is kept of them."""

    first_name: str
    email: str
    links: tuple[PrivacyLink, ...]


@dataclass(frozen=True, kw_only=True)
class PrivacyRequested(Message):
    """Somebody asked what is kept of them; told only when there is something."""

    NAME: ClassVar[str] = "person.privacy_requested.v1"
    SENDER: ClassVar[str] = "signups"
    request_id: str
    """A UUID, one for each asking."""
    expires_at: datetime
    """UTC; the links open nothing afterwards."""
    person: PrivacySeeker

    @property
    def subject(self) -> str:
        return f"privacy-request/{self.request_id}"


@dataclass(frozen=True, kw_only=True)
class PersonErased(Message):
    """Somebody is forgotten; each service forgets them too, remembers that it did, and answers.

    Nothing in it is personal: `addresses` are HMACs under a key that signups and notifications
    share (shared/addresses.py). Numbers alone would not do: after a restore they may be another's.
    """

    NAME: ClassVar[str] = "person.erased.v1"
    SENDER: ClassVar[str] = "signups"
    erasure_id: str
    """A UUID."""
    person_ids: tuple[int, ...]
    signup_ids: tuple[int, ...]
    addresses: tuple[str, ...]

    @property
    def subject(self) -> str:
        return f"erasure/{self.erasure_id}"


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
