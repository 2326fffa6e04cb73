"""The catalogue of every message that crosses the bus: its name, its sender and its fields.

A message is a fact in the past tense, `<noun>.<participle>.v<N>`. A new optional field keeps the
version; any other change is a new class with the next version beside the old one. Personal fields
stand in one object `person`, so that they can be found and forgotten.
"""

from __future__ import annotations

from shared.messages.from_events import (
    EventCancelled,
    EventChanged,
    EventFacts,
    EventMessage,
    EventPublished,
    GroupChanged,
    GroupFacts,
    ShiftFacts,
)
from shared.messages.from_signups import (
    LinkRequested,
    LinkSeeker,
    LostLink,
    Person,
    PlacesChanged,
    ShiftBefore,
    SignupCancelled,
    SignupClosed,
    SignupFacts,
    SignupMessage,
    SignupMoved,
    SignupPlaced,
    SignupPromoted,
    SignupRepeated,
    SignupWaitlisted,
)
from shared.messages.message import Message

__all__ = [
    "CATALOGUE",
    "EventCancelled",
    "EventChanged",
    "EventFacts",
    "EventMessage",
    "EventPublished",
    "GroupChanged",
    "GroupFacts",
    "LinkRequested",
    "LinkSeeker",
    "LostLink",
    "Message",
    "Person",
    "PlacesChanged",
    "ShiftBefore",
    "ShiftFacts",
    "SignupCancelled",
    "SignupClosed",
    "SignupFacts",
    "SignupMessage",
    "SignupMoved",
    "SignupPlaced",
    "SignupPromoted",
    "SignupRepeated",
    "SignupWaitlisted",
]

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
