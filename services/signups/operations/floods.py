"""Floods: so many forms for one shift that machines may be among them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from shared import messages
from shared.database import next_revision
from shared.outbox import tell

from .. import links
from ..models import Event, Person, Shift, Signup
from ..rules import changes
from . import totals
from .sweeping import PROVING_LASTS
from .telling import facts_of, person_of

log = logging.getLogger(__name__)

WATCHED = timedelta(minutes=10)
LASTS = timedelta(minutes=30)
MOST_ASKED = 2000
"""So many of those who came before a flood was noticed are asked: the shift is locked meanwhile."""

TIME_TO_PROVE = timedelta(hours=1)
"""With less until sign-up closes nobody is asked: they could lose a place before they read it."""

NEWEST = 50_000
"""Of so many sign-ups the newest are looked through: they are found by their ids."""


def watch_for_floods(session: Session, now: datetime) -> None:
    """Ask the browsers of visitors for some work where many unproven sign-ups come at once.

    It ends by itself half an hour after the flood does. Those who came before it was noticed have
    to prove their address, unless the event does not care about addresses.
    """
    settings = links.settings_of(session)
    suspects = func.sum(case((Signup.review != "", 1), else_=0))
    newest = select(func.coalesce(func.max(Signup.id), 0) - NEWEST).scalar_subquery()
    flooded = session.execute(
        select(Signup.shift_id, func.count().label("many"))
        .where(Signup.id > newest, Signup.created_at > now - WATCHED, Signup.verified_at.is_(None))
        .group_by(Signup.shift_id)
        .having(or_(func.count() > settings.flood_signups, suspects > settings.flood_suspects))
        .order_by(Signup.shift_id)
    ).all()
    for shift_id, many in flooded:
        log.warning("%d sign-ups for shift %d within ten minutes: a flood", many, shift_id)
        shift = totals.lock(session, shift_id)
        is_new = shift.flood_until is None or shift.flood_until <= now
        if is_new and shift.closes_at >= now + TIME_TO_PROVE:
            _doubt_who_came(session, shift, now=now)
        shift.flood_until = now + LASTS
        session.flush()


def _doubt_who_came(session: Session, shift: Shift, *, now: datetime) -> None:
    """Ask those who came without a proof of work to press the button in another mail.

    Whoever has ever proven that name and address to the group is nobody to doubt.
    """
    came = session.scalars(
        select(Signup)
        .join(Person, Person.id == Signup.person_id)
        .join(Event, Event.id == shift.event_id)
        .where(
            Event.verification == "soft",
            Signup.shift_id == shift.id,
            Signup.state.in_(("placed", "waiting", "offered")),
            Signup.created_at > now - WATCHED,
            Signup.verified_at.is_(None),
            Person.verified_at.is_(None),
            Signup.doubt == "",
        )
        .order_by(Signup.id)
        .limit(MOST_ASKED)
        .execution_options(populate_existing=True)
    ).all()
    for signup in came:
        signup.doubt = changes.CAME_IN_A_FLOOD
        signup.revision = next_revision(signup.revision, now)
        signup.changed_at = now
        news = messages.SignupHeld(
            signup=facts_of(signup, shift),
            person=person_of(session, signup),
            until=min(signup.created_at + PROVING_LASTS, shift.closes_at),
        )
        tell(session, news, now=now)
    session.flush()
