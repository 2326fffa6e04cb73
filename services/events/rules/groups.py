"""What may be done to groups and requests to join, and what a new group has yet to do."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from shared.refusals import Refusal

MOST_AREAS = 100
MOST_SITES = 20
LARGEST_RADIUS = 500
CLOSE = 0.6
"""How alike two names must be, from 0 to 1, for one to be offered in place of the other."""

ORIGIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")


class GroupIsAPartOfItself(Refusal):
    """A group cannot be a part of itself, or of one of its own sub-groups."""


class RequestWasApproved(Refusal):
    """This request was approved already."""


class RequestWasDeclined(Refusal):
    """This request was declined already."""


class NotAnOrigin(Refusal):
    """Enter only where the site is, such as https://www.example.org, without a page."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a new group towards its first event, and where it is done."""

    name: str
    words: str
    hint: str
    done: bool


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What the steps are computed from."""

    about: str
    has_area: bool
    imprint: str
    event_id: int | None
    """Its first event, be it a draft or not."""
    shifts: int
    published: bool


def check_undecided(state: str) -> None:
    """Refuse to decide twice."""
    if state == "approved":
        raise RequestWasApproved
    if state == "declined":
        raise RequestWasDeclined


def check_parent(group_id: int, above: Collection[int]) -> None:
    """Refuse a circle; `above` are the new parent and all that it is a part of."""
    if group_id in above:
        raise GroupIsAPartOfItself


def origin_of(typed: str) -> str:
    """Return the origin of a web site (RFC 6454) as browsers write it, without a last slash.

    Raises NotAnOrigin for anything more or less than scheme, host and port.
    """
    try:
        parts = urlsplit(typed.strip().lower())
        rest = parts.path.rstrip("/") or parts.query or parts.fragment
    except ValueError as error:
        raise NotAnOrigin from error
    if parts.scheme not in ("http", "https") or rest or not ORIGIN.fullmatch(parts.netloc):
        raise NotAnOrigin
    port = ":443" if parts.scheme == "https" else ":80"
    return f"{parts.scheme}://{parts.netloc.removesuffix(port)}"


def plain(name: str) -> str:
    """Return a place's name as it is compared: without case, signs and double spaces."""
    kept = re.sub(r"[^\w]+", " ", name.casefold().replace("&", " and "))
    return " ".join(kept.split())


def match_name(typed: str, known: Mapping[str, str]) -> str:
    """Return the known name that was typed, or nothing; `known` are names by their plain form."""
    return known.get(plain(typed), "")


def similar_names(typed: str, known: Mapping[str, str]) -> list[str]:
    """Return up to three known names that may have been meant, the likeliest first."""
    wanted = plain(typed)
    begins = [name for form, name in known.items() if wanted and form.startswith(f"{wanted} ")]
    close = difflib.get_close_matches(wanted, list(known), n=3, cutoff=CLOSE)
    return list(dict.fromkeys([*begins, *(known[form] for form in close)]))[:3]


def did_you_mean(typed: str, names: Sequence[str]) -> str:
    """Return the sentence for a name that is in no list."""
    if not names:
        return f"“{typed}” is not in our list. Check how it is written."
    offered = " or ".join(f"“{name}”" for name in names)
    return f"“{typed}” is not in our list. Did you mean {offered}?"


def steps_of(beginning: Beginning) -> list[Step]:
    """Return what a new group does until people can find it, in order."""
    return [
        Step(
            name="profile",
            words="Say who you are",
            hint="A few sentences, your imprint and the area you are at home in.",
            done=bool(beginning.about and beginning.imprint and beginning.has_area),
        ),
        Step(
            name="event",
            words="Plan your first event",
            hint="What happens there and for whom. Nobody sees it before you publish it.",
            done=beginning.event_id is not None,
        ),
        Step(
            name="shifts",
            words="Give it shifts",
            hint="When and where people meet, and how many can come.",
            done=beginning.shifts > 0,
        ),
        Step(
            name="publish",
            words="Publish it",
            hint="From then on people find it and sign up.",
            done=beginning.published,
        ),
    ]
