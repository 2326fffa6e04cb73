"""How a series begins, changes and ends, and how scripts see it."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.schemas import Text

from .series_rule import RuleField


class StartForm(Schema):
    """The rule that was looked at before it is saved."""

    class Meta:
        unknown = EXCLUDE

    rule = RuleField(required=True)


class ChangeForm(StartForm):
    """The new rule that was looked at, and what becomes of events that do not fit it."""

    begins = fields.Date(required=True)
    misfits = fields.String(
        load_default="",
        validate=validate.OneOf(
            {"keep": "Keep them", "cancel": "Cancel them"}, error="Choose what becomes of them."
        ),
        metadata={
            "label": "What becomes of them?",
            "input": "radios",
            "options": [
                ("keep", "Keep them; they take place as planned"),
                ("cancel", "Cancel them, and tell everybody who signed up"),
            ],
        },
    )
    reason = Text(
        max=500,
        load_default="",
        metadata={
            "label": "Why, if you cancel",
            "hint": "The mails to those who signed up carry it.",
            "input": "textarea",
            "rows": 2,
        },
    )


class EndForm(Schema):
    """How a series ends."""

    class Meta:
        unknown = EXCLUDE

    events = fields.String(
        required=True,
        validate=validate.OneOf(("keep", "cancel"), error="Choose what becomes of them."),
        error_messages={"required": "Choose what becomes of the events that are planned."},
        metadata={
            "label": "What becomes of the events that are planned?",
            "input": "radios",
            "options": [
                ("keep", "They take place; only no more are made"),
                ("cancel", "Cancel them too, and tell everybody who signed up"),
            ],
        },
    )
    reason = Text(
        max=500,
        load_default="",
        metadata={
            "label": "Why, if you cancel",
            "hint": "The mails to those who signed up carry it.",
            "input": "textarea",
            "rows": 2,
        },
    )


class SeriesShown(Schema):
    """A series, as scripts see it."""

    id = fields.Integer()
    group_id = fields.Integer()
    rule = fields.String()
    first_day = fields.Date()
    ended_at = fields.AwareDateTime(format="iso", allow_none=True)
