"""How forms of access are read: signing in, organisers, tokens, and what to see of the trail."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    pre_load,
    validate,
    validates_schema,
)

from shared.access import RIGHTS
from shared.schemas import Email, Text

from ..rules import access as rules
from .lists import DAY

REQUIRED = "Enter {}."
LAST_PAGE = 10_000


def needed(what: str) -> dict[str, Any]:
    """Return the sentence for a field that was left empty."""
    return {"required": REQUIRED.format(what), "null": REQUIRED.format(what)}


class Form(Schema):
    """A form of which only the declared fields are read."""

    class Meta:
        unknown = EXCLUDE


class SignInForm(Form):
    """Who asks for a way in."""

    email = Email(
        required=True,
        error_messages=needed("your email address"),
        metadata={"label": "Your email address", "input": "email", "autocomplete": "email"},
    )
    next = Text(max=1000, load_default="", metadata={"input": "hidden"})


class CodeForm(Form):
    """The code from the mail."""

    request = fields.UUID(required=True, metadata={"input": "hidden"})
    code = Text(
        max=40,
        required=True,
        error_messages=needed("the six digits from the mail"),
        metadata={
            "label": "Code from the mail",
            "hint": "Six digits, if you read the mail on another device.",
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "width": "short",
        },
    )
    next = Text(max=1000, load_default="", metadata={"input": "hidden"})

    @pre_load
    def take_the_digits(self, typed: Any, **_: Any) -> dict[str, Any]:
        """People copy codes with spaces and dashes."""
        return {**typed, "code": re.sub(r"[\s-]+", "", str(typed.get("code", ""))) or None}


class PersonForm(Form):
    """Somebody who shall help to run something."""

    email = Email(
        required=True,
        error_messages=needed("an email address"),
        metadata={"label": "Email address", "input": "email", "autocomplete": "off"},
    )
    name = Text(
        max=120,
        required=True,
        error_messages=needed("a name"),
        metadata={"label": "Name", "autocomplete": "off"},
    )


class RoleForm(Form):
    """What somebody may do in a group."""

    role = fields.String(
        required=True,
        validate=validate.OneOf(rules.GROUP_ROLES, error="Choose one of the roles."),
        error_messages=needed("a role"),
        metadata={
            "label": "What they may do",
            "input": "radios",
            "options": list(rules.ROLE_WORDS.items()),
        },
    )


class InvitationForm(PersonForm, RoleForm):
    """Somebody who is invited to a group."""


class TokenForm(Form):
    """A token for a program; each right is a box of its own."""

    name = Text(
        max=80,
        required=True,
        error_messages=needed("a name"),
        metadata={
            "label": "What it is for",
            "hint": "For example the program's name, so that you know later which one to revoke.",
            "autocomplete": "off",
        },
    )
    read = fields.Boolean(load_default=False, metadata={"input": "checkbox"})
    write = fields.Boolean(load_default=False, metadata={"input": "checkbox"})
    sign_up = fields.Boolean(load_default=False, data_key="sign-up", metadata={"input": "checkbox"})
    last_day = fields.Date(
        required=True,
        error_messages={**needed("the last day"), "invalid": "Enter a date like 2027-05-06."},
        metadata={
            "label": "Last day on which it works",
            "hint": "A year ahead at most.",
            "input": "date",
            "width": "medium",
        },
    )

    def __init__(self, *, today: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.today = today
        for right, words in rules.RIGHT_WORDS.items():
            field = self.fields[right.replace("-", "_")]
            field.metadata = {**field.metadata, "label": words}

    @validates_schema(skip_on_field_errors=False)
    def check(self, typed: dict[str, Any], **_: Any) -> None:
        """Ask for a right at least, and for a day that can be."""
        if not rights_in(typed):
            raise ValidationError("Choose at least one thing that it may do.", "read")
        last = typed.get("last_day")
        if last is not None and not self.today <= last <= self.today + rules.TOKEN_LASTS:
            raise ValidationError("Choose a day between today and a year ahead.", "last_day")


def rights_in(typed: dict[str, Any]) -> list[str]:
    """Return the rights whose boxes are ticked."""
    return [right for right in RIGHTS if typed.get(right.replace("-", "_"))]


class TrailQuery(Form):
    """What to see of the trail."""

    kind = Text(max=40, load_default="", metadata={"label": "What about", "input": "select"})
    who = Text(max=80, load_default="", metadata={"label": "Who"})
    first = fields.Date(
        validate=DAY,
        error_messages={"invalid": "Enter a date like 2027-05-06."},
        metadata={"label": "From", "input": "date"},
    )
    last = fields.Date(
        validate=DAY,
        error_messages={"invalid": "Enter a date like 2027-05-06."},
        metadata={"label": "To", "input": "date"},
    )
    page = fields.Integer(
        load_default=1,
        validate=validate.Range(1, LAST_PAGE, error="There is no such page."),
        error_messages={"invalid": "Enter the number of a page."},
        metadata={"input": "hidden"},
    )

    @pre_load
    def leave_out_empty(self, asked: Any, **_: Any) -> dict[str, Any]:
        """A filter left open in a form is no filter."""
        return {name: value for name, value in asked.items() if str(value).strip()}
