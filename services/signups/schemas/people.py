"""What organisers ask of the list of people, and what they keep about somebody."""

from __future__ import annotations

from typing import Any

from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    pre_load,
    validate,
    validates,
    validates_schema,
)

from shared.columns import LARGEST_ID
from shared.schemas import WEB_ADDRESS, Email, Phone, Postcode, Text

from ..rules import people as rules

LAST_PAGE = 100_000
ID = validate.Range(1, LARGEST_ID, error="There is none with such a number.")


class PeopleQuery(Schema):
    """Who is looked for."""

    class Meta:
        unknown = EXCLUDE

    words = Text(
        max=100,
        load_default="",
        metadata={"label": "Name or address", "input": "search"},
    )
    tag = Text(load_default="", metadata={"label": "Tag", "input": "select"})
    training = Text(load_default="", metadata={"label": "Trained in", "input": "select"})
    event_id = fields.Integer(
        load_default=0,
        validate=validate.Range(0, LARGEST_ID, error="There is no such event."),
        error_messages={"invalid": "There is no such event."},
        metadata={"label": "Place at", "input": "select"},
    )
    agreed = fields.String(
        load_default="",
        validate=validate.OneOf(("mail", "phone"), error="Choose one of these."),
        metadata={"label": "Agreed to", "input": "select"},
    )
    waiting = fields.Boolean(
        load_default=False, metadata={"label": "Waits for a place", "input": "checkbox"}
    )
    page = fields.Integer(
        load_default=1, validate=validate.Range(1, LAST_PAGE, error="There is no such page.")
    )

    @pre_load
    def leave_out_empty(self, asked: Any, **_: Any) -> dict[str, Any]:
        """A filter left open in a form is no filter."""
        return {name: value for name, value in asked.items() if str(value).strip()}


class NoteForm(Schema):
    """A note about somebody."""

    class Meta:
        unknown = EXCLUDE

    words = Text(
        required=True,
        multiline=True,
        max=rules.LONGEST_NOTE,
        error_messages={"required": "Write something first."},
        metadata={
            "label": "Write a note",
            "hint": "They can ask to see it.",
            "input": "textarea",
            "rows": 3,
        },
    )


class TagForm(Schema):
    """A tag that somebody gets, or loses."""

    class Meta:
        unknown = EXCLUDE

    tag = Text(
        required=True,
        max=rules.LONGEST_TAG,
        error_messages={"required": "Enter a tag."},
        metadata={"label": "Add a tag", "hint": "One, such as “driver”.", "width": "medium"},
    )


class TrainingForm(Schema):
    """A training that somebody completed."""

    class Meta:
        unknown = EXCLUDE

    title = Text(
        required=True,
        max=rules.LONGEST_TRAINING,
        error_messages={"required": "Enter the name of a training."},
        metadata={
            "label": "Completed a training",
            "hint": "By its name, as the shifts that need it have it.",
            "width": "medium",
        },
    )


class ManyForm(Schema):
    """What is noted of several people of the list at once: a training, or a tag."""

    class Meta:
        unknown = EXCLUDE

    person_ids = fields.List(
        fields.Integer(validate=ID),
        required=True,
        validate=validate.Length(min=1, error="Tick at least one person."),
        error_messages={"required": "Tick at least one person."},
        metadata={"input": "checkboxes"},
    )
    do = fields.String(required=True, validate=validate.OneOf(("training", "tag")))
    noted = Text(
        required=True,
        max=rules.LONGEST_TRAINING,
        error_messages={"required": "Enter the name of a training, or a tag."},
        metadata={"label": "Training or tag", "width": "medium"},
    )

    @validates_schema
    def check_tag(self, form: dict[str, Any], **_: Any) -> None:
        """A tag is shorter than the name of a training."""
        if form["do"] == "tag" and len(form["noted"]) > rules.LONGEST_TAG:
            raise ValidationError(
                f"A tag has at most {rules.LONGEST_TAG} characters.", field_name="noted"
            )


class OneForm(Schema):
    """The number of one thing: another entry, a note, or a merge."""

    class Meta:
        unknown = EXCLUDE

    number = fields.Integer(required=True, validate=ID)


class PersonRow(Schema):
    """Somebody as a row of a list tells of them."""

    class Meta:
        unknown = EXCLUDE

    name = Text(required=True, max=80, error_messages={"required": "There is no name."})
    email = Email(required=True, error_messages={"required": "There is no email address."})
    phone = Phone(load_default="")
    postcode = Postcode(load_default="")

    @validates("name")
    def refuse_web_addresses(self, value: str, **_: Any) -> None:
        """A name may go into mails: it carries no advertising."""
        if WEB_ADDRESS.search(value):
            raise ValidationError("A name has no web or email addresses.")
