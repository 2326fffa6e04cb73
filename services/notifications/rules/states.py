"""The states a notice can be in."""

from __future__ import annotations

STATES = {
    "planned": "Planned",
    "due": "Due",
    "sending": "Being sent",
    "sent": "Sent",
    "deferred": "Tried, waits",
    "failed": "Failed",
    "suppressed": "Suppressed",
    "superseded": "No longer true",
    "missed": "Too late",
    "uncertain": "Uncertain",
}
"""Each with its words in the ledger."""

UNSUBSCRIBED = "They unsubscribed before this was sent."
"""Why somebody who unsubscribed does not get a notice."""

UNSUBSCRIBED_BY_IT = "They unsubscribed by the link in this mail."
"""What is said of an invitation that was sent, and made somebody end such mails."""

PENDING = ("planned", "due", "deferred", "uncertain")
"""States in which a notice may still be waiting for its hour."""

UNSENT = ("planned", "due", "deferred")
"""States in which a notice is yet to become a mail, so that all its details are needed."""

SAID = ("sent", "uncertain", "sending")
"""States of a notice that the person has, or may have, read."""
