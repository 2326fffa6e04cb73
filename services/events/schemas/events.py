"""How events are read from outside and shown to programs."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.schemas import Email, Text

from .. import rules
from .lists import ID, WEB_ADDRESS, ListQuery, Partial, empty_or
from .questions import QuestionsShown, questions_field
from .reminders import ReminderShown, reminders_field
from .shifts import ShiftSchema, ShiftShown

KIND = validate.OneOf(rules.KINDS)


class EventWords(Schema):
    """An event without its shifts, as it is typed."""

    kind = fields.String(
        required=True,
        validate=KIND,
        metadata={"label": "Kind", "input": "select", "options": list(rules.KINDS.items())},
    )
    title = Text(max=150, required=True, metadata={"label": "Title"})
    description = Text(
        max=10_000,
        multiline=True,
        load_default="",
        metadata={
            "label": "What happens",
            "input": "textarea",
            "rows": 8,
            "hint": "What people will do, and that newcomers are welcome. Leave a line empty"
            " between paragraphs.",
        },
    )
    bring = Text(
        max=1000,
        multiline=True,
        load_default="",
        metadata={"label": "What to bring", "input": "textarea", "rows": 2},
    )
    accessibility = Text(
        max=2000,
        multiline=True,
        load_default="",
        metadata={
            "label": "Accessibility",
            "input": "textarea",
            "rows": 3,
            "hint": "Steps, toilets, seats, how far people walk, whom to ask.",
        },
    )
    mode = fields.String(
        load_default="in_person",
        validate=validate.OneOf(rules.MODES, error="Choose one of the ways to take part."),
        metadata={
            "label": "How people take part",
            "input": "radios",
            "options": list(rules.MODES.items()),
        },
    )
    online_url = Text(
        max=500,
        load_default="",
        validate=empty_or(WEB_ADDRESS),
        metadata={
            "label": "Link for those who come online",
            "input": "url",
            "hint": "Only people who signed up are given it.",
        },
    )
    address_shown = fields.String(
        load_default="public",
        validate=validate.OneOf(rules.ADDRESS_SHOWN, error="Choose who may see the address."),
        metadata={
            "label": "Who sees the street addresses",
            "input": "radios",
            "options": list(rules.ADDRESS_SHOWN.items()),
            "hint": "Town, constituency and the first half of the postcode are always shown.",
        },
    )
    verification = fields.String(
        load_default="soft",
        validate=validate.OneOf(rules.VERIFICATIONS, error="Choose when an address is proven."),
        metadata={
            "label": "Who signs up proves their email address",
            "input": "radios",
            "options": list(rules.VERIFICATIONS.items()),
        },
    )
    when_full = fields.String(
        load_default="wait",
        validate=validate.OneOf(rules.WHEN_FULL, error="Choose what happens when it is full."),
        metadata={
            "label": "When a shift is full",
            "input": "radios",
            "options": list(rules.WHEN_FULL.items()),
        },
    )
    promotion = fields.String(
        load_default="by_time",
        validate=validate.OneOf(rules.PROMOTIONS, error="Choose how a free place is given."),
        metadata={
            "label": "When a place comes free it is given",
            "input": "radios",
            "options": list(rules.PROMOTIONS.items()),
        },
    )
    contact_name = Text(max=120, load_default="", metadata={"label": "Who answers questions"})
    contact_email = Email(
        load_default="",
        metadata={
            "label": "Their email address",
            "input": "email",
            "hint": "Shown on the event’s page. Left empty, it is the group’s.",
        },
    )
    campaign_id = fields.Integer(
        allow_none=True,
        load_default=None,
        validate=ID,
        metadata={"label": "Campaign", "input": "select"},
    )
    election_id = Text(
        max=200,
        allow_none=True,
        load_default=None,
        metadata={"label": "Election", "input": "select"},
    )


class EventSchema(EventWords):
    """An event with its first shifts, as it is typed; without a contact it gets the group's."""

    group_id = fields.Integer(strict=True, required=True, validate=ID)
    questions = questions_field()
    reminders = reminders_field()
    shifts = fields.List(
        fields.Nested(ShiftSchema), load_default=list, validate=validate.Length(max=200)
    )


class EventChanges(Partial, EventWords):
    """What is to change of an event; its shifts have addresses of their own."""

    questions = questions_field()
    reminders = reminders_field()


class CancelSchema(Schema):
    """Why an event is called off, in words for those who wanted to come."""

    reason = Text(
        max=500,
        multiline=True,
        load_default="",
        metadata={
            "label": "Why",
            "input": "textarea",
            "rows": 3,
            "hint": "Stands in the mail to everybody who signed up, and on the event’s page.",
        },
    )


class EventShown(Schema):
    """An event with its shifts, as programs see it."""

    id = fields.Integer()
    revision = fields.Integer()
    group_id = fields.Integer()
    kind = fields.String()
    status = fields.String()
    title = fields.String()
    description = fields.String()
    contact_name = fields.String()
    bring = fields.String()
    accessibility = fields.String()
    mode = fields.String()
    online_url = fields.String()
    address_shown = fields.String()
    verification = fields.String()
    when_full = fields.String()
    promotion = fields.String()
    questions = fields.List(fields.Nested(QuestionsShown))
    reminders = fields.List(fields.Nested(ReminderShown))
    contact_email = fields.String()
    campaign_id = fields.Integer(allow_none=True)
    election_id = fields.String(allow_none=True)
    cancel_reason = fields.String()
    published_at = fields.AwareDateTime(format="iso", allow_none=True)
    archived_at = fields.AwareDateTime(format="iso", allow_none=True)
    series_id = fields.Integer(allow_none=True)
    series_day = fields.Date(allow_none=True)
    shifts = fields.List(fields.Nested(ShiftShown))


class EventListQuery(ListQuery):
    """Which events are wanted."""

    status = fields.String(validate=validate.OneOf(rules.STATUSES))
    kind = fields.String(validate=KIND)
    group_id = fields.Integer(validate=ID)
