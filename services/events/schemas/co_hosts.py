"""How another group is asked to hold an event too."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema

from shared.schemas import Text


class CoHostForm(Schema):
    """Which other group is asked to hold an event too."""

    class Meta:
        unknown = EXCLUDE

    group = Text(
        max=120,
        required=True,
        error_messages={"required": "Enter the name or the number of the group."},
        metadata={
            "label": "Which group?",
            "hint": "Its name, or the number at the end of its page’s address.",
            "autocomplete": "off",
        },
    )
