"""What the events service tells of access: who may do what, and the mails that organisers need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.messages.message import Message


@dataclass(frozen=True, kw_only=True)
class Organiser:
    """Who may do something, as far as mails to them need it."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class MembershipChanged(Message):
    """What an organiser may do in a group, or in the network: a snapshot."""

    NAME: ClassVar[str] = "membership.changed.v1"
    SENDER: ClassVar[str] = "events"
    organiser_id: int
    group_id: int
    """0 is the network, above all groups."""
    role: str
    """`owner`, `organiser` or `viewer` of a group, `administrator` of the network, or `none`."""
    revision: int
    person: Organiser | None = None
    """Who it is; nobody with the role `none`, and in messages from before it was told."""

    @property
    def subject(self) -> str:
        return f"membership/{self.organiser_id}/{self.group_id}"


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Message):
    """An organiser signed out, or was signed out, before the session's time was over."""

    NAME: ClassVar[str] = "session.ended.v1"
    SENDER: ClassVar[str] = "events"
    session_id: str
    """A UUID."""
    expires_at: datetime
    """When the session would have ended by itself; it need not be remembered for longer."""

    @property
    def subject(self) -> str:
        return f"session/{self.session_id}"


@dataclass(frozen=True, kw_only=True)
class TokenMessage(Message):
    """Carries a program's token whole, except for the token itself: of that only the hash."""

    SENDER: ClassVar[str] = "events"
    id: int
    hash: str
    """SHA-256 in hexadecimal digits."""
    name: str
    group_id: int
    """0 is the network: all groups."""
    rights: str
    """Words with spaces between them: `read`, `write`, `sign-up`."""
    expires_at: datetime

    @property
    def subject(self) -> str:
        return f"token/{self.id}"


@dataclass(frozen=True, kw_only=True)
class TokenIssued(TokenMessage):
    """A program may come in."""

    NAME: ClassVar[str] = "token.issued.v1"


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(TokenMessage):
    """A program may no longer come in; final."""

    NAME: ClassVar[str] = "token.revoked.v1"
    revoked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Whom a mail to organisers is for."""

    name: str
    email: str
    link: str
    """Where the mail leads."""


@dataclass(frozen=True, kw_only=True)
class SignInSeeker:
    """Who wants to sign in, and by what: it opens the door, so it is kept for minutes only."""

    name: str
    email: str
    link: str
    code: str


@dataclass(frozen=True, kw_only=True)
class SignInRequested(Message):
    """An organiser wants to sign in; told only when the address is an organiser's."""

    NAME: ClassVar[str] = "sign_in.requested.v1"
    SENDER: ClassVar[str] = "events"
    request_id: str
    """A UUID, one for each asking."""
    expires_at: datetime
    person: SignInSeeker

    @property
    def subject(self) -> str:
        return f"sign-in/{self.request_id}"


@dataclass(frozen=True, kw_only=True)
class OrganiserInvited(Message):
    """Somebody was made an owner, organiser or viewer of a group."""

    NAME: ClassVar[str] = "organiser.invited.v1"
    SENDER: ClassVar[str] = "events"
    organiser_id: int
    group_id: int
    group_name: str
    role: str
    revision: int
    """That of the membership."""
    invited_by: str
    person: Addressee

    @property
    def subject(self) -> str:
        return f"membership/{self.organiser_id}/{self.group_id}"


@dataclass(frozen=True, kw_only=True)
class JoinRequestMessage(Message):
    """Tells of a new group that asks to join."""

    SENDER: ClassVar[str] = "events"
    request_id: int
    group_name: str
    person: Addressee

    @property
    def subject(self) -> str:
        return f"join-request/{self.request_id}"


@dataclass(frozen=True, kw_only=True)
class GroupRequested(JoinRequestMessage):
    """A new group asks to join; one message for each administrator who is to hear of it."""

    NAME: ClassVar[str] = "group.requested.v1"
    organiser_id: int
    """The administrator."""
    area: str


@dataclass(frozen=True, kw_only=True)
class GroupApproved(JoinRequestMessage):
    """A new group was let in; its first organiser is told how to begin."""

    NAME: ClassVar[str] = "group.approved.v1"
    group_id: int


@dataclass(frozen=True, kw_only=True)
class GroupDeclined(JoinRequestMessage):
    """A new group was not let in; the reason is for whoever asked."""

    NAME: ClassVar[str] = "group.declined.v1"
    reason: str


@dataclass(frozen=True, kw_only=True)
class CoHostAsked(Message):
    """A group is asked to hold an event together with its host; its contact is told."""

    NAME: ClassVar[str] = "co_host.asked.v1"
    SENDER: ClassVar[str] = "events"
    event_id: int
    event_title: str
    group_id: int
    """The group that is asked."""
    group_name: str
    host_name: str
    asked_at: datetime
    person: Addressee

    @property
    def subject(self) -> str:
        return f"co-host/{self.event_id}/{self.group_id}"
