"""Messages as they cross the bus: CloudEvents 1.0 in structured JSON, and back."""

from __future__ import annotations

import json
import types
import typing
import uuid
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, post_load
from marshmallow import fields as ma

from shared import trace
from shared.messages import CATALOGUE, Message

CONTENT_TYPE = "application/cloudevents+json"


class Undecodable(Exception):
    """What arrived is no message that this version can read."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One message with what the bus needs to carry it. `body` is the finished JSON."""

    message_id: uuid.UUID
    name: str
    traceparent: str
    body: bytes


def seal(message: Message, *, now: datetime) -> Envelope:
    """Put `message` into a CloudEvents 1.0 event with an id that is never used again."""
    message_id, traceparent = uuid.uuid4(), trace.current()
    event = {
        "specversion": "1.0",
        "id": str(message_id),
        "source": f"/muster/{message.SENDER}",
        "type": message.NAME,
        "subject": message.subject,
        "time": now.astimezone(UTC).isoformat(),
        "datacontenttype": "application/json",
        "traceparent": traceparent,
        "data": _plain(message),
    }
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return Envelope(message_id=message_id, name=message.NAME, traceparent=traceparent, body=body)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A message as it was read: its id, its trace and itself."""

    message_id: uuid.UUID
    traceparent: str
    message: Message


def unseal(body: bytes) -> Opened:
    """Read a message; unknown fields are ignored. Raises Undecodable with the reason."""
    try:
        event = json.loads(body)
        message_type = CATALOGUE.get(event["type"])
        if message_type is None:
            raise Undecodable(f"unknown message {event['type']}")
        message = reader_of(typing.cast(type, message_type)).load(event["data"])
        return Opened(
            message_id=uuid.UUID(event["id"]),
            traceparent=str(event.get("traceparent", "")),
            message=message,
        )
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        ValidationError,
    ) as error:
        raise Undecodable(f"{type(error).__name__}: {error}"[:500]) from error


@cache
def reader_of(declared: type) -> Schema:
    """Return the one instance of a message's schema: making one takes longer than reading."""
    return schema_of(declared)()


def name_of(body: bytes) -> str:
    """Return the name that a message gives itself, or nothing where it cannot be read."""
    try:
        return str(json.loads(body)["type"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


@cache
def schema_of(declared: type) -> type[Schema]:
    """Return the marshmallow schema of a message or of a part of one, made from its declaration."""
    hints = typing.get_type_hints(declared)
    made: dict[str, Any] = {
        field.name: _field(hints[field.name], required=field.default is MISSING)
        for field in fields(declared)
    }

    def build(_schema: Schema, loaded: dict[str, Any], **_kwargs: Any) -> Any:
        return declared(**loaded)

    made["build"] = post_load(build)
    made["Meta"] = type("Meta", (), {"unknown": EXCLUDE})
    return type(f"{declared.__name__}Schema", (Schema,), made)


SCALARS: dict[Any, Any] = {str: ma.String, float: ma.Float, bool: ma.Boolean}


def _field(hint: Any, *, required: bool = True, allow_none: bool = False) -> ma.Field[Any]:
    options: dict[str, Any] = {"required": required, "allow_none": allow_none}
    if isinstance(hint, types.UnionType):
        (inner,) = (part for part in typing.get_args(hint) if part is not type(None))
        return _field(inner, required=required, allow_none=True)
    if typing.get_origin(hint) is tuple:
        return _Tuple(_field(typing.get_args(hint)[0]), **options)
    if is_dataclass(hint):
        return ma.Nested(schema_of(typing.cast(type, hint)), **options)
    if hint is int:
        return ma.Integer(strict=True, **options)
    if hint is datetime:
        return ma.AwareDateTime(format="iso", default_timezone=UTC, **options)
    return SCALARS[hint](**options)  # type: ignore[no-any-return]


class _Tuple(ma.List[Any]):
    """A list on the wire, a tuple in a frozen message."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(*args, **kwargs))


def _plain(value: Any) -> Any:
    """Turn a message into what JSON can say; instants are RFC 3339 in UTC."""
    if isinstance(value, (str, int, float)) or value is None:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
