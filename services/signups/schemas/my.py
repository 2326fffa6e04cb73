"""What somebody types on the page of their own sign-up."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.columns import LARGEST_ID
from shared.schemas import Text

from ..rules import changes
from .sign_up import PARTY, SignupForm, wish_field


class CancelForm(Schema):
    """Why somebody cannot come, if they want to say."""

    class Meta:
        unknown = EXCLUDE

    reason = Text(
        load_default="",
        max=changes.LONGEST_REASON,
        metadata={"label": "Why?", "hint": "It helps us to plan; leave it empty if you like."},
    )


class PartyForm(Schema):
    """How many come now."""

    class Meta:
        unknown = EXCLUDE

    party = fields.Integer(
        required=True,
        validate=PARTY,
        error_messages={"required": "Choose a number.", "invalid": "Enter a whole number."},
        metadata={"label": "How many of you are coming?", "input": "select"},
    )


class WishForm(Schema):
    """What somebody who waits wants when a place comes free."""

    class Meta:
        unknown = EXCLUDE

    wish = wish_field(
        required=True,
        error_messages={"required": "Choose one of these."},
    )


class SwitchForm(Schema):
    """To which shift somebody goes instead."""

    class Meta:
        unknown = EXCLUDE

    shift_id = fields.Integer(
        required=True,
        validate=validate.Range(1, LARGEST_ID, error="There is no such shift."),
        error_messages={"required": "Choose a shift.", "invalid": "There is no such shift."},
    )


class ClaimForm(SignupForm):
    """The form of a friend who takes over a place: as many come as before."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(exclude=("party", "wish", "also"), **kwargs)
