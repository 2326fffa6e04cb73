"""The use cases of this service: session first, never committing."""

from .agreeing import keep_answer
from .belonging import (
    group_of_people_import,
    group_of_person,
    groups_of_group,
    host_of_event,
    host_of_shift,
    host_of_signup,
)
from .changing import (
    accept_offer,
    cancel_for,
    cancel_signup,
    confirm,
    decline_offer,
    keep_coming,
    keep_wish,
    request_links,
    shrink_party,
    take_place,
)
from .checking import find_backlog, find_violations
from .copies import keep_event, keep_group
from .details import Came, Details, Receipt, as_answer
from .filling import fill
from .floods import watch_for_floods
from .lining import count_shifts, show_line
from .listing import list_for_download, list_signups
from .mine import MySignup, show_my_signup
from .notices import keep_notice, unreached_people, unreached_signups
from .offers import give_by_hand
from .places import foresee
from .review import accept, count_pending, drop, drop_all, forget_unreviewed, list_pending
from .signing_up import sign_up
from .stored import find_friend, find_group, find_shift, list_sites, shift_of
from .sweeping import fill_all
from .switching import switch
from .together import list_counterparts, list_more
from .transferring import claim_place, close_transfer, find_claim, open_transfer, shift_of_claim
from .verifying import doubt_address

__all__ = [
    "Came",
    "Details",
    "MySignup",
    "Receipt",
    "accept",
    "accept_offer",
    "as_answer",
    "cancel_for",
    "cancel_signup",
    "claim_place",
    "close_transfer",
    "confirm",
    "count_pending",
    "count_shifts",
    "decline_offer",
    "doubt_address",
    "drop",
    "drop_all",
    "fill",
    "fill_all",
    "find_backlog",
    "find_claim",
    "find_friend",
    "find_group",
    "find_shift",
    "find_violations",
    "foresee",
    "forget_unreviewed",
    "give_by_hand",
    "group_of_people_import",
    "group_of_person",
    "groups_of_group",
    "host_of_event",
    "host_of_shift",
    "host_of_signup",
    "keep_answer",
    "keep_coming",
    "keep_event",
    "keep_group",
    "keep_notice",
    "keep_wish",
    "list_counterparts",
    "list_for_download",
    "list_more",
    "list_pending",
    "list_signups",
    "list_sites",
    "open_transfer",
    "request_links",
    "shift_of",
    "shift_of_claim",
    "show_line",
    "show_my_signup",
    "shrink_party",
    "sign_up",
    "switch",
    "take_place",
    "unreached_people",
    "unreached_signups",
    "watch_for_floods",
]
