"""Who signs a mail, and who answers questions about it."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import Settings
from .letters import Letter


@dataclass(frozen=True)
class Signature:
    """Who writes, with what the law wants to be said of them."""

    name: str
    imprint: str = ""
    privacy_url: str = ""


@dataclass(frozen=True)
class Contact:
    """Who reads answers."""

    name: str
    email: str


def sign(letter: Letter, settings: Settings) -> Signature:
    """Return who signs: the group, or the installation where no group speaks."""
    group = letter.group
    if group is None:
        return Signature(settings.network_name)
    return Signature(group.name, group.imprint, group.privacy_url)


def find_contact(letter: Letter) -> Contact | None:
    """Return who answers: the event's own contact, the group's reply address, or its contact.

    Nobody reads answers to a mail of the installation itself.
    """
    event = letter.about.event if letter.about else None
    if event and event.contact_email:
        return Contact(event.contact_name, event.contact_email)
    group = letter.group
    if group is None:
        return None
    if group.reply_email:
        return Contact(group.name, group.reply_email)
    return Contact(group.contact_name, group.contact_email)
