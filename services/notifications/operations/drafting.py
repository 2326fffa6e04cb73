"""The row of a notice, and the statement that adds it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, select

from shared.database import insert_for

from ..models import Event, Notice, Signup
from ..rules import kinds

NOTICES: Any = Notice.__table__
SIGNUPS: Any = Signup.__table__
EVENTS: Any = Event.__table__


def new_notice(
    kind: str, subject: str, revision: int, *, now: datetime, **columns: Any
) -> dict[str, Any]:
    """Return the row of a notice that is due now; `columns` say what is otherwise."""
    usual = {
        "key": kinds.key_of(kind, subject, revision),
        "kind": kind,
        "subject": subject,
        "revision": revision,
        "signup_id": None,
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


def with_owner(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of `new_notice` as the statement of `add_notice` takes it."""
    rest = {name: value for name, value in row.items() if name != "group_id"}
    return rest | {"of_group": row["group_id"], "of_signup": row["signup_id"]}


def add_notice(dialect: str) -> Any:
    """Return the statement that adds a row of `with_owner`.

    A notice about a sign-up concerns the event and the group of that sign-up.
    """
    this = SIGNUPS.c.id == bindparam("of_signup", type_=BigInteger)
    event = select(SIGNUPS.c.event_id).where(this)
    group = func.coalesce(
        bindparam("of_group", type_=BigInteger), group_of_signup(this).scalar_subquery()
    )
    owners = {"event_id": event.scalar_subquery(), "group_id": group}
    return insert_for(dialect, NOTICES).values(owners)


def group_of_signup(this: Any) -> Any:
    """Select the group that holds the event of the sign-up that fits the condition."""
    held = select(EVENTS.c.group_id).join(SIGNUPS, SIGNUPS.c.event_id == EVENTS.c.id)
    return held.where(this)
