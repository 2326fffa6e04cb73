"""The forms in which a group changes how its mails speak and look."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validates, validates_schema

from shared.columns import LARGEST_ID
from shared.schemas import Text

from ..rules import colours
from ..rules.standard_words import allowed_in
from ..rules.wordings import problems_of

NO_SUBJECT = "Write a subject; the mail cannot go without."
NO_WORDS = "Write what the mail says; it cannot go without words."


class WordingForm(Schema):
    """The subject and the words of a kind of mail; refuses placeholders that it does not have."""

    class Meta:
        unknown = EXCLUDE

    subject = Text(
        max=150,
        required=True,
        error_messages={"required": NO_SUBJECT},
        metadata={"label": "Subject"},
    )
    words = Text(
        max=4000,
        required=True,
        multiline=True,
        error_messages={"required": NO_WORDS},
        metadata={
            "label": "Words",
            "hint": "An empty line begins a new paragraph. Web addresses become links. "
            "When, where and the button follow below by themselves.",
            "input": "textarea",
            "rows": 12,
        },
    )

    def __init__(self, kind: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_placeholders(self, _loaded: Any, typed: Any, **_: Any) -> None:
        """Look at what was typed rather than what is kept of it, so that the lines are the same."""
        problems = {
            name: found
            for name in ("subject", "words")
            if (found := list(problems_of(str(typed.get(name) or ""), allowed_in(self.kind))))
        }
        if problems:
            raise ValidationError(problems)


class AgainForm(Schema):
    """Which earlier wording to use again."""

    class Meta:
        unknown = EXCLUDE

    wording_id = fields.Integer(required=True, validate=lambda number: 0 < number <= LARGEST_ID)


class LookForm(Schema):
    """The colour of a group's buttons and links."""

    class Meta:
        unknown = EXCLUDE

    colour = Text(
        max=7,
        required=True,
        error_messages={"required": "Choose a colour, like #7c4121."},
        metadata={"label": "Colour of buttons and links", "input": "color", "width": "short"},
    )

    @validates("colour")
    def check_colour(self, colour: str, **_: Any) -> None:
        """Refuse what is no colour, or cannot be read, and name the nearest that can."""
        if not colours.COLOUR.fullmatch(colour.lower()):
            raise ValidationError("Enter a colour as # and six digits, like #7c4121.")
        if not colours.is_readable(colour.lower()):
            raise ValidationError(
                "This is too light: words in it or on it are hard to read. The nearest that is "
                f"dark enough is {colours.nearest_readable(colour.lower())}."
            )
