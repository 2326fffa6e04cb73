"""What people typed about a group, an event or a shift, after the schemas have read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict


class GroupDetails(TypedDict, total=False):
    """A group's own words; a change names only what is to change."""

    name: str
    about: str
    website: str
    contact_name: str
    contact_email: str
    reply_email: str
    constituencies: list[str]
    authorities: list[str]
    area_postcode: str
    area_miles: int | None
    representative_name: str
    representative_role: str
    privacy_url: str
    imprint: str
    signup_notices: str
    embed_sites: list[str]
    parent_id: int | None
    """Only when it is founded: whose part it is."""


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
    work: str
    needs: str
    lead_name: str
    lead_email: str


class EventDetails(TypedDict, total=False):
    """An event; an empty contact means the group's."""

    group_id: int
    kind: str
    title: str
    description: str
    contact_name: str
    contact_email: str
    bring: str
    accessibility: str
    mode: str
    online_url: str
    address_shown: str
    verification: str
    when_full: str
    promotion: str
    questions: list[dict[str, Any]]
    reminders: list[dict[str, Any]]
    campaign_id: int | None
    election_id: str | None
    shifts: list[ShiftDetails]
