"""Wordings: the words of a mail with placeholders in braces, which a group may write itself.

A placeholder is a name in braces, as in {first_name}; a brace has no other meaning. What comes in
its place is never read again, so that no value can hold a placeholder of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
IN_BRACES = re.compile(r"\{([^{}]*)\}")
LONGEST_SHOWN = 40

MEANINGS = {
    "first_name": "the person’s first name; left out, with the space before it, if it looks "
    "like a link",
    "title": "the event’s title",
    "day": "the day of the shift, as in Saturday 5 December 2026",
    "time": "from when to when, as in 10:00 to 12:00",
    "place": "the name of the meeting point, or Online",
    "group": "your group’s name",
    "contact": "who reads the answers to this mail",
    "party": "how many people come, as a number",
    "places": "“a place”, or “places for 3 people”",
    "ahead": "where in the line, as in: there were 2 sign-ups before yours on the list",
    "until": "the hour until which the place is kept, with its day",
    "soon": "“today” or “tomorrow”, if it is so soon; left out otherwise",
    "opening": "“Today”, “Tomorrow” or “Coming up”",
    "shifts": "“your shift”, or “your shifts” when the mail speaks of several",
    "what": "the event’s title, or “your 2 shifts” when the mail speaks of several",
    "standing": "how things are, as in: you already have a place",
    "kept": "what stays as it was, as in: Your place is kept for you.",
    "request": "what to do now: check whether they can still come, or say that they do",
    "outcome": "what happened, as this person has to know it, in a sentence or two",
    "ending": "“Cancelled”, or “No place came free”",
    "reason": "the reason that was given, in a sentence; left out if none was",
    "party_before": "how many people would have come before, as a number",
}
"""Every placeholder, with what comes in its place."""

EVERYWHERE = ("first_name", "title", "day", "time", "place", "group", "contact", "party", "places")


@dataclass(frozen=True, kw_only=True)
class Wording:
    """The subject and the words of a kind of mail, with placeholders."""

    subject: str
    words: str


def placeholders_in(text: str) -> set[str]:
    """Return the names of the placeholders that stand in a text."""
    return set(PLACEHOLDER.findall(text))


def problems_of(text: str, allowed: tuple[str, ...]) -> Iterator[str]:
    """Yield what is wrong with the braces of a text, in sentences that name the line, if many.

    >>> list(problems_of("Hello {name},", ("first_name",)))
    ['There is no {name} in this mail. You can use {first_name}.']
    """
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        for problem in _problems_of_line(line, allowed):
            yield f"Line {number}: {problem}" if len(lines) > 1 else problem


def _problems_of_line(line: str, allowed: tuple[str, ...]) -> Iterator[str]:
    for name in IN_BRACES.findall(line):
        if name not in allowed:
            shown = name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}…"
            names = ", ".join(f"{{{each}}}" for each in allowed)
            yield f"There is no {{{shown}}} in this mail. You can use {names}."
    rest = IN_BRACES.sub("", line)
    if "{" in rest:
        yield "A brace is opened and not closed: { needs its }."
    elif "}" in rest:
        yield "A brace is closed and was not opened: } needs its {."


def fill(
    text: str,
    value_of: Callable[[str], str],
    *,
    literal: Callable[[str], str] = str,
) -> str:
    """Return a text with values in place of its placeholders; `literal` writes what is between.

    A value that is empty takes the space before it along, so that "Hello {first_name}," becomes
    "Hello,".
    """
    # Literal and name in turn.
    pieces = PLACEHOLDER.split(text)
    written = []
    for between, name in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        value = value_of(name) if name else ""
        written.append(literal(between.removesuffix(" ") if name and not value else between))
        written.append(value)
    return "".join(written)


def paragraphs_of(words: str) -> list[str]:
    """Return the paragraphs of a text, which empty lines part."""
    return [part.strip("\n") for part in re.split(r"\n[ \t]*\n", words.strip()) if part.strip()]
