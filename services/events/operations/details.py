"""What people typed about a group, an event or a shift, after the schemas have read it."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict


class GroupDetails(TypedDict, total=False):
    """A group's own words; a change names only what is to change."""

    name: str
    contact_name: str
    contact_email: str
    privacy_url: str
    imprint: str
    signup_notices: str


class ShiftDetails(TypedDict, total=False):
    """A shift; `starts_at`, `ends_at` and `closes_at` are what clocks in `zone` show."""

    place: str
    address: str
    postcode: str
    constituency: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    capacity: int | None
    closes_at: datetime | None
    """None means: at the start."""


class EventDetails(TypedDict, total=False):
    """An event; an empty contact means the group's."""

    group_id: int
    kind: str
    title: str
    description: str
    contact_name: str
    contact_email: str
    shifts: list[ShiftDetails]
