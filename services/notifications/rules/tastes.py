"""What subscribers choose: where, what, whose; and which events are meant by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from shared.distances import miles_between, say_miles
from shared.geography import Area, area_of, read_postcode

from . import weekly

EVENT_KINDS = {
    "action_day": "Action day",
    "campaign_and_train": "Campaign and train",
    "training": "Training",
    "lesson": "Lesson or class",
    "jobs_club": "Jobs club or fair",
    "community_project": "Community project",
    "fundraising": "Fundraising",
    "meeting": "Meeting",
}
"""The kinds of event, with the words that the schedule has for them."""

NBSP = "\u00a0"
MILES = (2, 5, 10, 25, 50)
USUAL_MILES = 10

CONFIRM_WITHIN = timedelta(days=7)
"""Who did not press the button in the mail by then is forgotten."""

PAGE = "page"
"""Where who asked for the mail ticked the box: on the form for it, not at a sign-up."""

WORDING_VERSION = 1
WORDING = (
    "Write to me by email once a week about what is on. Each mail has a link by which I change what"
    " I hear of, or end it."
)
"""The words beside the box on the form."""


@dataclass(frozen=True, kw_only=True)
class Taste:
    """What somebody wants to hear of; what is left out asks for nothing."""

    latitude: float | None = None
    longitude: float | None = None
    is_rough: bool = False
    miles: int = USUAL_MILES
    kinds: tuple[str, ...] = ()
    online: bool = True
    group_id: int | None = None
    postcode: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """Where a postcode lies, as a search with a directory of postcodes found it."""

    postcode: str
    latitude: float
    longitude: float
    is_rough: bool


def miles_from(taste: Taste, latitude: float | None, longitude: float | None) -> float | None:
    """Return how far away something is, or None where either place is not known."""
    if taste.latitude is None or taste.longitude is None:
        return None
    if latitude is None or longitude is None:
        return None
    return miles_between((taste.latitude, taste.longitude), (latitude, longitude))


def is_in_reach(taste: Taste, place: Mapping[str, Any]) -> bool:
    """Tell whether somebody hears of what takes place there, or online.

    `place` has `latitude`, `longitude`, `postcode` and `mode`, like what is kept of a shift that
    moved.
    """
    if place["mode"] != "in_person" and taste.online:
        return True
    if place["mode"] == "online":
        return False
    if taste.latitude is None:
        return True
    miles = miles_from(taste, *map_place(place["latitude"], place["longitude"], place["postcode"]))
    return miles is not None and miles <= taste.miles


def map_place(
    latitude: float | None, longitude: float | None, postcode: str
) -> tuple[float | None, float | None]:
    """Return where a shift is: as it was told, or about where its postcode lies."""
    if latitude is not None:
        return latitude, longitude
    return _middle_of_area(postcode)


@lru_cache(maxsize=1024)
def _middle_of_area(postcode: str) -> tuple[float | None, float | None]:
    area = area_of(postcode)
    return (area.latitude, area.longitude) if area else (None, None)


def say_distance(taste: Taste, latitude: float | None, longitude: float | None) -> str:
    """Say how far away something is; nothing where that is not known."""
    miles = miles_from(taste, latitude, longitude)
    return "" if miles is None else say_miles(miles, roughly=taste.is_rough)


def say_where(taste: Taste) -> str:
    """Say around which place, as in "within 10 miles of LN2 1AA"; nothing for everywhere.

    What is no postcode is not repeated: it goes into mails to addresses that nobody has proven.
    """
    typed = read_postcode(taste.postcode)
    if typed is None or taste.latitude is None:
        return ""
    # With a space that does not break, so that a postcode stands on one line.
    return f"within {taste.miles} miles of {str(typed).replace(' ', NBSP)}"


def wants(taste: Taste, kind: str, group_id: int) -> bool:
    """Tell whether somebody wants to hear of events of a kind and a group."""
    return hears_of(taste.group_id, group_id) and (not taste.kinds or kind in taste.kinds)


def hears_of(chosen: int | None, group_id: int) -> bool:
    """Tell whether who chose a group, or with None all of them, wants to hear of this one."""
    return chosen in (None, group_id)


def search_path(taste: Taste) -> str:
    """Return the address of the schedule that comes closest to what somebody wants."""
    asked: dict[str, object] = {}
    if taste.postcode:
        asked |= {"postcode": taste.postcode, "miles": taste.miles}
    if len(taste.kinds) == 1:
        asked["kind"] = taste.kinds[0]
    if taste.group_id is not None:
        asked["group"] = taste.group_id
    return f"/?{urlencode(asked)}" if asked else "/"


def usual_wishes(postcode: str = "", *, group_id: int | None = None) -> dict[str, Any]:
    """Return what somebody wishes who chose nothing but, perhaps, where they are."""
    return {
        **about_where(postcode),
        "miles": USUAL_MILES,
        "kinds": [],
        "online": True,
        "group_id": group_id,
        "weekday": weekly.USUAL_DAY,
        "hour": weekly.USUAL_HOUR,
    }


def about_where(postcode: str, *, known: Known | None = None) -> dict[str, Any]:
    """Return a postcode with about where it lies; one that is not known is everywhere.

    `known` is where somebody with a directory of postcodes found it.
    """
    found: Known | Area | None = area_of(postcode)
    is_rough = found is not None
    if known is not None and known.postcode == postcode:
        found, is_rough = known, known.is_rough
    return {
        "postcode": postcode,
        "latitude": found and found.latitude,
        "longitude": found and found.longitude,
        "is_rough": is_rough,
    }
