"""What a visitor asks of the schedule."""

from __future__ import annotations

from collections.abc import Mapping
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

from .. import rules


class ScheduleQuery(Schema):
    """What a visitor wants to see of the schedule; a field left empty asks for nothing."""

    class Meta:
        unknown = EXCLUDE

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
        error_messages={"invalid": "Give the first day as a date, such as 2026-12-05."},
        metadata={"label": "From", "input": "date"},
    )
    last = fields.Date(
        data_key="to",
        error_messages={"invalid": "Give the last day as a date, such as 2026-12-05."},
        metadata={"label": "Until", "input": "date"},
    )
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
