"""Lists and changes: what their schemas share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from marshmallow import Schema, fields, validate

from shared.columns import LARGEST_ID

ID = validate.Range(min=1, max=LARGEST_ID)
DAY = validate.Range(
    min=date(2000, 1, 1), max=date(2100, 12, 31), error="Enter a year between 2000 and 2100."
)
"""Beyond, the calendar ends sooner or later, and with it what is reckoned from a day."""

WEB_ADDRESS = validate.URL(
    schemes={"http", "https"}, error="Enter a web address such as https://www.example.org."
)


def empty_or(check: Callable[[str], object]) -> Callable[[str], None]:
    """Return a check that leaves alone what was left empty."""

    def checked(text: str) -> None:
        if text:
            check(text)

    return checked


class Partial(Schema):
    """Of the schema that it is mixed into, only what is to change need be given."""

    def __init__(self, **modifiers: Any) -> None:
        super().__init__(**{"partial": True, **modifiers})


class ListQuery(Schema):
    """Which part of a list is wanted: `after` is the id that the last part ended with."""

    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=LARGEST_ID))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))
