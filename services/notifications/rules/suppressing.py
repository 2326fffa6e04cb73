"""What an address that is suppressed gets no more, and how that is said."""

from __future__ import annotations

from . import kinds

COVERS = ("all", "asks")
"""What is held back: every mail, or those that ask somebody to come."""

THEY_COMPLAINED = "They complained about this mail; nothing that invites is sent there any more."
COMPLAINED = "Somebody there complained about a mail like this; service mail still goes."


def is_held_back(covers: str, kind: str | None) -> bool:
    """Tell whether a suppression that covers so much holds a kind of notice back.

    Without a kind it is asked whether anything is held back at all.
    """
    return covers == "all" or kind is None or kind in kinds.ASKS


def why_held_back(covers: str, reason: str) -> str:
    """Return the sentence for the ledger."""
    return f"Mail to this address bounced before. {reason}" if covers == "all" else reason
