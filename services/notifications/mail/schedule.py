"""What a schedule mail says, as it was just read: events in three parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Line:
    """One shift of an event: when, where, how far."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    where: str
    distance: str
    """In words; empty where it is not known."""
    is_full: bool


@dataclass(frozen=True, kw_only=True)
class Item:
    """An event with those of its shifts that the mail names."""

    event_id: int
    title: str
    kind: str
    """In words."""
    group: str
    lines: Sequence[Line]
    others: int = 0
    """How many more of its shifts fit, or changed."""
    what: str = ""
    """What happened to it: `moved`, `cancelled` or `reopened`; empty for what is new or coming."""
    before: Line | None = None
    """When and where it was before it moved."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """All of it."""

    changed: Sequence[Item]
    new: Sequence[Item]
    coming: Sequence[Item]
    more: int
    """Events that found no room."""
    is_first: bool
    """Whether it is somebody's first: then all that is on is new to them."""
    where: str
    """Around which place, in words; empty where it is everywhere."""

    @property
    def headline(self) -> str:
        """What it is about: its first event, of what is new if there is any, and how many more."""
        items = [*self.new, *self.changed]
        rest = len({item.event_id for item in items} - {items[0].event_id}) + self.more
        opening = "Coming up" if self.new else "Changed"
        return f"{opening}: {items[0].title}" + (f" and {rest} more" if rest else "")
