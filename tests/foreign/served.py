"""What the served Muster has: shifts on both sides of each change of the clocks in 2027."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.database import Database

NOW = datetime(2027, 1, 15, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Planned:
    """A shift as an organiser typed it, and the instant that everybody must make of it."""

    title: str
    starts: str
    ends: str
    instant: str
    zone: str = "Europe/London"


SHIFTS = (
    Planned("In winter", "2027-03-27T10:00", "2027-03-27T12:00", "2027-03-27T10:00Z"),
    Planned("On the change", "2027-03-28T10:00", "2027-03-28T12:00", "2027-03-28T09:00Z"),
    Planned("In spring", "2027-03-29T10:00", "2027-03-29T12:00", "2027-03-29T09:00Z"),
    Planned("In summer, by the sea", "2027-07-10T10:00", "2027-07-10T12:00", "2027-07-10T09:00Z"),
    Planned("In autumn", "2027-10-30T10:00", "2027-10-30T12:00", "2027-10-30T09:00Z"),
    Planned("On the change back", "2027-10-31T10:00", "2027-10-31T12:00", "2027-10-31T10:00Z"),
    Planned("In November", "2027-11-01T10:00", "2027-11-01T12:00", "2027-11-01T10:00Z"),
    Planned("Abroad", "2027-07-11T11:00", "2027-07-11T13:00", "2027-07-11T09:00Z", "Europe/Paris"),
)


@dataclass(frozen=True)
class Served:
    """The service behind its address."""

    db: Database
    address: str


def unix(instant: str) -> int:
    """Return an instant as Unix seconds."""
    return int(datetime.fromisoformat(instant).timestamp())
