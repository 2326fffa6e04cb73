"""The kinds of failure that an operation may end in, each mapped once at the edges."""

from __future__ import annotations


class Refusal(Exception):
    """That is not possible.

    A rule said no. The first line of a subclass's docstring is the sentence shown to the person
    (409).
    """

    def __init__(self, sentence: str | None = None) -> None:
        doc = (type(self).__doc__ or "").strip()
        self.sentence = sentence or doc.split("\n", 1)[0]
        super().__init__(self.sentence)


class NotThere(Exception):
    """What was asked for does not exist, or is not for the one who asks (404)."""


class TooMany(Exception):
    """There were too many requests from one side, or for one address (429)."""


class NotKnownYet(Exception):
    """A message speaks of something not heard of yet: it is held and tried again."""
