"""How groups, events and shifts are read from outside and shown to programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    pre_load,
    validate,
    validates_schema,
)

from shared import times
from shared.columns import LARGEST_ID
from shared.refusals import Refusal
from shared.schemas import Email, LocalTime, Postcode, Text, Zone

from . import rules

SIGNUP_NOTICES = validate.OneOf(rules.SIGNUP_NOTICES)
KIND = validate.OneOf(rules.KINDS)
ID = validate.Range(min=1, max=LARGEST_ID)
WEB_ADDRESS = validate.URL(schemes={"http", "https"})


class GroupSchema(Schema):
    """A group, as it is typed."""

    name = Text(max=120, required=True)
    contact_name = Text(max=120, required=True)
    contact_email = Email(required=True)
    privacy_url = Text(max=500, required=True, validate=WEB_ADDRESS)
    imprint = Text(max=2000, multiline=True, load_default="")
    signup_notices = fields.String(load_default="at_once", validate=SIGNUP_NOTICES)


class ShiftSchema(Schema):
    """A shift, as it is typed: its times are what clocks in its zone show."""

    place = Text(max=200, required=True)
    address = Text(max=300, load_default="")
    postcode = Postcode(load_default="")
    constituency = Text(max=120, load_default="")
    starts_at = LocalTime(required=True)
    ends_at = LocalTime(required=True)
    zone = Zone(load_default="Europe/London")
    capacity = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=validate.Range(min=1, max=rules.MOST_PLACES),
    )
    closes_at = LocalTime(allow_none=True, load_default=None)

    @validates_schema(skip_on_field_errors=False)
    def check_times(self, data: Mapping[str, Any], **_: Any) -> None:
        """Name the times that cannot be, as far as they can be judged without the stored shift."""
        zone = data.get("zone")
        typed = {name: data.get(name) for name in ("starts_at", "ends_at", "closes_at")}
        if zone is None:
            return
        wrong = {
            name: [sentence]
            for name, local in typed.items()
            if local and (sentence := refusal_of(times.to_utc, local, zone))
        }
        if wrong:
            raise ValidationError(wrong)
        known = {name: times.to_utc(local, zone) for name, local in typed.items() if local}
        if {"starts_at", "ends_at"} <= known.keys():
            check_order(rules.Times(**{"closes_at": known["starts_at"], **known}))


def check_order(span: rules.Times) -> None:
    """Name the time that comes too early or too late."""
    sentence = refusal_of(rules.check_times, span)
    if sentence:
        late = sentence == rules.ShiftClosesTooLate().sentence
        raise ValidationError(sentence, "closes_at" if late else "ends_at")


def refusal_of(rule: Callable[..., object], *facts: object) -> str:
    """Return what the rule says to the facts, or nothing."""
    try:
        rule(*facts)
    except Refusal as refusal:
        return refusal.sentence
    return ""


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


class Partial(Schema):
    """Of the schema that it is mixed into, only what is to change need be given."""

    def __init__(self, **modifiers: Any) -> None:
        super().__init__(**{"partial": True, **modifiers})


class GroupChanges(Partial, GroupSchema):
    """What is to change of a group."""


class EventChanges(Partial, EventWords):
    """What is to change of an event; its shifts have addresses of their own."""


class ShiftChanges(Partial, ShiftSchema):
    """What is to change of a shift; times without a zone are read in the shift's own."""


class CancelSchema(Schema):
    """Why an event is called off, in words for those who wanted to come."""

    reason = Text(max=500, load_default="")


class GroupShown(Schema):
    """A group, as programs see it."""

    id = fields.Integer()
    revision = fields.Integer()
    name = fields.String()
    contact_name = fields.String()
    contact_email = fields.String()
    privacy_url = fields.String()
    imprint = fields.String()
    signup_notices = fields.String()


class ShiftShown(Schema):
    """A shift, as programs see it: times in UTC, and how many places signups last told of."""

    id = fields.Integer()
    event_id = fields.Integer()
    revision = fields.Integer()
    place = fields.String()
    address = fields.String()
    postcode = fields.String()
    constituency = fields.String()
    starts_at = fields.AwareDateTime(format="iso")
    ends_at = fields.AwareDateTime(format="iso")
    zone = fields.String()
    capacity = fields.Integer(allow_none=True)
    closes_at = fields.AwareDateTime(format="iso")
    cancelled = fields.Boolean()
    taken = fields.Integer()
    waiting = fields.Integer()


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


class ListQuery(Schema):
    """Which part of a list is wanted: `after` is the id that the last part ended with."""

    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=LARGEST_ID))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class EventListQuery(ListQuery):
    """Which events are wanted."""

    status = fields.String(validate=validate.OneOf(rules.STATUSES))
    kind = fields.String(validate=KIND)
    group_id = fields.Integer(validate=ID)


class GroupList(Schema):
    """A part of the list of groups."""

    groups = fields.List(fields.Nested(GroupShown))


class EventList(Schema):
    """A part of the list of events."""

    events = fields.List(fields.Nested(EventShown))


class ScheduleQuery(Schema):
    """What a visitor wants to see of the schedule; a field left empty asks for nothing."""

    class Meta:
        unknown = EXCLUDE

    kind = fields.String(
        validate=validate.OneOf(rules.KINDS, error="Choose one of the kinds in the list."),
        metadata={
            "label": "What",
            "input": "select",
            "options": [("", "Everything"), *rules.KINDS.items()],
        },
    )
    first = fields.Date(
        data_key="from",
        error_messages={"invalid": "Give the first day as a date, such as 2026-12-05."},
        metadata={"label": "From", "input": "date"},
    )
    last = fields.Date(
        data_key="to",
        error_messages={"invalid": "Give the last day as a date, such as 2026-12-05."},
        metadata={"label": "Until", "input": "date"},
    )
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1000))

    @pre_load
    def drop_empty(self, data: Mapping[str, str], **_: Any) -> dict[str, str]:
        """A browser sends every field of the form, filled in or not."""
        return {name: value.strip() for name, value in data.items() if value.strip()}

    @validates_schema
    def check_days(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a span of days that ends before it begins."""
        if "first" in data and "last" in data and data["last"] < data["first"]:
            raise ValidationError("The last day must not come before the first.", "to")
