"""When two entries may be one person, and how tags and trainings are spelt: pure functions."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from typing import Protocol

from shared.refusals import Refusal

from .signing_up import is_same_name

MOST_TAGS = 20
LONGEST_TAG = 40
LONGEST_TRAINING = 80
LONGEST_NOTE = 2000
ALIKE = 0.75
"""From here on two first names are taken for spellings of one."""

SHORTEST_NICKNAME = 3


class TooManyTags(Refusal):
    """This person has as many tags as there may be. Take one off first."""


class MergedAlready(Refusal):
    """One of the two was merged meanwhile. Look at the list again."""


class BothAreSignedUp(Refusal):
    """Both are signed up for the same shift. Cancel one of the two sign-ups first."""


class MergeIsBuried(Refusal):
    """They were merged with somebody else since. Undo that first."""


class Entry(Protocol):
    """What an entry in the list of people says."""

    email: str
    name: str
    phone: str
    postcode: str


def in_small(words: str) -> str:
    """Return a tag, or a training's name, in the form in which two spellings are equal."""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


def is_similar_name(one: str, other: str) -> bool:
    """Tell whether first names look like one: "Rob" and "Robert", "Catherine" and "Katherine"."""
    if is_same_name(one, other):
        return True
    a, b = (in_small(name).partition(" ")[0].rstrip(".") for name in (one, other))
    shorter, longer = sorted((a, b), key=len)
    if len(shorter) >= SHORTEST_NICKNAME and longer.startswith(shorter):
        return True
    return SequenceMatcher(None, a, b).ratio() >= ALIKE


def why_one_person(one: Entry, other: Entry) -> str:
    """Return why two entries may be one person, in words; nothing when they do not look it."""
    if one.email == other.email and is_similar_name(one.name, other.name):
        return "same email address, similar name"
    if one.phone and one.phone == other.phone:
        return "same phone number"
    if one.postcode and one.postcode == other.postcode and is_same_name(one.name, other.name):
        return "same name and postcode"
    return ""
