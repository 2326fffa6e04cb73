"""Channels in trouble: how long they pause, and that one mail finds out whether they work again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from shared.database import insert

from ..config import Settings
from ..models import Channel, Notice
from ..models.notices import IS_ASK, IS_NEWS
from ..rules import hours, kinds

CHANNELS: Any = Channel.__table__
MAILBOX = "bounces"
"""The way in for bounces, which may be in trouble like those out."""

WORDS = {
    kinds.MAIL: ("Mail", "No mail leaves at the moment."),
    kinds.BULK: ("Mails that invite", "No mails that invite leave at the moment."),
    MAILBOX: ("What comes back", "Mails that come back are not read at the moment."),
}
"""What a channel is called, and what its trouble means."""


@dataclass(frozen=True)
class State:
    """A channel as the console shows it."""

    words: str
    sentence: str
    waiting: int
    """Notices that are due and have not left."""
    trouble: Channel | None
    is_paused: bool


def is_paused(channel: Any, *, now: Any) -> Any:
    """Return the condition that a channel takes nothing now; both may be bind parameters."""
    return exists().where(CHANNELS.c.name == channel, CHANNELS.c.paused_until > now)


def has_trouble(channel: Any) -> Any:
    """Return the condition that the last try of a channel failed."""
    return exists().where(CHANNELS.c.name == channel)


def is_in_trouble(session: Session, channel: str) -> bool:
    """Tell whether the last try of a channel failed."""
    return bool(session.scalar(select(has_trouble(channel))))


def pause(
    session: Session, channel: str, reason: str, length: timedelta | None = None, *, now: datetime
) -> None:
    """Leave a channel in peace: for `length`, or longer each time that it could not be reached.

    What several senders find out at once counts once.
    """
    found = session.get(Channel, channel, with_for_update=True, populate_existing=True)
    if found is not None and found.paused_until > now:
        return
    failures = found.failures + 1 if found else 1
    row = {
        "paused_until": now + (length or hours.break_after(failures)),
        "reason": reason,
        "failures": failures,
    }
    upsert = insert(session, CHANNELS).values(name=channel, **row)
    session.execute(upsert.on_conflict_do_update(index_elements=["name"], set_=row))


def reopen(session: Session, channel: str) -> None:
    """Note that a channel works again."""
    session.execute(delete(Channel).where(Channel.name == channel))


def reopen_all(session: Session) -> None:
    """Try all channels again at once, as whoever runs this installation asks for."""
    session.execute(delete(Channel))


def list_channels(session: Session, *, now: datetime) -> Sequence[State]:
    """Return the channels that this installation has, with what waits for each."""
    settings: Settings = session.info["settings"]
    troubles = {row.name: row for row in session.scalars(select(Channel))}
    waiting = dict.fromkeys(kinds.STREAMS, 0)
    for stream, condition in ((kinds.MAIL, IS_NEWS), (kinds.BULK, IS_ASK)):
        due = select(func.count()).where(Notice.due_at <= now, condition)
        waiting[settings.channel_of(stream)] += session.scalar(due) or 0
    names = [name for name in kinds.STREAMS if settings.channel_of(name) == name]
    if settings.bounce_imap_url:
        names.append(MAILBOX)
    return [
        State(
            *WORDS[name],
            waiting.get(name, 0),
            trouble := troubles.get(name),
            trouble is not None and trouble.paused_until > now,
        )
        for name in names
    ]
