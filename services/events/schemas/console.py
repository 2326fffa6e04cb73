"""The forms of the console for events and shifts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from shared import times
from shared.schemas import Email, LocalTime, Postcode, Text

from .. import rules
from ..models import Shift
from ..rules.grid import NO_LIMIT
from .events import CancelSchema, EventWords
from .grid import UNLIMITED
from .lists import DAY
from .shifts import refusal_of

CLOCK = "%Y-%m-%dT%H:%M"
SAY_PLACES = "Type how many can come, or “no limit”."


class ConsoleForm(Schema):
    """A form whose other fields are none of its business: the CSRF field, what was seen."""

    class Meta:
        unknown = EXCLUDE


class Places(fields.Field[Any]):
    """How many can come: a number, or `no limit`, which is None."""

    default_error_messages = {"required": SAY_PLACES}  # noqa: RUF012 - as marshmallow declares it

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:
        return NO_LIMIT if value is None else str(value)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int | None:
        text = str(value).strip().lower()
        if text in UNLIMITED:
            return None
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= rules.MOST_PLACES):
            raise ValidationError(SAY_PLACES)
        return int(text)


class NewEventForm(ConsoleForm):
    """The little that a new event begins with."""

    kind = fields.String(required=True, validate=validate.OneOf(rules.KINDS))
    title = Text(
        max=150,
        required=True,
        error_messages={"required": "Give the event a title."},
        metadata={"label": "Title", "hint": "As people will read it, such as “Out in Lincoln”."},
    )
    day = fields.Date(
        required=True,
        validate=DAY,
        error_messages={"required": "Give the day.", "invalid": "Give the day as a date."},
        metadata={"label": "First day", "input": "date", "width": "medium"},
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
    places = Text(
        max=4000,
        multiline=True,
        load_default="",
        metadata={
            "label": "Meeting points",
            "input": "textarea",
            "rows": 4,
            "hint": "One a line: a place or a constituency. Addresses come next, in the grid.",
        },
    )


class DetailsForm(ConsoleForm, EventWords):
    """All that is said of an event as a whole."""


class ReasonForm(ConsoleForm, CancelSchema):
    """Why an event is called off."""


class MoveForm(ConsoleForm):
    """To which first day an event moves, and how much later in the day."""

    day = fields.Date(
        required=True,
        validate=DAY,
        error_messages={"required": "Give the new first day.", "invalid": "Give it as a date."},
        metadata={"label": "New first day", "input": "date", "width": "medium"},
    )
    minutes = fields.Integer(
        load_default=0,
        validate=validate.Range(min=-1439, max=1439, error="Less than a day, please."),
        error_messages={"invalid": "Type minutes, such as 30, or -30 for earlier."},
        metadata={
            "label": "Minutes later",
            "width": "short",
            "hint": "Such as 30; -30 is half an hour earlier.",
        },
    )


class CopyForm(ConsoleForm):
    """The first day of a copy."""

    day = fields.Date(
        required=True,
        validate=DAY,
        error_messages={"required": "Give the first day.", "invalid": "Give it as a date."},
        metadata={"label": "First day of the copy", "input": "date", "width": "medium"},
    )


class EventSearch(ConsoleForm):
    """Which of a group's events are wanted."""

    show = fields.String(
        load_default="upcoming",
        validate=validate.OneOf(("upcoming", "drafts", "past", "archived")),
    )
    q = Text(max=100, load_default="", metadata={"label": "Search", "input": "search"})
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1000))


