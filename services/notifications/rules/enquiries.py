"""What people ask a group: its states, its clock, and what looks like a machine's."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from shared.refusals import Refusal

STATES = ("suspect", "open", "answered", "elsewhere")
DONE = ("answered", "elsewhere")
CLOCK = timedelta(hours=48)
"""How long a group has to answer, or to get in touch, before its owners hear of it."""

MOST_ANSWERS = 5
"""To one enquiry within a day: nobody has proven the address that they go to."""

FORM_LASTS = timedelta(hours=12)
MOST_LINKS = 2
LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


class IsDoneAlready(Refusal):
    """Somebody answered this already. Look at it again."""


class AnsweredOften(Refusal):
    """Five answers within a day are enough; please call them, or write from your own mailbox."""


class IsNotDone(Refusal):
    """This waits for an answer already."""


def is_late(since: datetime, *, now: datetime) -> bool:
    """Tell whether something has waited longer than it should."""
    return now >= since + CLOCK


def why_suspect(*, hidden: str, words: str, took: timedelta, least: timedelta) -> str:
    """Say why a form looks like a machine's; empty when it does not.

    `took` is how long it took to fill in, `least` how long people need.
    """
    if hidden:
        return "the hidden field was filled in"
    if took < least:
        return "filled in faster than a person can"
    if len(LINK.findall(words)) > MOST_LINKS:
        return "many links in it"
    return ""
