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
from shared.messages.from_events_access import (
    Addressee,
    CoHostAsked,
    GroupApproved,
    GroupDeclined,
    GroupRequested,
    MembershipChanged,
    OrganiserInvited,
    SessionEnded,
    SignInRequested,
    SignInSeeker,
    TokenIssued,
    TokenMessage,
    TokenRevoked,
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
    "Addressee",
    "CoHostAsked",
    "EventCancelled",
    "EventChanged",
    "EventFacts",
    "EventMessage",
    "EventPublished",
    "GroupApproved",
    "GroupChanged",
    "GroupDeclined",
    "GroupFacts",
    "GroupRequested",
    "LinkRequested",
    "LinkSeeker",
    "LostLink",
    "MembershipChanged",
    "Message",
    "OrganiserInvited",
    "Person",
    "PlacesChanged",
    "SessionEnded",
    "ShiftBefore",
    "ShiftFacts",
    "SignInRequested",
    "SignInSeeker",
    "SignupCancelled",
    "SignupClosed",
    "SignupFacts",
    "SignupMessage",
    "SignupMoved",
    "SignupPlaced",
    "SignupPromoted",
    "SignupRepeated",
    "SignupWaitlisted",
    "TokenIssued",
    "TokenMessage",
    "TokenRevoked",
]

CATALOGUE: dict[str, type[Message]] = {
    message.NAME: message
    for message in (
        EventPublished,
        EventChanged,
        EventCancelled,
        GroupChanged,
        MembershipChanged,
        SessionEnded,
        TokenIssued,
        TokenRevoked,
        SignInRequested,
        OrganiserInvited,
        GroupRequested,
        GroupApproved,
        GroupDeclined,
        CoHostAsked,
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
