"""How events are read from outside and shown to programs."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.schemas import Email, Text

from .. import rules
from .lists import ID, ListQuery, Partial
from .shifts import ShiftSchema, ShiftShown

KIND = validate.OneOf(rules.KINDS)


class EventWords(Schema):
    """An event without its shifts, as it is typed."""

    kind = fields.String(required=True, validate=KIND)
    title = Text(max=150, required=True)
    description = Text(max=10_000, multiline=True, load_default="")
    contact_name = Text(max=120, load_default="")
    contact_email = Email(load_default="")


class EventSchema(EventWords):
    """An event with its first shifts, as it is typed; without a contact it gets the group's."""

    group_id = fields.Integer(strict=True, required=True, validate=ID)
    shifts = fields.List(
        fields.Nested(ShiftSchema), load_default=list, validate=validate.Length(max=200)
    )


class EventChanges(Partial, EventWords):
    """What is to change of an event; its shifts have addresses of their own."""


class CancelSchema(Schema):
    """Why an event is called off, in words for those who wanted to come."""

    reason = Text(max=500, load_default="")


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
    contact_email = fields.String()
    cancel_reason = fields.String()
    published_at = fields.AwareDateTime(format="iso", allow_none=True)
    shifts = fields.List(fields.Nested(ShiftShown))


class EventListQuery(ListQuery):
    """Which events are wanted."""

    status = fields.String(validate=validate.OneOf(rules.STATUSES))
    kind = fields.String(validate=KIND)
    group_id = fields.Integer(validate=ID)


class EventList(Schema):
    """A part of the list of events."""

    events = fields.List(fields.Nested(EventShown))
