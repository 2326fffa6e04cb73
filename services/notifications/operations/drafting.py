"""Rows of notices, and the statements that add them: each once, whoever adds it again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from shared.database import dialect_of, insert_for
from shared.messages import SignupFacts

from ..models import Notice
from ..rules import kinds

NOTICES: Any = Notice.__table__


def new_notice(
    kind: str, subject: str, revision: int, *, now: datetime, **columns: Any
) -> dict[str, Any]:
    """Return the row of a notice that is due now; `columns` say what is otherwise.

    Those of `about` belong to every one about a sign-up: by its group it is seen who may read it.
    """
    usual = {
        "key": kinds.key_of(kind, subject, revision),
        "kind": kind,
        "subject": subject,
        "revision": revision,
        "signup_id": None,
        "event_id": None,
        "group_id": None,
        "state": "due",
        "reason": "",
        "recipient": "",
        "details": {},
        "message_id": uuid.uuid4(),
        "calendar_sequence": 0,
        "attempts": 0,
        "doubts": 0,
        "created_at": now,
        "due_at": now,
        "expires_at": None,
    }
    return usual | columns


def about(signup: SignupFacts, shift: Any) -> dict[str, Any]:
    """Return the columns of a notice about a sign-up; `shift` has the `group_id` that holds it."""
    return {"signup_id": signup.id, "event_id": signup.event_id, "group_id": shift.group_id}


def add_notices(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add the notices of these rows, each unless one with its key is here."""
    if rows:
        session.connection().execute(_add(dialect_of(session)), rows)


def plan_notices(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add notices like `add_notices`; a reminder that had ended unsent is planned again.

    PostgreSQL locks each that is there already, so only who plans reminders does it this way.
    """
    if rows:
        session.connection().execute(_plan(dialect_of(session)), rows)


# Made once for each database: making a statement takes longer than running it. SQLAlchemy puts
# many rows into one statement only if that returns something.


@cache
def _add(dialect: str) -> Any:
    return insert_for(dialect, NOTICES).on_conflict_do_nothing().returning(NOTICES.c.id)


@cache
def _plan(dialect: str) -> Any:
    return unless_told(insert_for(dialect, NOTICES)).returning(NOTICES.c.id)


def unless_told(added: Any) -> Any:
    """Let a reminder that is there already be planned again, unless it was sent or begun.

    A shift that moved away and back has the reminders that it had.
    """
    return added.on_conflict_do_update(
        index_elements=[NOTICES.c.key],
        set_={name: added.excluded[name] for name in ("state", "reason", "due_at")},
        where=(NOTICES.c.kind == kinds.REMINDER)
        & (NOTICES.c.state == "superseded")
        & (NOTICES.c.attempts == 0),
    )
