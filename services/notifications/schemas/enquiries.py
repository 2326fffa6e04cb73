"""Writing to a group, and answering."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields

from shared.schemas import Email, Text


class ContactForm(Schema):
    """What somebody writes to a group, with what keeps machines out."""

    class Meta:
        unknown = EXCLUDE

    name = Text(
        required=True,
        max=80,
        error_messages={"required": "Enter your name."},
        metadata={"label": "Your name", "autocomplete": "name"},
    )
    email = Email(
        required=True,
        error_messages={"required": "Enter your email address."},
        metadata={
            "label": "Your email address",
            "hint": "The answer goes there, and nothing else.",
            "input": "email",
            "autocomplete": "email",
        },
    )
    words = Text(
        required=True,
        max=4000,
        multiline=True,
        error_messages={"required": "Write what you want to ask or say."},
        metadata={"label": "What you want to ask or say", "input": "textarea", "rows": 8},
    )
    form_token = fields.String(load_default="", metadata={"input": "hidden"})
    website = fields.String(load_default="")
    """People do not see this field; what fills it in is a machine."""


class AnswerForm(Schema):
    """What an organiser answers."""

    class Meta:
        unknown = EXCLUDE

    words = Text(
        required=True,
        max=10_000,
        multiline=True,
        error_messages={"required": "Write your answer."},
        metadata={
            "label": "Your answer",
            "hint": "It goes by mail. Below it stands what they asked.",
            "input": "textarea",
            "rows": 8,
        },
    )
    seen = fields.String(load_default="", metadata={"input": "hidden"})
    """How many answers stood there when the form was shown."""
