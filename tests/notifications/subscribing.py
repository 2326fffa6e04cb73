"""Subscribers for the tests: made as they become ones, and planned for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from services.notifications import sender
from services.notifications.models import News, Subscriber
from services.notifications.operations import outcomes, sending
from services.notifications.operations.schedule import planning
from services.notifications.operations.schedule.programme import read_programme
from services.notifications.operations.subscribers import asking
from services.notifications.rules import tastes, weekly
from shared.database import Database

from .making import NOW, make_settings

ADA = "ada@posts.example"
THURSDAY = weekly.next_due(weekly.USUAL_DAY, weekly.USUAL_HOUR, after=NOW)
"""When who subscribed at NOW hears for the first time."""


def ask(db: Database, email: str = ADA, *, now: datetime = NOW, **wishes: Any) -> None:
    """Ask for the mail by the form."""
    agreed = asking.Agreed(email=email, first_name="Ada", at=now)
    wanted = tastes.usual_wishes(wishes.pop("postcode", "LN2 1AB")) | wishes
    with db.writing() as session:
        asking.request_schedule(session, agreed, wanted, now=now)


def subscribe(db: Database, email: str = ADA, *, now: datetime = NOW, **wishes: Any) -> Subscriber:
    """Ask for the mail and press the button."""
    ask(db, email, now=now, **wishes)
    token = subscriber_in(db, email).token
    with db.writing() as session:
        asking.confirm(session, token, now=now)
    return subscriber_in(db, email)


def subscriber_in(db: Database, email: str = ADA) -> Subscriber:
    """Return a subscriber."""
    with db.reading() as session:
        found = session.scalars(select(Subscriber).where(Subscriber.email == email)).one()
        session.expunge(found)
        return found


def subscribers_in(db: Database) -> list[str]:
    """Return the addresses of all who subscribe or asked for it."""
    with db.reading() as session:
        return list(session.scalars(select(Subscriber.email).order_by(Subscriber.id)))


def change(db: Database, email: str = ADA, **columns: Any) -> None:
    """Change a subscriber's row."""
    with db.writing() as session:
        found = session.scalars(select(Subscriber).where(Subscriber.email == email)).one()
        for name, value in columns.items():
            setattr(found, name, value)


def plan(db: Database, *, now: datetime = THURSDAY, limit: int = 200) -> int:
    """Plan one batch; return how many subscribers were looked at."""
    with db.writing() as session:
        programme = read_programme(session, now=now)
        return planning.plan_batch(session, programme, now=now, limit=limit)


def news_in(db: Database) -> list[tuple[int, str]]:
    """Return all news, as pairs of a shift's number and what happened to it."""
    with db.reading() as session:
        rows = session.execute(select(News.shift_id, News.kind).order_by(News.id))
        return [(row.shift_id, row.kind) for row in rows]


def send(db: Database, *, now: datetime = THURSDAY, **settings: Any) -> None:
    """Put what is due by then into the mailbox, as a sender does."""
    for stream in sending.IN_STREAM:
        with db.writing() as session:
            batch = sending.claim_due(session, sending.Way(stream=stream), now=now)
            for notice_id in batch.notice_ids:
                letter = sending.begin(session, notice_id, batch.claim, now=now)
                if letter is not None:
                    outcome = sender._keep(letter, make_settings(**settings), batch)
                    outcomes.record(session, outcome, now=now)
