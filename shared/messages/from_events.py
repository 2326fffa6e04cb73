"""What the events service tells: events whole, as snapshots, and groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.messages.message import Message


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
    reply_email: str = ""
    """Where answers to its mails go; empty means the contact."""
    representative_name: str = ""
    representative_role: str = ""
    """The MP or candidate that newcomers are shown."""
    sites: tuple[str, ...] = ()
    """Origins of web sites that may show its schedule and its sign-up forms."""


@dataclass(frozen=True, kw_only=True)
class QuestionFacts:
    """What an event's sign-up form asks besides."""

    id: str
    """Fixed for life, so that answers stay with their question when its words change."""
    label: str
    help: str
    kind: str
    """`text`, `choice` or `yes_no`."""
    options: tuple[str, ...]
    """What can be chosen; empty for other kinds."""
    required: bool


@dataclass(frozen=True, kw_only=True)
class ReminderFacts:
    """When those with a place are reminded: on a day at an hour, or some time before."""

    days_before: int | None = None
    """Counted in the shift's zone; 0 is the day itself."""
    at: str | None = None
    """What clocks at the shift show then, as in `18:00`."""
    minutes_before: int | None = None
    """Instead of the other two."""


USUAL_REMINDERS = (
    ReminderFacts(days_before=1, at="18:00"),
    ReminderFacts(days_before=0, at="08:00"),
)


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
    constituency_code: str = ""
    """Its GSS code, where it is known."""
    work: str = ""
    """`training`, `campaigning`, or nothing: what the event's kind says."""
    needs: str = ""
    """The training that somebody needs for it, by its name."""
    latitude: float | None = None
    longitude: float | None = None
    """Where it is, in degrees (WGS 84), as far as its postcode tells."""


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
    bring: str = ""
    accessibility: str = ""
    mode: str = "in_person"
    """`in_person`, `online` or `both`."""
    online_url: str = ""
    """Where people meet online: for those who signed up, like an address not shown."""
    address_shown: str = "public"
    """`public`, or `signed_up`: only those who have a place may be told the addresses."""
    campaign_id: int | None = None
    co_hosts: tuple[int, ...] = ()
    """The ids of other groups that hold it too and see its numbers."""
    verification: str = "soft"
    """Whether those who sign up prove their address: `off`, `soft` or `strict`."""
    promotion: str = "by_time"
    """How a place that comes free is given: `by_time`, `at_once`, `offers` or `by_hand`."""
    waiting_list: bool = True
    """Whether those who find no place may wait for one."""
    questions: tuple[QuestionFacts, ...] = ()
    reminders: tuple[ReminderFacts, ...] = USUAL_REMINDERS


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
class PersonErasedFromEvents(Message):
    """The events service has forgotten somebody, of whom it knew nothing but numbers."""

    NAME: ClassVar[str] = "person.erased_from_events.v1"
    SENDER: ClassVar[str] = "events"
    erasure_id: str
    """As in `person.erased.v1`."""

    @property
    def subject(self) -> str:
        return f"erasure/{self.erasure_id}"
