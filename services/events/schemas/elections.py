"""How elections are read from outside and shown to programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from shared.schemas import Text

from ..rules import elections as rules
from .shifts import refusal_of


class ElectionId(Text):
    """A Democracy Club election id, in small letters."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=150, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        typed = super()._deserialize(value, attr, data, **kwargs).lower()
        sentence = refusal_of(rules.day_of, typed)
        if sentence:
            raise ValidationError(sentence)
        return typed


class ElectionSchema(Schema):
    """An election, as it is typed; without a title it gets one made of its id."""

    id = ElectionId(
        required=True,
        error_messages={"required": "Enter the id of the election."},
        metadata={
            "label": "Election id",
            "hint": "By Democracy Club: local.lincoln.2027-05-06, for example.",
            "autocomplete": "off",
        },
    )
    title = Text(
        max=150,
        load_default="",
        metadata={
            "label": "Title",
            "hint": "What people call it. Left empty, it is made of the id.",
        },
    )


class ElectionForm(ElectionSchema):
    """The same, as a page sends it."""

    class Meta:
        unknown = EXCLUDE


class ElectionTitleForm(Schema):
    """Another title for an election."""

    class Meta:
        unknown = EXCLUDE

    title = Text(
        max=150,
        required=True,
        error_messages={"required": "Enter a title."},
        metadata={"label": "Title"},
    )


class ElectionShown(Schema):
    """An election, as programs see it."""

    id = fields.String()
    title = fields.String()
    day = fields.Date()
