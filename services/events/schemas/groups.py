"""How groups are read from outside and shown to programs."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.schemas import Email, Text

from .. import rules
from .lists import WEB_ADDRESS, Partial

SIGNUP_NOTICES = validate.OneOf(rules.SIGNUP_NOTICES)


class GroupSchema(Schema):
    """A group, as it is typed."""

    name = Text(max=120, required=True)
    contact_name = Text(max=120, required=True)
    contact_email = Email(required=True)
    privacy_url = Text(max=500, required=True, validate=WEB_ADDRESS)
    imprint = Text(max=2000, multiline=True, load_default="")
    signup_notices = fields.String(load_default="at_once", validate=SIGNUP_NOTICES)


class GroupChanges(Partial, GroupSchema):
    """What is to change of a group."""


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


class GroupList(Schema):
    """A part of the list of groups."""

    groups = fields.List(fields.Nested(GroupShown))