class ShiftForm(ConsoleForm):
    """One shift, with hours of its own; for a stored one its times are checked as instants too."""

    def __init__(self, stored: Shift | None = None, *, now: datetime | None = None) -> None:
        super().__init__()
        self.shift, self.now = stored, now

    place = Text(max=200, load_default="", metadata={"label": "Meeting point"})
    address = Text(max=300, load_default="", metadata={"label": "Street address"})
    postcode = Postcode(load_default="", metadata={"label": "Postcode", "width": "short"})
    constituency = Text(
        max=120,
        load_default="",
        metadata={"label": "Constituency", "hint": "Left empty, it is found by the postcode."},
    )
    starts_at = LocalTime(
        required=True,
        format=CLOCK,
        error_messages={"required": "Give the start."},
        metadata={"label": "Starts", "input": "datetime-local", "width": "medium"},
    )
    ends_at = LocalTime(
        required=True,
        format=CLOCK,
        error_messages={"required": "Give the end."},
        metadata={"label": "Ends", "input": "datetime-local", "width": "medium"},
    )
    closes_at = LocalTime(
        allow_none=True,
        load_default=None,
        format=CLOCK,
        metadata={
            "label": "Sign-up closes",
            "input": "datetime-local",
            "width": "medium",
            "hint": "Left empty, at the start.",
        },
    )
    capacity = Places(
        required=True,
        metadata={"label": "How many can come", "width": "short", "hint": "Or “no limit”."},
    )
    work = fields.String(
        load_default="",
        validate=validate.OneOf(rules.WORK),
        metadata={
            "label": "What is done there",
            "input": "select",
            "options": list(rules.WORK.items()),
        },
    )
    needs = Text(
        max=200,
        load_default="",
        metadata={
            "label": "Training that people need first",
            "hint": "By its name, such as “Driver’s briefing”.",
        },
    )
    lead_name = Text(
        max=120,
        load_default="",
        metadata={"label": "Who leads it", "hint": "For the team; never shown to the public."},
    )
    lead_email = Email(
        load_default="",
        metadata={
            "label": "Their email address",
            "input": "email",
            "hint": "Both are erased 90 days after the shift.",
        },
    )

    @validates_schema
    def check_times(self, data: Mapping[str, Any], **_: Any) -> None:
        """Name the time that comes too early or too late."""
        if data["ends_at"] <= data["starts_at"]:
            raise ValidationError(rules.ShiftEndsTooEarly().sentence, "ends_at")
        if data["closes_at"] and data["closes_at"] > data["starts_at"]:
            raise ValidationError(rules.ShiftClosesTooLate().sentence, "closes_at")
        if self.shift is not None:
            self.check_instants(data, self.shift)

    def check_instants(self, data: Mapping[str, Any], shift: Shift) -> None:
        """Name an hour that the clocks leave out, and a move into the past."""
        for name in ("starts_at", "ends_at", "closes_at"):
            wrong = refusal_of(times.to_utc, data[name], shift.zone) if data[name] else ""
            if wrong:
                raise ValidationError(wrong, name)
        span = [times.to_utc(data[name], shift.zone) for name in ("starts_at", "ends_at")]
        moved = rules.Times(starts_at=span[0], ends_at=span[1], closes_at=span[0])
        if span != [shift.starts_at, shift.ends_at]:
            if wrong := refusal_of(rules.check_times, moved):
                raise ValidationError(wrong, "ends_at")
            if wrong := refusal_of(rules.check_ahead, shift.event.status, moved, self.now):
                raise ValidationError(wrong, "starts_at")


class ConversationsForm(ConsoleForm):
    """How many conversations a team had."""

    conversations = fields.Integer(
        load_default=None,
        validate=validate.Range(min=0, max=1_000_000, error="Type a number, 0 or more."),
        error_messages={"invalid": "Type a number, 0 or more."},
        metadata={"label": "Conversations", "input": "number"},
    )


def facts_of_shift(shift: Shift) -> dict[str, Any]:
    """Return a shift as its form knows it: times as clocks there show them."""
    facts = {name: getattr(shift, name) for name in ShiftForm().fields}
    for name in ("starts_at", "ends_at", "closes_at"):
        facts[name] = times.local(facts[name], shift.zone).replace(tzinfo=None)
    if shift.closes_at == shift.starts_at:
        facts["closes_at"] = None
    return facts


__all__ = [
    "ConversationsForm",
    "CopyForm",
    "DetailsForm",
    "EventSearch",
    "MoveForm",
    "NewEventForm",
    "Places",
    "ReasonForm",
    "ShiftForm",
    "facts_of_shift",
]
