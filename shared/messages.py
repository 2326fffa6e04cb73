"""The catalogue of every message that crosses the bus: its name, its sender and its fields.

A message is a fact in the past tense, `<noun>.<participle>.v<N>`. A new optional field keeps the
version; any other change is a new class with the next version beside the old one. Personal fields
stand in one object `person`, so that they can be found and forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Message:
    """What every message has: a name on the wire, the service that sends it, and a subject."""

    NAME: ClassVar[str]
    SENDER: ClassVar[str]

    @property
    def subject(self) -> str:
        """What the message is about, as `kind/id` (the CloudEvents attribute `subject`)."""
        raise TypeError(f"{type(self).__name__} names no subject")


@dataclass(frozen=True, kw_only=True)
class GroupFacts:
    """A group as the other services need it."""

    id: int
    revision: int
    name: str
    contact_name: str
    contact_email: str
    privacy_url: str
    imprint: str
    signup_notices: str
    """How the contact hears of new sign-ups: `at_once`, `daily` or `off`."""


@dataclass(frozen=True, kw_only=True)
class ShiftFacts:
    """A time at a meeting point.

    `starts_at`, `ends_at` and `closes_at` are UTC; `zone` is an IANA name.
    """

    id: int
    revision: int
    place: str
    address: str
    postcode: str
    constituency: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    capacity: int | None
    """Number of places; None means unlimited."""
    closes_at: datetime
    cancelled: bool


@dataclass(frozen=True, kw_only=True)
class EventFacts:
    """An event with its group and all its shifts, cancelled ones included."""

    id: int
    revision: int
    status: str
    """`published` or `cancelled`; a draft is told to nobody."""
    kind: str
    title: str
    description: str
    contact_name: str
    contact_email: str
    group: GroupFacts
    shifts: tuple[ShiftFacts, ...]


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
class EventMessage(Message):
    """Carries an event whole: a snapshot, never a difference."""

    SENDER: ClassVar[str] = "events"
    event: EventFacts

    @property
    def subject(self) -> str:
        return f"event/{self.event.id}"


@dataclass(frozen=True, kw_only=True)
class EventPublished(EventMessage):
    """An event is before the public."""

    NAME: ClassVar[str] = "event.published.v1"


@dataclass(frozen=True, kw_only=True)
class EventChanged(EventMessage):
    """A published event, or one of its shifts, changed."""

    NAME: ClassVar[str] = "event.changed.v1"


@dataclass(frozen=True, kw_only=True)
class EventCancelled(EventMessage):
    """An event will not take place."""

    NAME: ClassVar[str] = "event.cancelled.v1"
    reason: str


@dataclass(frozen=True, kw_only=True)
class GroupChanged(Message):
    """A group's facts changed."""

    NAME: ClassVar[str] = "group.changed.v1"
    SENDER: ClassVar[str] = "events"
    group: GroupFacts

    @property
    def subject(self) -> str:
        return f"group/{self.group.id}"


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


CATALOGUE: dict[str, type[Message]] = {
    message.NAME: message
    for message in (
        EventPublished,
        EventChanged,
        EventCancelled,
        GroupChanged,
        SignupPlaced,
        SignupWaitlisted,
        SignupPromoted,
        SignupCancelled,
        SignupRepeated,
        SignupMoved,
        SignupClosed,
        LinkRequested,
        PlacesChanged,
    )
}
