"""Mailings: written, tried out, sent or stopped, and what became of them."""

from .forgetting import count_outdated, forget_outdated
from .leaving import hour_of, leave_due, note_through, send_mailing, stop_mailing, try_out
from .recipients import Missing, count_recipients, is_still_meant, list_missing, list_signups
from .showing import Standing, list_events, list_mailings, show_standing
from .writing import create_mailing, delete_draft, find_mailing, save_mailing, shifts_of, zone_of

__all__ = [
    "Missing",
    "Standing",
    "count_outdated",
    "count_recipients",
    "create_mailing",
    "delete_draft",
    "find_mailing",
    "forget_outdated",
    "hour_of",
    "is_still_meant",
    "leave_due",
    "list_events",
    "list_mailings",
    "list_missing",
    "list_signups",
    "note_through",
    "save_mailing",
    "send_mailing",
    "shifts_of",
    "show_standing",
    "stop_mailing",
    "try_out",
    "zone_of",
]
