"""Saying a wording: the same words as plain text, as HTML, and as a subject."""

from __future__ import annotations

from markupsafe import Markup, escape

from ..rules import wordings
from .letters import Letter
from .links import with_links
from .placeholders import VALUES
from .wording import one_line

STRONG = ("until",)
"""What must not be overlooked."""


def say(letter: Letter, text: str) -> str:
    """Return a wording as plain text, its paragraphs parted by empty lines."""
    paragraphs = (
        wordings.fill(paragraph, lambda name: value_of(name, letter)).strip()
        for paragraph in wordings.paragraphs_of(text)
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def say_in_html(letter: Letter, text: str) -> Markup:
    """Return a wording as paragraphs of HTML; of its own words, links become links."""

    def escaped_value(name: str) -> str:
        value = escape(value_of(name, letter))
        return f"<strong>{value}</strong>" if name in STRONG else str(value)

    paragraphs = (
        wordings.fill(paragraph, escaped_value, literal=with_links).strip()
        for paragraph in wordings.paragraphs_of(text)
    )
    return Markup("\n").join(
        Markup("<p>{}</p>").format(Markup(paragraph.replace("\n", "<br>\n")))  # noqa: S704 - escaped above
        for paragraph in paragraphs
        if paragraph
    )


def say_in_subject(letter: Letter, text: str) -> str:
    """Return a subject on one line."""
    return one_line(wordings.fill(text, lambda name: value_of(name, letter)))


def value_of(name: str, letter: Letter) -> str:
    """Return what comes in place of a placeholder; nothing for one that is no longer known."""
    value = VALUES.get(name)
    return value(letter) if value else ""
