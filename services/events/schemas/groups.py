"""How groups are read from outside and shown to programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from shared.schemas import Email, Postcode, Text

from .. import rules
from ..rules.groups import LARGEST_RADIUS, MOST_AREAS, MOST_SITES, origin_of
from .lines import Lines
from .lists import ID, WEB_ADDRESS, Partial

SIGNUP_NOTICES = validate.OneOf(rules.SIGNUP_NOTICES, error="Choose one of the three.")
TOLD = {
    "at_once": "At once, by a mail for each",
    "daily": "Once a day, by one mail for all",
    "off": "Not by mail",
}
BOTH_OR_NEITHER = "Give both, the postcode and the miles around it, or leave both empty."


class GroupSchema(Schema):
    """A group, as it is typed."""

    name = Text(
        max=120,
        required=True,
        error_messages={"required": "Enter the name of the group."},
        metadata={"label": "Name", "autocomplete": "organization"},
    )
    about = Text(
        max=5000,
        multiline=True,
        load_default="",
        metadata={
            "label": "About",
            "hint": "Who you are and what you do, for people who have never heard of you.",
            "input": "textarea",
            "rows": 6,
        },
    )
    website = Text(
        max=500,
        load_default="",
        validate=lambda value: WEB_ADDRESS(value) if value else None,
        metadata={"label": "Web site", "input": "url", "hint": "With https:// in front."},
    )
    contact_name = Text(
        max=120,
        required=True,
        error_messages={"required": "Enter who answers questions."},
        metadata={
            "label": "Contact name",
            "hint": "Who answers questions. Everybody sees it.",
            "autocomplete": "name",
        },
    )
    contact_email = Email(
        required=True,
        error_messages={"required": "Enter where questions go."},
        metadata={
            "label": "Contact email address",
            "hint": "Where questions go. Everybody sees it.",
            "input": "email",
            "autocomplete": "email",
        },
    )
    reply_email = Email(
        load_default="",
        metadata={
            "label": "Reply address",
            "hint": "Where answers to mails go. Left empty, they go to the contact.",
            "input": "email",
            "autocomplete": "off",
        },
    )
    constituencies = Lines(
        most=MOST_AREAS,
        load_default=list,
        metadata={
            "label": "Constituencies",
            "hint": "Where you are at home: one on each line.",
            "input": "textarea",
            "rows": 3,
        },
    )
    authorities = Lines(
        most=MOST_AREAS,
        load_default=list,
        metadata={
            "label": "Council areas",
            "hint": "Districts, boroughs or counties: one on each line.",
            "input": "textarea",
            "rows": 3,
        },
    )
    area_postcode = Postcode(
        load_default="",
        metadata={
            "label": "Postcode in the middle of your area",
            "hint": "For groups that are at home around a place.",
            "width": "short",
            "autocomplete": "off",
        },
    )
    area_miles = fields.Integer(
        strict=False,
        allow_none=True,
        load_default=None,
        validate=validate.Range(
            min=1, max=LARGEST_RADIUS, error=f"Enter a number from 1 to {LARGEST_RADIUS}."
        ),
        error_messages={"invalid": "Enter a whole number."},
        metadata={"label": "Miles around it", "input": "number"},
    )
    representative_name = Text(
        max=120,
        load_default="",
        metadata={
            "label": "MP or candidate",
            "hint": "A name that newcomers are shown.",
            "autocomplete": "off",
        },
    )
    representative_role = Text(
        max=120,
        load_default="",
        metadata={
            "label": "What they are",
            "hint": "Such as MP for Lincoln, or candidate for Fosse ward.",
            "autocomplete": "off",
        },
    )
    imprint = Text(
        max=2000,
        multiline=True,
        load_default="",
        metadata={
            "label": "Imprint",
            "hint": "Promoted by … on behalf of …, with a postal address. Stands below every mail.",
            "input": "textarea",
            "rows": 3,
        },
    )
    privacy_url = Text(
        max=500,
        required=True,
        validate=WEB_ADDRESS,
        error_messages={"required": "Enter the address of your privacy notice."},
        metadata={
            "label": "Privacy notice",
            "hint": "The address of the page that says what you do with people’s details.",
            "input": "url",
        },
    )
    signup_notices = fields.String(
        load_default="at_once",
        validate=SIGNUP_NOTICES,
        metadata={
            "label": "How does the contact hear of new sign-ups?",
            "input": "radios",
            "options": list(TOLD.items()),
        },
    )
    embed_sites = Lines(
        most=MOST_SITES,
        line=origin_of,
        load_default=list,
        metadata={
            "label": "Web sites that may show your events",
            "hint": "One on each line, such as https://www.example.org.",
            "input": "textarea",
            "rows": 3,
        },
    )

    @validates_schema
    def check_radius(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse half a radius."""
        if {"area_postcode", "area_miles"} <= data.keys() and bool(data["area_postcode"]) != bool(
            data["area_miles"]
        ):
            name = "area_miles" if data["area_postcode"] else "area_postcode"
            raise ValidationError(BOTH_OR_NEITHER, name)


class NewGroup(GroupSchema):
    """A group to be founded, as it is typed."""

    parent_id = fields.Integer(allow_none=True, load_default=None, validate=ID)


class GroupForm(GroupSchema):
    """The profile of a group, as its page sends it."""

    class Meta:
        unknown = EXCLUDE


class GroupChanges(Partial, GroupSchema):
    """What is to change of a group."""


class SubGroupForm(Schema):
    """A new sub-group; everything else it takes from the group that it is a part of."""

    class Meta:
        unknown = EXCLUDE

    name = Text(
        max=120,
        required=True,
        error_messages={"required": "Enter the name of the sub-group."},
        metadata={"label": "Name of the new sub-group"},
    )


class GroupSearch(Schema):
    """Which groups a visitor wants to see."""

    class Meta:
        unknown = EXCLUDE

    q = Text(max=100, load_default="", metadata={"label": "Name or place", "input": "search"})
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=1000))


class AreaShown(Schema):
    """A constituency or an authority of a group, as programs see it."""

    kind = fields.String()
    name = fields.String()
    code = fields.String()


class GroupShown(Schema):
    """A group, as programs see it."""

    id = fields.Integer()
    revision = fields.Integer()
    parent_id = fields.Integer(allow_none=True)
    name = fields.String()
    about = fields.String()
    website = fields.String()
    contact_name = fields.String()
    contact_email = fields.String()
    reply_email = fields.String()
    areas = fields.List(fields.Nested(AreaShown))
    area_postcode = fields.String()
    area_miles = fields.Integer(allow_none=True)
    representative_name = fields.String()
    representative_role = fields.String()
    privacy_url = fields.String()
    imprint = fields.String()
    signup_notices = fields.String()
    embed_sites = fields.Function(lambda group: group.embed_sites.splitlines())


class GroupList(Schema):
    """A part of the list of groups."""

    groups = fields.List(fields.Nested(GroupShown))
