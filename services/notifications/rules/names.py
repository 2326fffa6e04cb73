"""Names that carry links: nobody gets a stranger's address or shop into a mail by signing up as it.

Anybody may type any name with anybody's address, and mail programs turn what looks like a link into
one. So such a name is never echoed to an address, verified or not: people with links for names are
rare, and do not miss the greeting.
"""

from __future__ import annotations

import re
import unicodedata

LINK = re.compile(
    r"://"
    r"|[@/\\]"
    r"|\bwww\b"
    r"|\b(?:https?|mailto|tel|sms)\s*:"
    # A dot of any script with what could be a top-level domain behind it, as in "shop.example".
    r"|[^\s.][.\u3002\uff0e\uff61](?:[^\W\d_]{2,}|xn--\w+)",
    re.IGNORECASE,
)
BREAKS = re.compile(r"[.:@/\\\u3002\uff0e\uff61]+")


def carries_link(name: str) -> bool:
    """Tell whether a mail program could make a link of a name, or of a part of it.

    >>> carries_link("Buy-pills.example"), carries_link("Dr. Ada O’Brien-Núñez")
    (True, False)
    """
    return LINK.search(unicodedata.normalize("NFKC", name)) is not None


def greeted(name: str) -> str:
    """Return the name to greet somebody by; nothing when it carries a link."""
    return "" if carries_link(name) else name


def harmless(name: str) -> str:
    """Return a name that still says what was typed, and of which no program makes a link.

    >>> harmless("Buy-pills.example")
    'Buy-pills example'
    """
    if not carries_link(name):
        return name
    return " ".join(BREAKS.sub(" ", unicodedata.normalize("NFKC", name)).split())
