"""The story of a notice: when it was planned, each try and what the mail server said, its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import Notice, Try
from ..rules import states
from ..rules.replies import Meaning

TRIED = {
    Meaning.LATER.value: "Tried, and put off",
    Meaning.NEVER.value: "Tried, and refused",
    Meaning.NO_SUCH_ADDRESS.value: "Tried: the address does not exist",
    Meaning.CHANNEL_CLOSED.value: "Tried: the mail server let nothing through",
    Meaning.UNKNOWN.value: "Tried: nobody knows whether it arrived",
}


@dataclass(frozen=True)
class Step:
    """One thing that happened to a notice, or that is planned for it."""

    at: datetime | None
    what: str
    why: str = ""
    is_planned: bool = False


def tell_story(session: Session, notice: Notice) -> Sequence[Step]:
    """Return what happened to a notice, in order, and what is planned for it."""
    return [Step(notice.created_at, "Prepared"), *_tries(session, notice), *_end(notice)]


def _tries(session: Session, notice: Notice) -> Iterator[Step]:
    query = select(Try).where(Try.notice_id == notice.id).order_by(Try.id)
    for tried in session.scalars(query):
        yield Step(tried.at, TRIED.get(tried.meaning, "Tried"), tried.answer)


def _end(notice: Notice) -> Iterator[Step]:
    if notice.state == "sent":
        yield Step(notice.sent_at, "Sent")
    elif notice.due_at is not None:
        again = notice.attempts > 0 or notice.doubts > 0
        yield Step(
            notice.due_at, "Tried again then" if again else "Goes out then", notice.reason, True
        )
    elif notice.state == "sending":
        yield Step(None, "Being sent at this moment")
    else:
        yield Step(None, states.STATES[notice.state], notice.reason)
