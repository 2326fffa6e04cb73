"""What the notifications service tells: what became of mails, who wants none, who is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.messages.message import Message


@dataclass(frozen=True, kw_only=True)
class NoticeMessage(Message):
    """Tells what became of one mail about a sign-up."""

    SENDER: ClassVar[str] = "notifications"
    notice_id: int
    signup_id: int
    kind: str
    """As `confirmation` or `offered`."""
    at: datetime
    """UTC."""

    @property
    def subject(self) -> str:
        return f"notice/{self.notice_id}"


@dataclass(frozen=True, kw_only=True)
class NoticeSent(NoticeMessage):
    """A mail server took a mail about a sign-up."""

    NAME: ClassVar[str] = "notice.sent.v1"


@dataclass(frozen=True, kw_only=True)
class NoticeFailed(NoticeMessage):
    """A mail about a sign-up cannot be delivered, and is not tried again."""

    NAME: ClassVar[str] = "notice.failed.v1"
    reason: str
    """In words for organisers; never an address."""
    bounced: bool = True
    """Whether the address does not exist or takes no mail; no other failure was told before."""


@dataclass(frozen=True, kw_only=True)
class NoticeComplained(NoticeMessage):
    """Somebody told their mail provider that a mail about a sign-up was not wanted."""

    NAME: ClassVar[str] = "notice.complained.v1"
    reason: str
    """In words for organisers; never an address."""


@dataclass(frozen=True, kw_only=True)
class PersonErasedFromNotifications(Message):
    """The notifications service has forgotten somebody."""

    NAME: ClassVar[str] = "person.erased_from_notifications.v1"
    SENDER: ClassVar[str] = "notifications"
    erasure_id: str
    """As in `person.erased.v1`."""

    @property
    def subject(self) -> str:
        return f"erasure/{self.erasure_id}"


@dataclass(frozen=True, kw_only=True)
class ConsentHolder:
    """Whose consent it is: an address, in the form in which two spellings are equal."""

    email: str


@dataclass(frozen=True, kw_only=True)
class ConsentMessage(Message):
    """Tells of an answer about mail that somebody gave by a link in it."""

    SENDER: ClassVar[str] = "notifications"
    purpose: str
    """`mail`."""
    subscriber_id: int
    at: datetime
    """UTC; of two answers the later one counts."""
    group_id: int | None
    """The group whose mail it is about; None is every group's."""
    person: ConsentHolder

    @property
    def subject(self) -> str:
        return f"subscriber/{self.subscriber_id}"


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(ConsentMessage):
    """Somebody unsubscribed from mail about future days."""

    NAME: ClassVar[str] = "consent.withdrawn.v1"


@dataclass(frozen=True, kw_only=True)
class ConsentRenewed(ConsentMessage):
    """Somebody who had unsubscribed took that back."""

    NAME: ClassVar[str] = "consent.renewed.v1"
