"""What the local mailbox can be asked."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from shared.schemas import Text

from .ledger import LAST_PAGE


class MailboxQuery(Schema):
    """Which mails of the local mailbox to list."""

    class Meta:
        unknown = EXCLUDE

    to = Text(max=320, load_default="")
    page = fields.Integer(load_default=1, validate=validate.Range(1, LAST_PAGE))
