"""What people change about their own sign-up, by the link in their mail."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from shared import messages
from shared.limits import Limit, count, network_of
from shared.outbox import tell
from shared.refusals import NotThere, TooMany

from .. import links, rules
from ..models import Person, Shift, Signup
from . import places
from .stored import find_shift
from .telling import facts_of, person_of

LINKS_PER_HOUR = 3
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class MySignup:
    """A sign-up as its owner sees it."""

    signup: Signup
    shift: Row[Any]
    ahead: int
    can_cancel: bool


def show_my_signup(session: Session, token: str, *, now: datetime) -> MySignup:
    """Return the sign-up that a link leads to. Raises NotThere, or LinkHasEnded for an old link."""
    signup = _by_link(session, token)
    shift = find_shift(session, signup.shift_id)
    if rules.is_link_over(shift.ends_at, now=now):
        raise rules.LinkHasEnded
    can_cancel = signup.state in rules.LIVE and shift.ends_at > now
    return MySignup(signup, shift, _count_ahead(session, signup), can_cancel)


def cancel_signup(session: Session, token: str, *, now: datetime) -> None:
    """End a sign-up by its owner's wish and give its places to those who wait.

    Cancelling again changes nothing. Raises NotThere, LinkHasEnded and ShiftIsOver.
    """
    signup_id = _by_link(session, token).id
    shift_id = session.scalars(select(Signup.shift_id).where(Signup.id == signup_id)).one()
    shift = places.lock(session, shift_id)
    signup = session.get_one(Signup, signup_id, populate_existing=True)
    if rules.is_link_over(shift.ends_at, now=now):
        raise rules.LinkHasEnded
    if signup.state not in rules.LIVE:
        return
    rules.check_not_over(shift.ends_at, now=now)
    totals = places.end(session, signup, state="cancelled", now=now)
    news = messages.SignupCancelled(
        signup=facts_of(signup, totals), person=person_of(session, signup)
    )
    tell(session, news, places.places_changed(totals), now=now)
    places.fill(session, shift_id, now=now)


def request_links(session: Session, email: str, *, ip: str = "", now: datetime) -> None:
    """Have the links to all live sign-ups of an address mailed to it; an unknown one gets nothing.

    More than three requests an hour for one address are passed over without a word; far too many
    from one network address raise TooMany.
    """
    settings = links.settings_of(session)
    address = rules.normalise_email(email)
    if ip:
        by_ip = Limit("lost link ip", network_of(ip), settings.signups_per_ip_hour, HOUR)
        if count(session, [by_ip], key=settings.secret_key, now=now) > 1:
            raise TooMany
    limit = Limit("lost link", address, LINKS_PER_HOUR, HOUR)
    allowed = count(session, [limit], key=settings.secret_key, now=now) <= 1
    found = session.execute(
        select(Signup, Shift)
        .join(Person, Person.id == Signup.person_id)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(Person.email == address, Signup.state.in_(rules.LIVE), Shift.ends_at > now)
        .order_by(Shift.starts_at, Signup.id)
    ).all()
    if not allowed or not found:
        return
    request = messages.LinkRequested(
        request_id=str(uuid.uuid4()),
        person=messages.LinkSeeker(
            first_name=rules.first_name(found[0].Signup.name),
            email=found[0].Signup.email,
            links=tuple(_lost_link(session, signup, shift) for signup, shift in found),
        ),
    )
    tell(session, request, now=now)


def _lost_link(session: Session, signup: Signup, shift: Shift) -> messages.LostLink:
    return messages.LostLink(
        event_id=shift.event_id,
        shift_id=shift.id,
        state=signup.state,
        link=links.link_to(session, signup.id, signup.link_number),
    )


def _by_link(session: Session, token: str) -> Signup:
    signup_id, link_number = links.read_link(session, token)
    signup = session.get(Signup, signup_id)
    if signup is None or signup.link_number != link_number:
        raise NotThere
    return signup


def _count_ahead(session: Session, signup: Signup) -> int:
    if signup.state != "waiting":
        return 0
    before = select(func.count(Signup.id)).where(
        Signup.shift_id == signup.shift_id, Signup.state == "waiting", Signup.id < signup.id
    )
    return session.scalars(before).one()
