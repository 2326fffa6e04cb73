"""Writing a mailing, and having it sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    validate,
    validates,
    validates_schema,
)

from shared import times
from shared.asking import with_options
from shared.columns import LARGEST_ID
from shared.meeting_points import names_of, point_of
from shared.schemas import LocalTime, Text

from ..models import Shift
from ..rules import mailings
from ..rules.wordings import placeholders_in

ALL_SHIFTS = "All of the event"
CHOOSE = "Choose one of these."
WHY = "Nothing is filled in here: the mail begins with “Hello” and the name by itself."


class MailingForm(Schema):
    """What an organiser writes to many."""

    class Meta:
        unknown = EXCLUDE

    shift_id = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, LARGEST_ID, error=CHOOSE),
        error_messages={"invalid": CHOOSE},
        metadata={"label": "For", "input": "select", "options": [], "conditional": True},
    )
    audience = fields.String(
        load_default="coming",
        validate=validate.OneOf(tuple(mailings.AUDIENCES), error=CHOOSE),
        metadata={
            "label": "Who gets it",
            "input": "radios",
            "options": list(mailings.AUDIENCES.items()),
        },
    )
    purpose = fields.String(
        required=True,
        validate=validate.OneOf(tuple(mailings.PURPOSES), error=CHOOSE),
        error_messages={"required": "Say what it is about."},
        metadata={
            "label": "What it is about",
            "hint": "What is practical goes to everybody, but an event can have it "
            f"{mailings.MOST_PRACTICAL} times only. An invitation goes only to those who get the "
            "weekly mail with your events, and to nobody whom the groups asked often enough this "
            "week.",
            "input": "radios",
            "options": list(mailings.PURPOSES.items()),
        },
    )
    subject = Text(
        required=True,
        max=120,
        error_messages={"required": "Enter a subject."},
        metadata={"label": "Subject"},
    )
    words = Text(
        required=True,
        max=10_000,
        multiline=True,
        error_messages={"required": "Write what you want to say."},
        metadata={
            "label": "What you want to say",
            "hint": "It begins with “Hello” and the first name. An empty line begins a paragraph; "
            "web addresses become links.",
            "input": "textarea",
            "rows": 12,
        },
    )

    @validates("subject", "words")
    def refuse_placeholders(self, text: str, data_key: str) -> None:
        """Nothing comes in place of them here, unlike in the words of the group's other mails."""
        for number, line in enumerate(text.splitlines(), 1):
            where = f"Line {number}: " if data_key == "words" else ""
            for name in sorted(placeholders_in(line)):
                raise ValidationError(f"{where}{{{name}}} would stand in the mail as it is. {WHY}")


def form_for(shifts: Sequence[Shift]) -> Schema:
    """Return the form with the shifts of its event to choose from."""
    options: list[tuple[Any, str]] = [("", ALL_SHIFTS)]
    options += names_of_shifts(shifts).items()
    return with_options(MailingForm(), "shift_id", options)


def names_of_shifts(shifts: Sequence[Shift]) -> dict[int, str]:
    """Return each shift's place and time in a line, by its id; of all shifts of an event."""
    places = names_of(point_of(shift) for shift in shifts)
    return {
        shift.id: f"{places[point_of(shift)]}: "
        f"{times.span(shift.starts_at, shift.ends_at, shift.zone)}"
        for shift in shifts
    }


class SendForm(Schema):
    """When a mailing leaves."""

    class Meta:
        unknown = EXCLUDE

    when = fields.String(
        load_default="now",
        validate=validate.OneOf(("now", "later"), error=CHOOSE),
        metadata={
            "label": "When does it leave?",
            "input": "radios",
            "options": [
                ("now", "Now: in a minute, so that you can still stop it"),
                ("later", "Later, at the time below"),
            ],
        },
    )
    send_at = LocalTime(
        load_default=None,
        metadata={
            "label": "Day and time",
            "input": "datetime-local",
            "width": "medium",
            "conditional": True,
        },
    )

    @validates_schema
    def need_time(self, form: dict[str, Any], **_kwargs: Any) -> None:
        """Who wants it later says when."""
        if form["when"] == "later" and form.get("send_at") is None:
            raise ValidationError("Enter the day and the time.", "send_at")


def wanted_in(form: dict[str, Any], zone: str) -> datetime | None:
    """Return the instant a form names, on the clock of `zone`; None is now. Raises NoSuchHour."""
    return times.to_utc(form["send_at"], zone) if form["when"] == "later" else None
