"""Trying the schedule mail out: what somebody would get now, and a test of it by mail."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shared.database import next_revision
from shared.refusals import Refusal

from ...config import Settings
from ...mail.composing import compose
from ...models import KeptMail, Notice
from ...rules.tastes import Taste
from ..drafting import new_notice
from ..mailbox import Opened, take_apart
from ..notices import make_notice
from ..reading.schedule import write_sample

NOBODY = "somebody@subscribers.example"


class NoAddress(Refusal):
    """Your address is not known here yet. Try once more in a minute."""


def taste_from(wishes: Mapping[str, Any]) -> Taste:
    """Return what is wished as far as it decides which events are meant."""
    names = {field.name for field in fields(Taste)}
    chosen = {name: value for name, value in wishes.items() if name in names}
    return Taste(**{**chosen, "kinds": tuple(chosen["kinds"])})


def preview(session: Session, taste: Taste, *, now: datetime) -> Opened | None:
    """Return the mail that somebody with these wishes would get now; None when there is none.

    News are those of the last week.
    """
    drafted = new_notice("schedule_test", "preview", 0, now=now, **_columns("", taste))
    letter = write_sample(session, Notice(**drafted | {"recipient": NOBODY}), now=now)
    if letter is None:
        return None
    settings: Settings = session.info["settings"]
    mail = compose(letter, settings)
    kept = KeptMail(kept_at=now, recipient=mail.recipient, subject=mail.subject, body=mail.body)
    return take_apart(mail.body, kept)


def send_test(session: Session, taste: Taste, *, name: str, email: str, now: datetime) -> None:
    """Mail it to an organiser who wants to see it in their own program. Raises NoAddress."""
    if not email:
        raise NoAddress
    make_notice(
        session,
        "schedule_test",
        f"test/{uuid.uuid4()}",
        next_revision(None, now),
        now=now,
        recipient=email,
        **_columns(name, taste),
    )


def _columns(name: str, taste: Taste) -> dict[str, Any]:
    details = {"name": name, "taste": asdict(taste)}
    return {"details": details, "group_id": taste.group_id}
