"""The use cases of the events service; each takes the session first and never commits."""

from .belonging import (
    groups_of_event,
    groups_of_group,
    groups_of_series,
    host_of_event,
)
from .events import (
    archive_event,
    cancel_event,
    change_event,
    create_event,
    publish_event,
    unarchive_event,
)
from .groups import change_group, create_group
from .leads import erase_lead, erase_old_leads
from .moving import copy_event, move_event
from .places import keep_places
from .schedule import Card, list_events, list_groups, show_schedule
from .shifts import (
    ShiftPlan,
    add_shift,
    cancel_shift,
    carry_out,
    change_shift,
    report_conversations,
)
from .stored import find_event, find_group, find_public_event

__all__ = [
    "Card",
    "ShiftPlan",
    "add_shift",
    "archive_event",
    "cancel_event",
    "cancel_shift",
    "carry_out",
    "change_event",
    "change_group",
    "change_shift",
    "copy_event",
    "create_event",
    "create_group",
    "erase_lead",
    "erase_old_leads",
    "find_event",
    "find_group",
    "find_public_event",
    "groups_of_event",
    "groups_of_group",
    "groups_of_series",
    "host_of_event",
    "keep_places",
    "list_events",
    "list_groups",
    "move_event",
    "publish_event",
    "report_conversations",
    "show_schedule",
    "unarchive_event",
]
