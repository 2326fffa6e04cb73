"""The form that takes a list of events."""

from __future__ import annotations

from marshmallow import Schema, fields


class UploadForm(Schema):
    """A list, and nothing else."""

    file = fields.Raw(required=True, metadata={"label": "CSV file", "input": "file"})
