"""Getting in touch with newcomers, and what they are told."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.schemas import Text

from ..rules import newcomers


class TouchForm(Schema):
    """How somebody got in touch."""

    class Meta:
        unknown = EXCLUDE

    how = fields.String(
        required=True,
        validate=validate.OneOf(tuple(newcomers.WAYS), error="Choose one of these."),
        error_messages={"required": "Say how."},
        metadata={"label": "How", "input": "select", "options": list(newcomers.WAYS.items())},
    )


class WelcomeForm(Schema):
    """What newcomers of a group are told."""

    class Meta:
        unknown = EXCLUDE

    the_day = Text(
        max=3000,
        multiline=True,
        load_default="",
        metadata={
            "label": "What the day is like",
            "hint": "Left empty, the usual words stand in the mail.",
            "input": "textarea",
            "rows": 8,
        },
    )
    buddy_name = Text(
        max=80,
        load_default="",
        metadata={
            "label": "Who looks out for newcomers",
            "hint": "A first name is enough. Ask them first: it stands in the mail.",
        },
    )
    buddy_how = Text(
        max=300,
        load_default="",
        metadata={
            "label": "How to find them",
            "hint": "For example: “Look for the green hat by the clock tower.”",
        },
    )
