"""What an address that is suppressed gets no more, and how that is said."""

from __future__ import annotations

COVERS = ("all", "asks")
"""What is held back: every mail, or those that ask somebody to come."""

THEY_COMPLAINED = "They complained about this mail; nothing that invites is sent there any more."
COMPLAINED = "Somebody there complained about a mail like this; service mail still goes."
BOUNCED_BEFORE = "Mail to this address bounced before"


def is_held_back(covers: str, *, asks: bool) -> bool:
    """Tell whether a suppression that covers so much holds a mail back that asks, or does not."""
    return covers == "all" or asks


def why_held_back(covers: str, reason: str) -> str:
    """Return the sentence for the ledger."""
    return f"{BOUNCED_BEFORE}. {reason}" if covers == "all" else reason


def is_for_bounces(reason: str) -> bool:
    """Tell whether a notice was held back because mail to its address bounced."""
    return reason.startswith(BOUNCED_BEFORE)
