"""The W3C trace context of the work in hand, to follow one sign-up through all services."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

_TRACEPARENT: ContextVar[str] = ContextVar("traceparent", default="")
_FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def begin(parent: str = "") -> None:
    """Go on with the trace of `parent`, or begin one if it is no traceparent (W3C, version 00)."""
    trace_id = parent[3:35] if _FORM.fullmatch(parent) else secrets.token_hex(16)
    _TRACEPARENT.set(f"00-{trace_id}-{secrets.token_hex(8)}-01")


def current() -> str:
    """Return the traceparent of the work in hand."""
    if not _TRACEPARENT.get():
        begin()
    return _TRACEPARENT.get()


def trace_id() -> str:
    """Return the 32 hexadecimal digits that all steps of one piece of work share."""
    return current()[3:35]
