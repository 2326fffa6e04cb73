"""What the signups service tells of the boxes that people tick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.messages.message import Message


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """Who ticked a box, as far as a mail needs them."""

    first_name: str
    email: str
    postcode: str
    """As it was typed; empty where none was."""


@dataclass(frozen=True, kw_only=True)
class ConsentGiven(Message):
    """Somebody who signed up ticked the box for mail about future days."""

    NAME: ClassVar[str] = "consent.given.v1"
    SENDER: ClassVar[str] = "signups"
    purpose: str
    """`mail`; other purposes are told to nobody yet."""
    wording: str
    """The words beside the box."""
    version: int
    """Of these words."""
    origin: str
    """The web site on which the form stood, as its origin; empty for our own."""
    at: datetime
    """UTC."""
    group_id: int
    signup_id: int
    person: Agreed

    @property
    def subject(self) -> str:
        return f"signup/{self.signup_id}"
