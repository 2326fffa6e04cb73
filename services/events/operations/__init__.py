"""The use cases of the events service; each takes the session first and never commits."""

from .events import cancel_event, change_event, create_event, publish_event
from .groups import change_group, create_group
from .places import keep_places
from .schedule import Card, Wanted, list_events, list_groups, show_schedule
from .shifts import add_shift, cancel_shift, change_shift
from .stored import find_event, find_group, find_public_event

__all__ = [
    "Card",
    "Wanted",
    "add_shift",
    "cancel_event",
    "cancel_shift",
    "change_event",
    "change_group",
    "change_shift",
    "create_event",
    "create_group",
    "find_event",
    "find_group",
    "find_public_event",
    "keep_places",
    "list_events",
    "list_groups",
    "publish_event",
    "show_schedule",
]
