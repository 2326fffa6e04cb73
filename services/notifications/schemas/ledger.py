"""What the ledger can be asked, and what it answers to programs."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, pre_load, validate

from shared.columns import LARGEST_ID
from shared.schemas import Text

from ..rules import kinds, states

LAST_PAGE = 100_000
LAST_DAY = date(2999, 12, 31)

KIND_WORDS = {name: kind.label for name, kind in kinds.KINDS.items()}


class NoticeQuery(Schema):
    """Which notices to list."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(
        validate=validate.OneOf(tuple(kinds.KINDS), error="There is no such kind of notice."),
        metadata={
            "label": "Kind",
            "input": "select",
            "options": [("", "All kinds"), *KIND_WORDS.items()],
        },
    )
    state = fields.String(
        validate=validate.OneOf(tuple(states.STATES), error="There is no such state."),
        metadata={
            "label": "State",
            "input": "select",
            "options": [("", "All states"), *states.STATES.items()],
        },
    )
    event_id = fields.Integer(
        validate=validate.Range(1, LARGEST_ID, error="There is no such event."),
        error_messages={"invalid": "There is no such event."},
        metadata={"label": "Event", "input": "select", "options": [("", "All events")]},
    )
    who = Text(
        max=254,
        metadata={"label": "Name or address", "input": "search"},
    )
    since = fields.Date(
        error_messages={"invalid": "Enter a day like 2026-12-05."},
        metadata={"label": "Made from", "input": "date"},
    )
    until = fields.Date(
        validate=validate.Range(max=LAST_DAY, error="That day is too far away."),
        error_messages={"invalid": "Enter a day like 2026-12-05."},
        metadata={"label": "Made until", "input": "date"},
    )
    signup_id = fields.Integer(
        validate=validate.Range(1, LARGEST_ID, error="There is no sign-up with such a number."),
        error_messages={"invalid": "Enter the number of a sign-up, like 12."},
        metadata={"label": "Sign-up number", "input": "number"},
    )
    before = fields.Integer(
        validate=validate.Range(1, LARGEST_ID, error="There is no such page."),
        error_messages={"invalid": "There is no such page."},
        metadata={"input": "hidden", "description": "Only notices with a smaller id."},
    )

    @pre_load
    def leave_out_empty(self, asked: Any, **_: Any) -> dict[str, Any]:
        """A filter left open in a form is no filter."""
        return {name: value for name, value in asked.items() if str(value).strip()}


class NoticeShown(Schema):
    """A notice as programs see it."""

    id = fields.Integer()
    kind = fields.String()
    subject = fields.String(metadata={"description": "What it is about, as in signup/12."})
    revision = fields.Integer()
    signup_id = fields.Integer(allow_none=True)
    event_id = fields.Integer(allow_none=True)
    group_id = fields.Integer(allow_none=True)
    state = fields.String()
    reason = fields.String(metadata={"description": "Why it is not sent, or waits; or empty."})
    recipient = fields.String()
    attempts = fields.Integer()
    message_id = fields.UUID(metadata={"description": "The part of the Message-ID before the @."})
    created_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    sent_at = fields.AwareDateTime(allow_none=True)


class NoticeList(Schema):
    """One page of the ledger."""

    notices = fields.List(fields.Nested(NoticeShown))
    next = fields.Integer(
        allow_none=True,
        metadata={"description": "Ask with before= this for what follows; null at the end."},
    )


class FiguresShown(Schema):
    """How many mails ended how."""

    kind = fields.String()
    counts = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={
            "description": "Each mail counts once: an invitation by whose link somebody "
            "unsubscribed as unsubscribed, and not as sent."
        },
    )
    all = fields.Integer()


class EventFigures(Schema):
    """How the mails about one event ended."""

    event_id = fields.Integer()
    total = fields.Nested(FiguresShown)
    kinds = fields.List(fields.Nested(FiguresShown))
