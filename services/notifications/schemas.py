"""What the ledger can be asked, and what it answers to programs."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, pre_load, validate

from shared.columns import LARGEST_ID
from shared.schemas import Text

from .rules import kinds

LAST_PAGE = 100_000

KIND_WORDS = {
    "confirmation": "Confirmation",
    "waiting": "Waiting list",
    "promoted": "Place came free",
    "repeated": "Signed up again",
    "changed": "Change",
    "cancelled": "Sign-up cancelled",
    "closed": "Event cancelled",
    "links": "Lost link",
    "new_signup": "New sign-up, to the contact",
    "daily_signups": "Daily list, to the contact",
    "sign_in": "Sign-in link",
    "organiser_invited": "Organiser invited",
    "group_requested": "Group asks to join",
    "group_approved": "Group let in",
    "group_declined": "Group not let in",
    "co_host_asked": "Asked to co-host",
}
STATE_WORDS = {
    "planned": "Planned",
    "due": "Due",
    "sending": "Being sent",
    "sent": "Sent",
    "deferred": "Tried, waits",
    "failed": "Failed",
    "suppressed": "Suppressed",
    "superseded": "No longer true",
    "missed": "Too late",
    "uncertain": "Uncertain",
}


class NoticeQuery(Schema):
    """Which notices to list."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(
        validate=validate.OneOf(kinds.KINDS, error="There is no such kind of notice."),
        metadata={
            "label": "Kind",
            "input": "select",
            "options": [("", "All kinds"), *KIND_WORDS.items()],
        },
    )
    state = fields.String(
        validate=validate.OneOf(kinds.STATES, error="There is no such state."),
        metadata={
            "label": "State",
            "input": "select",
            "options": [("", "All states"), *STATE_WORDS.items()],
        },
    )
    signup_id = fields.Integer(
        validate=validate.Range(1, LARGEST_ID, error="There is no sign-up with such a number."),
        error_messages={"invalid": "Enter the number of a sign-up, like 12."},
        metadata={"label": "Sign-up number", "input": "number"},
    )
    page = fields.Integer(
        load_default=1,
        validate=validate.Range(1, LAST_PAGE, error="There is no such page."),
        error_messages={"invalid": "Enter the number of a page."},
        metadata={"input": "hidden"},
    )

    @pre_load
    def leave_out_empty(self, asked: Any, **_: Any) -> dict[str, Any]:
        """A filter left open in a form is no filter."""
        return {name: value for name, value in asked.items() if str(value).strip()}


class MailboxQuery(Schema):
    """Which mails of the local mailbox to list."""

    class Meta:
        unknown = EXCLUDE

    to = Text(max=320, load_default="")
    page = fields.Integer(load_default=1, validate=validate.Range(1, LAST_PAGE))


class NoticeShown(Schema):
    """A notice as programs see it."""

    id = fields.Integer()
    kind = fields.String()
    subject = fields.String(metadata={"description": "What it is about, as in signup/12."})
    revision = fields.Integer()
    signup_id = fields.Integer(allow_none=True)
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
    page = fields.Integer()
    pages = fields.Integer()
    total = fields.Integer()
