"""Whether a notice is still true when its turn comes, and what a person has to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import kinds, states

ENDED = "The sign-up ended before this was sent."
CALLED_OFF = "The event was cancelled before this was sent."
EXPIRED = "The link had expired before this could be sent."
FAR_IN_TIME = timedelta(hours=2)
OFFER_OVER = "The hour had passed before this could be sent."


@dataclass(frozen=True, kw_only=True)
class Place:
    """When and where a shift is, as far as a person must know when it changes.

    `mode` and `online_url` are None in what was told before anybody kept them.
    """

    place: str
    address: str
    postcode: str
    starts_at: datetime
    ends_at: datetime
    mode: str | None = None
    online_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A notice about a change: its revision, its state, and what was before it."""

    revision: int
    state: str
    before: Place


def why_untrue(kind: str, signup_state: str, *, off: bool, only_in: str = "") -> str:
    """Say why a notice about a sign-up is no longer true; empty when it is.

    `off` says that the event or the shift has been cancelled, which the notice `closed` tells;
    `only_in` names the one state in which this notice is true, where not its kind alone decides.
    """
    if signup_state not in ((only_in,) if only_in else kinds.KINDS[kind].true_in):
        if signup_state == "placed":
            return "A place came free before this was sent."
        return ENDED
    if off and kind not in kinds.TAKING_BACK:
        return CALLED_OFF
    return ""


def is_too_late(ends_at: datetime, now: datetime) -> bool:
    """Tell whether the shift is over, so that news about it would only confuse."""
    return now >= ends_at


def known_before(changes: Sequence[Moved], revision: int) -> Place:
    """Return the time and place that the person last heard of, before the change `revision`.

    Earlier changes that were never sent are part of this one.
    """
    earlier = sorted((c for c in changes if c.revision <= revision), key=lambda c: -c.revision)
    before = earlier[0].before
    for change in earlier[1:]:
        if change.state in states.SAID:
            break
        before = change.before
    return before


def seen_by(place: Place, *, has_place: bool, address_shown: str) -> Place:
    """Return what of `place` may be told.

    The way to meet online is for those with a place; so is an address that is not public, of which
    others know only the first half of the postcode.
    """
    if place.mode == "in_person":
        place = replace(place, online_url="")
    if has_place:
        return place
    if address_shown == "public":
        return replace(place, online_url=None)
    return replace(place, address="", postcode=place.postcode.partition(" ")[0], online_url=None)


def what_changed(before: Place, after: Place) -> list[str]:
    """Return what is different for the person, of `time`, `place`, `mode` and `link`."""
    changes = []
    if (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at):
        changes.append("time")
    where = (before.place, before.address, before.postcode)
    if where != (after.place, after.address, after.postcode):
        changes.append("place")
    if None not in (before.mode, after.mode) and before.mode != after.mode:
        changes.append("mode")
    urls = (before.online_url, after.online_url)
    if None not in urls and urls[0] != urls[1]:
        changes.append("link")
    return changes


def is_far_in_time(before: Place, after: Place) -> bool:
    """Tell whether a shift begins so much earlier or later that not everybody still comes.

    One edit at a time is judged where sign-ups are kept; here several of them are one.
    """
    return abs(after.starts_at - before.starts_at) > FAR_IN_TIME


def calendar_method(kind: str, signup_state: str, *, had_place: bool) -> str | None:
    """Return what the mail does to the person's calendar: `REQUEST`, `CANCEL` or nothing.

    Nobody on the waiting list gets an entry.
    """
    if kind in ("confirmation", "promoted", "changed", "repeated") and signup_state == "placed":
        return "REQUEST"
    if kind in kinds.TAKING_BACK and had_place:
        return "CANCEL"
    return None
