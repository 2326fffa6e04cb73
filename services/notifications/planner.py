"""The planner: looks for subscribers whose hour has come, and plans their schedule mails.

Any number of planners may run, and each may die at any moment: a batch is one transaction.
"""

from __future__ import annotations

import logging
import threading

from shared.database import Database, is_unusable

from .config import Settings
from .operations.schedule import planning
from .operations.schedule.programme import read_programme
from .rules import hours

LOOK_EVERY = 10.0
"""Seconds between two looks for who is due."""

ROOM_EVERY = 0.2
"""Seconds after which it is looked again whether the senders have caught up."""

log = logging.getLogger(__name__)


def run(_settings: Settings, db: Database, stop: threading.Event, nudge: threading.Event) -> None:
    """Plan what is due until `stop`, by day; `nudge` wakes the sender."""
    while not stop.is_set():
        wait = LOOK_EVERY
        try:
            if plan_what_finds_room(db):
                nudge.set()
                wait = ROOM_EVERY
        except Exception as error:
            if not is_unusable(error):
                raise
            log.warning("the database is away: schedule mails wait")
        stop.wait(wait)


def plan_what_finds_room(db: Database) -> bool:
    """Plan a batch, unless people sleep or senders are behind; tell whether to look again soon."""
    with db.reading() as session:
        now = db.now(session)
        if hours.is_quiet(now, hours.UK) or not planning.is_anything_due(session, now=now):
            return False
        if not planning.has_room(session):
            return True
        programme = read_programme(session, now=now)
    with db.writing() as session:
        planning.plan_batch(session, programme, now=db.now(session))
    return True
