"""The tables of the events service."""

from .access import AuditEntry, Organiser, SignedInSession, SignInLink
from .campaigns import Campaign, Election
from .declarative import Base
from .events import CoHost, Event, Series, Shift
from .geography import KnownPostcode, PlaceName, PostcodeEdition, PostcodePart
from .groups import Group, GroupArea, JoinRequest
from .imports import Import, ImportRow

__all__ = [
    "AuditEntry",
    "Base",
    "Campaign",
    "CoHost",
    "Election",
    "Event",
    "Group",
    "GroupArea",
    "Import",
    "ImportRow",
    "JoinRequest",
    "KnownPostcode",
    "Organiser",
    "PlaceName",
    "PostcodeEdition",
    "PostcodePart",
    "Series",
    "Shift",
    "SignInLink",
    "SignedInSession",
]
