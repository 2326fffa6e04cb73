"""What people agree to: the boxes of a form, word for word as they are stored."""

from __future__ import annotations

CONSENT_VERSION = 1
"""Raised with every change of the words."""

CONSENTS = {
    "taking part": (
        "{group} may use what I typed here to organise this event. Coming to it can show my"
        " political opinions or what I care about; I agree that {group} keeps it for that purpose."
    ),
    "mail": (
        "{group} may write to me by email about days to come. Whenever I want it to end, I say so."
    ),
    "phone": (
        "{group} may call me or send me texts about days to come. Whenever I want it to end, I say"
        " so."
    ),
}
"""What somebody agrees to, by its purpose. Without the first nobody is signed up; nobody has to
agree to the others."""


def words_agreed_to(purpose: str, group_name: str) -> str:
    """Return the words beside a box."""
    return CONSENTS[purpose].format(group=group_name)
