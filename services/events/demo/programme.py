"""What the demo's groups invite people to."""

from __future__ import annotations

from datetime import date
from typing import Any

from .places import (
    CLASSROOM,
    GARDEN,
    JOBS_TABLE,
    LONDON,
    MIDLANDS,
    ONLINE,
    shifts,
    weekly,
)


def action_day(day: date) -> dict[str, Any]:
    """One day, six constituencies from Lincoln to Stoke, held by two groups."""
    return {
        "kind": "action_day",
        "title": "Action day from Lincoln to Stoke",
        "description": (
            "One day, six constituencies: we talk with people on their doorsteps and hand out"
            " leaflets. Come for two hours or stay all day.\n\n"
            "Nobody goes alone. At the meeting point you get a team, a map and a short"
            " introduction; if it is your first time, somebody who has done it before goes with"
            " you. We bring water and biscuits."
        ),
        "bring": "Good shoes, something against the rain, a full phone.",
        "accessibility": (
            "Most streets are flat. Say at the meeting point what you can do: there is always"
            " something to do sitting down."
        ),
        "shifts": list(shifts(MIDLANDS, day)),
    }


def campaign_and_train(day: date) -> dict[str, Any]:
    """A day of learning by doing, in four parts of London."""
    return {
        "kind": "campaign_and_train",
        "title": "London campaign and train day",
        "description": (
            "An hour of practice first, then out together: how to open a conversation, how to"
            " listen, how to note down what matters to people.\n\n"
            "We meet in Kensington, Wandsworth, Havering and Richmond. Choose the place that is"
            " easiest to reach; all four do the same. Book practice and walk together, or only one."
        ),
        "bring": "Good shoes and a pen.",
        "shifts": list(shifts(LONDON, day)),
    }


def english_class(first: date) -> dict[str, Any]:
    """A class every Wednesday evening."""
    return {
        "kind": "lesson",
        "title": "English conversation class",
        "description": (
            "Free lessons for everyone who wants to speak more English. Helpers and learners sign"
            " up here, for one evening or for all.\n\n"
            "Tea is at half past six, the lesson ends at eight. Children are welcome; there is a"
            " corner with toys."
        ),
        "shifts": list(shifts(CLASSROOM, *weekly(first, 6))),
    }


def jobs_club(first: date) -> dict[str, Any]:
    """A club every Thursday morning, with room for everyone."""
    return {
        "kind": "jobs_club",
        "title": "Jobs club",
        "description": (
            "Write an application, practise an interview, or help somebody else with theirs."
            " There are computers, a printer and people who know how it is done.\n\n"
            "Come when you like between ten and half past twelve."
        ),
        "accessibility": "Level entrance, toilet on the same floor, hearing loop at the desk.",
        "shifts": list(shifts(JOBS_TABLE, *weekly(first, 4))),
    }


def online_evening(day: date) -> dict[str, Any]:
    """An evening for which nobody leaves home."""
    return {
        "kind": "training",
        "title": "How to open a conversation, online",
        "description": (
            "An hour of practice with people from all over the country: first words, listening,"
            " and how to end well. No experience needed.\n\n"
            "You get the link as soon as you have signed up."
        ),
        "mode": "online",
        "online_url": "https://meet.example/first-words",
        "accessibility": "Live captions are on; you may keep your camera off.",
        "shifts": list(shifts(ONLINE, day)),
    }


def garden_morning(day: date) -> dict[str, Any]:
    """A morning whose address only those who come are told."""
    return {
        "kind": "community_project",
        "title": "Garden morning",
        "description": "We clear the beds and plant for spring. Tea at eleven.",
        "bring": "Gloves if you have some.",
        "address_shown": "signed_up",
        "shifts": list(shifts(GARDEN, day)),
    }
