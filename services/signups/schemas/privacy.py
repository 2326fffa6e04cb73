"""What somebody types who asks what is kept of them, or wants it erased."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validates

from .sign_up import LostLinkForm


class PrivacyForm(LostLinkForm):
    """The address of somebody who asks what is kept of them."""


class EraseForm(Schema):
    """That somebody means it."""

    class Meta:
        unknown = EXCLUDE

    sure = fields.Boolean(
        required=True,
        error_messages={"required": "Tick the box if you are sure."},
        metadata={
            "label": "Yes, erase everything. I know that it cannot be undone.",
            "input": "checkbox",
        },
    )

    @validates("sure")
    def check_sure(self, value: bool, **_kwargs: object) -> None:
        """Refuse a box that says no."""
        if not value:
            raise ValidationError("Tick the box if you are sure.")
