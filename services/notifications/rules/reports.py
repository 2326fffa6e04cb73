"""Reports of mails that came back, and of complaints, as mail servers write them.

Delivery status notifications are read by RFC 3464, complaints by RFC 5965.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from uuid import UUID

from . import replies

BOUNCE_KINDS = ("hard", "soft", "complained", "unknown")
"""The address takes no mail; this mail did not arrive; somebody complained; it names nobody."""

COMPLAINTS = ("abuse", "fraud", "opt-out", "other")
"""Types of feedback that are a complaint; others say the opposite, or speak of something else."""

SOFT_WITHIN_DAYS = 30
SOFT_AT_MOST = 4
"""So many soft bounces within these days are borne; one more counts as hard."""

LONGEST_SUBJECT = 200
UNREADABLE = "A mail that cannot be read"
QUOTED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
MESSAGE_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")
STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
RETURN_PATH = re.compile(r"\+([a-z2-7]{42})@")
CONTENT_FIELD = re.compile(rb"(?i)(?:^|[\r\n])content-[a-z-]+:(?:[^\n]*\n[ \t])*[^\n]*")
LONGEST_FIELD = 2000
"""Bytes of a field whose parameters are taken apart: the time that takes grows with its square."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a report says: of which mail, and what became of it."""

    kind: str
    """`hard`, `soft`, `complained`; `unknown` for what is no report, or none of a failure."""
    code: str = ""
    reason: str = ""
    """The remote server's words, without addresses."""
    subject: str = ""
    tokens: tuple[str, ...] = ()
    """Of our return paths, wherever they stand."""
    message_ids: tuple[UUID, ...] = ()
    """As a program says that is trusted; what a mail says of them proves nothing."""


def read_report(raw: bytes) -> Report | None:
    """Read a mail that came to the address for bounces.

    Returns None for one that says that nothing is wrong: a delay, a delivery, praise.
    """
    if any(len(field) > LONGEST_FIELD for field in CONTENT_FIELD.findall(raw)):
        return Report(kind="unknown", subject=UNREADABLE)
    try:
        return _read(message_from_bytes(raw))
    except Exception:
        # The parser fails in many ways on what is made to break it. Anybody may write there, and
        # one mail must not keep us from the others.
        return Report(kind="unknown", subject=UNREADABLE)


def _read(message: Message) -> Report | None:
    status = _part(message, "message/delivery-status", "message/global-delivery-status")
    feedback = _part(message, "message/feedback-report")
    named = _Named(message)
    if feedback is not None:
        return _read_complaint(named, feedback)
    if status is not None:
        return _read_status(named, status)
    return Report(kind="unknown", subject=named.subject)


def kind_of(code: str) -> str:
    """Return whether the address of a mail that failed takes no mail, or not this one.

    >>> kind_of("5.1.1"), kind_of("5.2.2")
    ('hard', 'soft')
    """
    return "hard" if replies.is_no_such_address(code) else "soft"


def without_addresses(text: str) -> str:
    """Return a line of somebody else's without the addresses in it."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    words = ("(address)" if "@" in word else word for word in printable.split())
    return " ".join(words)[:LONGEST_SUBJECT]


class _Named:
    """By what a report names the mail that it speaks of."""

    def __init__(self, message: Message) -> None:
        quoted = _quoted(message)
        heads = [message] if quoted is None else [message, quoted]
        parts = [str(value) for head in heads for value in head.values()]
        parts += [str(value) for block in _blocks(message) for value in block.values()]
        text = "\n".join(parts)
        self.subject = without_addresses(str(message.get("Subject", "")))
        self.tokens = tuple(dict.fromkeys(RETURN_PATH.findall(text.lower())))


def _read_complaint(named: _Named, feedback: Message) -> Report | None:
    if str(feedback.get("Feedback-Type", "")).strip().lower() not in COMPLAINTS:
        return None
    return Report(
        kind="complained",
        subject=named.subject,
        tokens=named.tokens,
    )


def _read_status(named: _Named, status: Message) -> Report | None:
    failed = next((b for b in _subparts(status) if _word(b, "Action") == "failed"), None)
    if failed is None:
        return None
    reason = without_addresses(_value(str(failed.get("Diagnostic-Code", ""))))
    code = _code(_word(failed, "Status"), reason)
    return Report(
        kind=kind_of(code),
        code=code,
        reason=reason,
        subject=named.subject,
        tokens=named.tokens,
    )


def _code(status: str, reason: str) -> str:
    """Return the enhanced code; some servers know it only in the words that they were answered."""
    given, said = STATUS.search(status), STATUS.search(reason)
    vague = given is None or given.group().endswith(".0.0")
    found = said if vague and said else given
    return found.group() if found else ""


def _value(field: str) -> str:
    """Return what stands behind the type of a field like `rfc822; ada@posts.example`."""
    return field.partition(";")[2].strip() or field.strip()


def _word(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip().lower()


def _part(message: Message, *types: str) -> Message | None:
    found = next((p for p in message.walk() if p.get_content_type() in types), None)
    if found is None or found.get_content_type() != "message/feedback-report":
        return found
    # The standard library takes the fields of other reports apart, and not those of this one.
    inner = found.get_payload()
    whole = inner[0] if isinstance(inner, list) and inner else inner
    return whole if isinstance(whole, Message) else message_from_bytes(str(whole).encode())


def _blocks(message: Message) -> Iterator[Message]:
    for types in (("message/delivery-status",), ("message/feedback-report",)):
        part = _part(message, *types)
        if part is not None:
            yield part
            yield from _subparts(part)


def _subparts(part: Message) -> list[Message]:
    inner = part.get_payload()
    return (
        [block for block in inner if isinstance(block, Message)] if isinstance(inner, list) else []
    )


def _quoted(message: Message) -> Message | None:
    """Return the head of the mail that the report carries along."""
    for part in message.walk():
        if part.get_content_type() not in QUOTED:
            continue
        inner = part.get_payload()
        if isinstance(inner, list) and inner and isinstance(inner[0], Message):
            return inner[0]
        decoded = part.get_payload(decode=True)
        return message_from_bytes(decoded if isinstance(decoded, bytes) else str(inner).encode())
    return None
