"""What a mail provider posts of a mail that came back."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from uuid import UUID

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from ..rules import reports
from ..rules.reports import MESSAGE_ID, Report


class Base64(fields.Field[bytes]):
    """Bytes, as base64."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bytes:
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError, TypeError) as error:
            raise ValidationError("This is no base64.") from error


class PostedReport(Schema):
    """A report as a whole mail, or in fields."""

    class Meta:
        unknown = EXCLUDE

    mail = Base64()
    message_id = fields.String()
    token = fields.String()
    kind = fields.String(validate=validate.OneOf(("bounced", "complained")))
    code = fields.String(validate=validate.Length(max=20), load_default="")
    reason = fields.String(load_default="")

    @validates_schema
    def check_whole(self, posted: dict[str, Any], **_: Any) -> None:
        """Without a mail it has to be said which notice it was, and what became of it."""
        if "mail" not in posted and "kind" not in posted:
            raise ValidationError("This says neither what came back nor why.", "kind")


def report_of(posted: dict[str, Any]) -> Report:
    """Return what the fields of a posted report say."""
    code = posted["code"].strip()
    found = MESSAGE_ID.search(f"<{posted.get('message_id', '').strip('<> ').lower()}@")
    return Report(
        kind="complained" if posted["kind"] == "complained" else reports.kind_of(code),
        code=code,
        reason=reports.without_addresses(posted["reason"]),
        subject=f"Posted as {posted['kind']}",
        tokens=(posted["token"],) if posted.get("token") else (),
        message_ids=(UUID(found.group(1)),) if found else (),
    )
