"""What a service's table of handlers looks like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared.messages import Message

Handler = Callable[[Session, Any, datetime], None]
"""Takes the session, the message and the time; may run twice, late and out of order."""

Handlers = Mapping[type[Message], Handler]


def names_of(handlers: Handlers) -> list[str]:
    """Return the names of the messages that these handlers read: the queue's bindings."""
    return sorted(message_type.NAME for message_type in handlers)
