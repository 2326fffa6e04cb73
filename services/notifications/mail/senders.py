"""Who signs a mail, and who answers questions about it."""

from __future__ import annotations

from dataclasses import dataclass

from ..config import Settings
from ..models import Event, Group
from .letters import Contact, Letter


@dataclass(frozen=True)
class Signature:
    """Who writes, with what the law wants to be said of them."""

    name: str
    imprint: str = ""
    privacy_url: str = ""


def sign(letter: Letter, settings: Settings) -> Signature:
    """Return who signs: the group, or the installation where no group speaks."""
    group = letter.group
    if group is None:
        return Signature(settings.network_name)
    return Signature(group.name, group.imprint, group.privacy_url)


def find_contact(letter: Letter) -> Contact | None:
    """Return who answers: whom the letter names, or the contact of its event or group.

    Nobody reads answers to a mail of the installation itself.
    """
    if letter.answers_to is not None:
        return letter.answers_to
    if letter.group is None:
        return None
    return contact_of(letter.about.event if letter.about else None, letter.group)


def contact_of(event: Event | None, group: Group) -> Contact:
    """Return the event's own contact, or the group's reply address, or its contact."""
    if event is not None and event.contact_email:
        return Contact(event.contact_name, event.contact_email)
    if group.reply_email:
        return Contact(group.name, group.reply_email)
    return Contact(group.contact_name, group.contact_email)
