"""How new groups ask to join, and how they are answered."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields

from shared.schemas import Email, Text

from .lists import WEB_ADDRESS


class JoinForm(Schema):
    """A new group that asks to join, with what keeps machines out."""

    class Meta:
        unknown = EXCLUDE

    name = Text(
        max=120,
        required=True,
        error_messages={"required": "Enter the name of your group."},
        metadata={"label": "Name of your group", "autocomplete": "organization"},
    )
    area = Text(
        max=300,
        required=True,
        error_messages={"required": "Enter where your group is at home."},
        metadata={
            "label": "Where you are at home",
            "hint": "A town, a constituency, a council area.",
            "autocomplete": "off",
        },
    )
    about = Text(
        max=2000,
        multiline=True,
        required=True,
        error_messages={"required": "Say in a few sentences what you do."},
        metadata={
            "label": "What you do",
            "hint": "A few sentences for those who decide about your request.",
            "input": "textarea",
            "rows": 5,
        },
    )
    contact_name = Text(
        max=120,
        required=True,
        error_messages={"required": "Enter your name."},
        metadata={
            "label": "Your name",
            "hint": "You will be the group’s first organiser and its contact.",
            "autocomplete": "name",
        },
    )
    contact_email = Email(
        required=True,
        error_messages={"required": "Enter your email address."},
        metadata={
            "label": "Your email address",
            "hint": "Our answer goes there. People who sign up will see it.",
            "input": "email",
            "autocomplete": "email",
        },
    )
    privacy_url = Text(
        max=500,
        required=True,
        validate=WEB_ADDRESS,
        error_messages={"required": "Enter the address of your privacy notice."},
        metadata={
            "label": "Privacy notice",
            "hint": "The address of the page that says what you do with people’s details.",
            "input": "url",
        },
    )
    imprint = Text(
        max=2000,
        multiline=True,
        load_default="",
        metadata={
            "label": "Imprint",
            "hint": "Promoted by … on behalf of …, with a postal address.",
            "input": "textarea",
            "rows": 3,
        },
    )
    fax = fields.String(load_default="")
    """People do not see this field; what fills it in is a machine."""


class DeclineForm(Schema):
    """Why a request to join is declined, in words for whoever asked."""

    class Meta:
        unknown = EXCLUDE

    reason = Text(
        max=1000,
        multiline=True,
        required=True,
        error_messages={"required": "Say why, so that they can do something about it."},
        metadata={
            "label": "Why",
            "hint": "Goes to them by mail, word for word.",
            "input": "textarea",
            "rows": 4,
        },
    )
