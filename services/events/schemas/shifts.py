"""How shifts are read from outside and shown to programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared import times
from shared.refusals import Refusal
from shared.schemas import Email, LocalTime, Postcode, Text, Zone

from .. import rules
from .lists import Partial


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
    work = fields.String(load_default="", validate=validate.OneOf(rules.WORK))
    needs = Text(max=200, load_default="")
    lead_name = Text(max=120, load_default="")
    lead_email = Email(load_default="")

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


class ShiftChanges(Partial, ShiftSchema):
    """What is to change of a shift; times without a zone are read in the shift's own."""


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
    work = fields.String()
    needs = fields.String()
    lead_name = fields.String()
    lead_email = fields.String()
    constituency_code = fields.String()
    conversations = fields.Integer(allow_none=True)
    taken = fields.Integer()
    waiting = fields.Integer()
