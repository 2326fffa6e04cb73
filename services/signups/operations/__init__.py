"""The use cases of this service: session first, never committing."""

from .changing import MySignup, cancel_signup, request_links, show_my_signup
from .checking import find_violations
from .copies import keep_event, keep_group
from .listing import list_signups
from .places import fill, foresee
from .review import accept, drop, forget_unreviewed, list_pending
from .signing_up import Details, Receipt, as_answer, sign_up
from .stored import find_shift, host_of_shift
from .sweeping import fill_all
from .together import list_counterparts

__all__ = [
    "Details",
    "MySignup",
    "Receipt",
    "accept",
    "as_answer",
    "cancel_signup",
    "drop",
    "fill",
    "fill_all",
    "find_shift",
    "find_violations",
    "foresee",
    "forget_unreviewed",
    "host_of_shift",
    "keep_event",
    "keep_group",
    "list_counterparts",
    "list_pending",
    "list_signups",
    "request_links",
    "show_my_signup",
    "sign_up",
]
