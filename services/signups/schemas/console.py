"""What organisers type about sign-ups."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.columns import LARGEST_ID
from shared.schemas import Text

from ..rules import changes


class ByHandForm(Schema):
    """Which sign-up something is done to by hand, and why."""

    class Meta:
        unknown = EXCLUDE

    signup_id = fields.Integer(
        required=True, validate=validate.Range(1, LARGEST_ID, error="There is no such sign-up.")
    )
    reason = Text(
        required=True,
        max=changes.LONGEST_REASON,
        error_messages={"required": "Say why, for whoever asks later."},
        metadata={"label": "Why?"},
    )


class ReviewForm(Schema):
    """Which of the forms that wait for a look are let through, or forgotten."""

    class Meta:
        unknown = EXCLUDE

    signup_ids = fields.List(
        fields.Integer(validate=validate.Range(1, LARGEST_ID)),
        required=True,
        validate=validate.Length(min=1, error="Tick at least one."),
        error_messages={"required": "Tick at least one."},
        metadata={"input": "checkboxes"},
    )
    do = fields.String(required=True, validate=validate.OneOf(("accept", "drop")))


class ClearForm(Schema):
    """Of which forms that wait for a look all are forgotten: those kept for this reason."""

    class Meta:
        unknown = EXCLUDE

    why = Text(required=True)
