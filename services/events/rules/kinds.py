"""What each kind of event usually looks like, so that a new one is nearly ready."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class KindDefaults:
    """What a new event of a kind begins with."""

    about: str
    """One sentence for those who choose a kind."""
    hours: tuple[tuple[str, str, str], ...]
    """Start, end and work of the shifts of a day."""
    places: int | None
    """How many can come to a shift; None is no limit."""
    description: str
    bring: str = ""


DEFAULTS = {
    "action_day": KindDefaults(
        about="Out together for a few hours: doors, streets, stalls, in one place or many.",
        hours=(("10:00", "12:00", ""), ("13:00", "15:00", "")),
        places=12,
        description=(
            "We go out in small teams and talk with people. Nobody goes alone: at the meeting"
            " point you get a team, a map and a short introduction.\n\n"
            "New to this? Come along. Somebody who has done it before goes with you."
        ),
        bring="Good shoes, something against the rain, a full phone.",
    ),
    "campaign_and_train": KindDefaults(
        about="Training first, then out: people book both, or only the part they need.",
        hours=(("10:00", "11:00", "training"), ("11:15", "13:00", "campaigning")),
        places=15,
        description=(
            "An hour of practice first, then out together: how to open a conversation, how to"
            " listen, how to note down what matters to people."
        ),
        bring="Good shoes and something against the rain.",
    ),
    "training": KindDefaults(
        about="People learn something they will use: a skill, a tool, a role.",
        hours=(("18:30", "20:30", ""),),
        places=20,
        description="What you will learn, and what you will be able to do afterwards.",
    ),
    "lesson": KindDefaults(
        about="A class, often every week: a language, computers, music.",
        hours=(("18:30", "20:00", ""),),
        places=14,
        description="Everybody is welcome, whatever you know already.",
        bring="Something to write with.",
    ),
    "jobs_club": KindDefaults(
        about="Help with applications and interviews, or a fair with employers.",
        hours=(("10:00", "12:30", ""),),
        places=None,
        description=(
            "Write an application, practise an interview, or help somebody else with theirs."
            " Come when you like."
        ),
    ),
    "community_project": KindDefaults(
        about="Something useful for the neighbourhood: a garden, a kitchen, a clean-up.",
        hours=(("10:00", "13:00", ""),),
        places=15,
        description="What we will do together, and who it is for.",
        bring="Clothes that may get dirty, and gloves if you have some.",
    ),
    "fundraising": KindDefaults(
        about="An evening, a sale or a run that brings in money.",
        hours=(("19:00", "22:00", ""),),
        places=40,
        description="What happens on the day, and what the money is for.",
    ),
    "meeting": KindDefaults(
        about="People come together to hear, talk and decide.",
        hours=(("19:00", "21:00", ""),),
        places=None,
        description="What it is about, and who is invited.",
    ),
}
"""By kind, as `words.KINDS` names them."""
