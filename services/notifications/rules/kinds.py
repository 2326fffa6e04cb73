"""The kinds of notice, by what they have in common."""

from __future__ import annotations

from .kind_table import KINDS as KINDS


def _of(audience: str) -> tuple[str, ...]:
    return tuple(name for name, kind in KINDS.items() if kind.audience == audience)


PERSON_KINDS = _of("person")
PRIVACY_KINDS = _of("seeker")
CONTACT_KINDS = _of("contact")
ORGANISER_KINDS = _of("organiser")
SUBSCRIBER_KINDS = _of("subscriber")
ASKED_FOR = tuple(name for name, kind in KINDS.items() if kind.asked_for)
TAKING_BACK = tuple(name for name, kind in KINDS.items() if kind.takes_back)
GIVING_A_PLACE = tuple(name for name, kind in KINDS.items() if kind.gives_place)
AT_MOST_ONCE = frozenset(name for name, kind in KINDS.items() if kind.at_most_once)
ASKS = ("schedule", "mailing")
"""Kinds that ask people to come: nobody gets more than a few of them a week, over all groups."""

REMINDER = "reminder"
MAIL, BULK = "mail", "bulk"
STREAMS = (MAIL, BULK)
"""Two streams of mail, in which kinds that ask wait for nobody else, and nobody for them."""

WITH_KEY = frozenset(name for name, kind in KINDS.items() if kind.has_key)


def may_be_sent_again(kind: str) -> bool:
    """Tell whether somebody who asks for it gets a mail of this kind a second time.

    Not what is to be there at most once, invites people, opens a door, or asks somebody who may
    never have typed their address whether they want the schedule mail.
    """
    never = {*AT_MOST_ONCE, *ASKS, *WITH_KEY, *SUBSCRIBER_KINDS}
    return kind not in never


def key_of(kind: str, subject: str, revision: int) -> str:
    """Return the key under which this notice exists at most once.

    >>> key_of("confirmation", "signup/7", 3)
    'confirmation:signup/7:3'
    """
    return f"{kind}:{subject}:{revision}"
