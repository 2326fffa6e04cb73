"""How campaigns are read from outside and shown to programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from shared.schemas import Text

from .. import rules
from ..rules.campaigns import LARGEST_GOAL, CampaignEndsTooEarly

GOALS = {
    "signups": "Sign-ups: how many places are taken",
    "conversations": "Conversations: what teams report after their shifts",
    "events": "Events: how many are published",
}
WRONG_DAY: dict[str, Any] = {
    "required": "Enter a date.",
    "invalid": "Enter a date such as 2026-12-05.",
}


class CampaignSchema(Schema):
    """A campaign, as it is typed."""

    name = Text(
        max=120,
        required=True,
        error_messages={"required": "Enter a name."},
        metadata={"label": "Name", "hint": "As people will read it, such as Lincoln by foot."},
    )
    about = Text(
        max=5000,
        multiline=True,
        load_default="",
        metadata={
            "label": "What it is about",
            "hint": "A few sentences for people who think about coming.",
            "input": "textarea",
            "rows": 6,
        },
    )
    goal_kind = fields.String(
        load_default="signups",
        validate=validate.OneOf(rules.GOAL_KINDS, error="Choose one of the goals in the list."),
        metadata={"label": "What you count", "input": "radios", "options": list(GOALS.items())},
    )
    goal = fields.Integer(
        required=True,
        strict=False,
        validate=validate.Range(
            min=1, max=LARGEST_GOAL, error=f"Enter a number from 1 to {LARGEST_GOAL:,}."
        ),
        error_messages={"required": "Enter a number.", "invalid": "Enter a whole number."},
        metadata={"label": "Goal", "hint": "How many you want to reach.", "input": "number"},
    )
    starts_on = fields.Date(
        required=True,
        error_messages=WRONG_DAY,
        metadata={"label": "First day", "input": "date", "width": "medium"},
    )
    ends_on = fields.Date(
        required=True,
        error_messages=WRONG_DAY,
        metadata={"label": "Last day", "input": "date", "width": "medium"},
    )
    election_id = Text(
        max=150,
        load_default=None,
        allow_none=True,
        metadata={"label": "Election", "input": "select"},
    )

    @validates_schema(skip_on_field_errors=False)
    def check_days(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a span of days that ends before it begins."""
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            raise ValidationError(CampaignEndsTooEarly().sentence, "ends_on")


class CampaignForm(CampaignSchema):
    """The same, as a page sends it."""

    class Meta:
        unknown = EXCLUDE
