"""The kinds of notice, the states a notice can be in, and what makes a notice one and only."""

from __future__ import annotations

PERSON_KINDS = (
    "confirmation",
    "waiting",
    "promoted",
    "repeated",
    "changed",
    "cancelled",
    "closed",
    "links",
)
"""What a volunteer is told."""

CONTACT_KINDS = ("new_signup", "daily_signups")
"""What a group's contact is told."""

ORGANISER_KINDS = (
    "sign_in",
    "organiser_invited",
    "group_requested",
    "group_approved",
    "group_declined",
    "co_host_asked",
)
"""What organisers are told, by the installation rather than by a group."""

KINDS = PERSON_KINDS + CONTACT_KINDS + ORGANISER_KINDS

PENDING = ("planned", "due", "deferred", "uncertain")
"""States in which a notice may still be waiting for its hour."""

STATES = (
    "planned",
    "due",
    "sending",
    "sent",
    "deferred",
    "failed",
    "suppressed",
    "superseded",
    "missed",
    "uncertain",
)

AT_MOST_ONCE = frozenset({"daily_signups", "sign_in"})
"""Kinds not sent again when nobody knows whether they arrived; of others a copy harms less."""


UNSENT = ("planned", "due", "deferred")
"""States in which a notice is yet to become a mail, so that all its details are needed."""

WITH_KEY = frozenset({"sign_in"})
"""Kinds whose details open a door: they are forgotten as soon as the notice is over."""


def key_of(kind: str, subject: str, revision: int) -> str:
    """Return the key under which this notice exists at most once.

    >>> key_of("confirmation", "signup/7", 3)
    'confirmation:signup/7:3'
    """
    return f"{kind}:{subject}:{revision}"
