"""Taking somebody out of the messages that lie here: those to be sent, and those just sent."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, delete, false, func, or_
from sqlalchemy.orm import Session

from shared import messages
from shared.database import dialect_of
from shared.tables import HELD_MESSAGES, OUTBOX

REQUESTS = (
    messages.LinkRequested.NAME,
    messages.PrivacyRequested.NAME,
    messages.ConsentWithdrawn.NAME,
    messages.ConsentRenewed.NAME,
)
"""Messages about an address rather than about one sign-up."""


def redact_messages(
    session: Session, *, signup_ids: Collection[int], emails: Collection[str]
) -> None:
    """Delete the messages about these sign-ups, and what these addresses asked for.

    The other services hear of the erasure instead.
    """
    about = [_said("subject", f"signup/{signup_id}") for signup_id in sorted(signup_ids)]
    asked = [_said("email", email) for email in sorted(emails)]
    for table in (OUTBOX, HELD_MESSAGES):
        found = [_contains(session, table.c.body, part) for part in about]
        found += [
            and_(table.c.name.in_(REQUESTS), _contains(session, table.c.body, part))
            for part in asked
        ]
        session.execute(delete(table).where(or_(false(), *found)))


def _said(name: str, value: str) -> bytes:
    """Return how shared/wire.py writes a field."""
    return f"{json.dumps(name)}:{json.dumps(value, ensure_ascii=False)}".encode()


def _contains(session: Session, body: ColumnElement[bytes], part: bytes) -> ColumnElement[bool]:
    if dialect_of(session) == "sqlite":
        return func.instr(body, part) > 0
    return func.pg_catalog.position(body, part) > 0
