"""What a visitor asks of the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
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

from shared.schemas import Text

from .. import rules
from ..rules import finding
from .lists import ID

WRONG_DAY = "Give the {} day as a date, such as 2026-12-05."
VIEWS = ("list", "month")


class Month(fields.Field[date]):
    """A month as browsers write it, as in 2026-12; its first day."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any
    ) -> date:
        try:
            month = datetime.strptime(str(value), "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
        except ValueError:
            month = date.min
        if not 2000 <= month.year <= 2100:
            raise ValidationError("Give the month like 2026-12.")
        return month


class ScheduleQuery(Schema):
    """What a visitor wants to see of the schedule; a field left empty asks for nothing."""

    class Meta:
        unknown = EXCLUDE

    postcode = Text(
        max=40,
        metadata={
            "label": "Your postcode",
            "input": "text",
            "autocomplete": "postal-code",
        },
    )
    miles = fields.Integer(
        validate=validate.OneOf(finding.MILES, error="Choose one of the distances in the list."),
        error_messages={"invalid": "Choose one of the distances in the list."},
        metadata={
            "label": "Within",
            "input": "select",
            "options": [(str(miles), f"{miles} miles") for miles in finding.MILES],
        },
    )
    kind = fields.String(
        validate=validate.OneOf(rules.KINDS, error="Choose one of the kinds in the list."),
        metadata={
            "label": "What",
            "input": "select",
            "options": [("", "Everything"), *rules.KINDS.items()],
        },
    )
    first = fields.Date(
        data_key="from",
        error_messages={"invalid": WRONG_DAY.format("first")},
        metadata={"label": "From", "input": "date"},
    )
    last = fields.Date(
        data_key="to",
        error_messages={"invalid": WRONG_DAY.format("last")},
        metadata={"label": "Until", "input": "date"},
    )
    constituency = Text(max=120, metadata={"label": "Constituency", "input": "text"})
    group_id = fields.Integer(
        data_key="group",
        validate=ID,
        error_messages={"invalid": "Choose one of the groups in the list."},
        metadata={"label": "Group", "input": "select"},
    )
    places = fields.Boolean(metadata={"label": "With free places", "input": "checkbox"})
    online = fields.Boolean(metadata={"label": "Online", "input": "checkbox"})
    view = fields.String(load_default="list", validate=validate.OneOf(VIEWS))
    month = Month()
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1000))

    @pre_load
    def drop_empty(self, data: Mapping[str, str], **_: Any) -> dict[str, str]:
        """A browser sends every field of the form, filled in or not."""
        return {name: value.strip() for name, value in data.items() if value.strip()}

    @validates_schema
    def check_days(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a span of days that ends before it begins."""
        if "first" in data and "last" in data and data["last"] < data["first"]:
            raise ValidationError("The last day must not come before the first.", "to")
