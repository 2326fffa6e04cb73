"""What every message has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Message:
    """What every message has: a name on the wire, the service that sends it, and a subject."""

    NAME: ClassVar[str]
    SENDER: ClassVar[str]

    @property
    def subject(self) -> str:
        """What the message is about, as `kind/id` (the CloudEvents attribute `subject`)."""
        raise TypeError(f"{type(self).__name__} names no subject")
