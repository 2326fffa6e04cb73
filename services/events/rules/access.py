"""What holds for signing in, for roles and for tokens."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from shared.refusals import Refusal

LINK_LASTS = timedelta(minutes=15)
CODE_TRIES = 5
CODE_DIGITS = 6
TOKEN_LASTS = timedelta(days=366)
GROUP_ROLES = ("owner", "organiser", "viewer")
ROLE_WORDS = {
    "owner": "Owner: may do everything, and says who else may",
    "organiser": "Organiser: plans and changes events",
    "viewer": "Viewer: sees everything and changes nothing",
}
RIGHT_WORDS = {
    "read": "Read what organisers see",
    "write": "Plan and change events",
    "sign-up": "Sign people up",
}
CODE_IS_WRONG = (
    "This code is not right, or no longer good. After five tries or 15 minutes ask for a new mail."
)
LINK_IS_UNKNOWN = "This link is not known here. It may be cut short, or too old."
START = "/organise"
BROWSERS = ("Firefox", "Edg", "OPR", "Chrome", "Safari")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
CALLED = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Mac OS": "a Mac",
    "iPhone": "an iPhone",
    "iPad": "an iPad",
}


class LastOwner(Refusal):
    """A group needs an owner. Make somebody else one first."""


class LastAdministrator(Refusal):
    """The network needs an administrator. Add somebody else first."""


class IsThereAlready(Refusal):
    """This address is on the list already. Change the role there."""


def local_path(asked: str) -> str:
    """Return where to go after signing in: a path of this site, or the start page."""
    # Browsers read a backslash as a slash, and two slashes begin the name of another site.
    fits = re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", asked)
    return asked if fits and len(asked) <= 1000 else START


def why_link_fails(used_at: datetime | None, expires_at: datetime, now: datetime) -> str:
    """Say in a sentence why a link lets nobody in; nothing when it does."""
    if used_at is not None:
        return "This link was used already."
    return "" if now < expires_at else "This link is too old: each is good for 15 minutes."


def check_keeps_owner(role: str, others: int) -> None:
    """Refuse that a group is left without an owner; `others` counts its other owners."""
    if role != "owner" and not others:
        raise LastOwner


def words_of_rights(rights: Collection[str]) -> str:
    """Return rights as they are stored and told, in their order."""
    return " ".join(right for right in RIGHT_WORDS if right in rights)


def describe_browser(user_agent: str) -> str:
    """Return in a few words what a browser says of itself, as in "Firefox on Linux"."""
    browser = next((word for word in BROWSERS if word in user_agent), "")
    system = next((word for word in SYSTEMS if word in user_agent), "")
    if not browser:
        return "A browser"
    on = f" on {CALLED.get(system, system)}" if system else ""
    return f"{CALLED.get(browser, browser)}{on}"
