"""The tables of the signups service: people, sign-ups, and copies of what they sign up for."""

from .copies import Event, Group, Notice, Shift
from .declarative import Base
from .people import (
    Merge,
    PeopleImport,
    Person,
    PersonNote,
    PersonTag,
    ToldApart,
    TrainingDone,
)
from .privacy import Erasure
from .signups import Consent, LedgerEntry, Signup

__all__ = [
    "Base",
    "Consent",
    "Erasure",
    "Event",
    "Group",
    "LedgerEntry",
    "Merge",
    "Notice",
    "PeopleImport",
    "Person",
    "PersonNote",
    "PersonTag",
    "Shift",
    "Signup",
    "ToldApart",
    "TrainingDone",
]
