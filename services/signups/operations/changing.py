"""What people change about their own sign-up, by the link in their mail."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shared import messages
from shared.database import next_revision
from shared.limits import Limit, count, network_of
from shared.outbox import tell
from shared.refusals import NotThere, TooMany

from .. import links, rules
from ..models import Shift, Signup
from ..rules import changes, queue
from . import mine, offers, places
from .telling import facts_of, person_of

LINKS_PER_HOUR = 3
HOUR = timedelta(hours=1)


def cancel_signup(session: Session, token: str, *, now: datetime, reason: str = "") -> None:
    """End a sign-up by its owner's wish and give its places to those who wait.

    Cancelling again changes nothing. Raises NotThere, LinkHasEnded and ShiftIsOver.
    """
    signup, shift = mine.act(session, token, now=now)
    _cancel(session, signup, shift, reason=reason, now=now)


def cancel_for(session: Session, signup_id: int, *, reason: str, now: datetime) -> None:
    """End somebody's sign-up for them, who said so to an organiser; they hear of it by mail.

    Again changes nothing. Raises NotThere and ShiftIsOver.
    """
    found = session.get(Signup, signup_id)
    if found is None:
        raise NotThere
    shift = places.lock(session, found.shift_id)
    signup = session.get_one(Signup, signup_id, populate_existing=True)
    _cancel(session, signup, shift, reason=reason, now=now)


def _cancel(session: Session, signup: Signup, shift: Shift, *, reason: str, now: datetime) -> None:
    if signup.state not in rules.LIVE or signup.review:
        return
    rules.check_not_over(shift.ends_at, now=now)
    totals = places.end(session, signup, state="cancelled", now=now, reason=reason)
    news = messages.SignupCancelled(
        signup=facts_of(signup, totals), person=person_of(session, signup)
    )
    tell(session, news, places.places_changed(totals), now=now)
    places.fill(session, shift.id, now=now)


def accept_offer(session: Session, token: str, *, now: datetime) -> str:
    """Say yes to an offer; return `placed`, or `waiting` when the yes came too late.

    Saying yes again changes nothing. Raises OfferHasEnded, and the refusals of a closed shift.
    """
    signup, _shift = mine.act(session, token, now=now)
    return offers.accept_offer(session, signup, now=now)


def decline_offer(session: Session, token: str, *, now: datetime) -> None:
    """Say no to an offer; the next in line gets it. Saying no again changes nothing."""
    signup, _shift = mine.act(session, token, now=now)
    offers.decline(session, signup, now=now)


def take_place(session: Session, token: str, *, now: datetime) -> None:
    """Take a free place shortly before the start. Raises NoPlaceIsFree when others were quicker."""
    signup, _shift = mine.act(session, token, now=now)
    if not offers.take_late(session, signup, now=now):
        raise queue.NoPlaceIsFree


def confirm(session: Session, token: str, *, now: datetime) -> None:
    """Prove the address; places that were held for it are given."""
    mine.act(session, token, now=now)


def shrink_party(session: Session, token: str, party: int, *, now: datetime) -> None:
    """Let fewer people come; the places of the others go to those who wait.

    The same number again changes nothing. Raises PartyOnlyShrinks and NothingToChange.
    """
    signup, shift = mine.act(session, token, now=now)
    if signup.state not in rules.LIVE:
        raise changes.NothingToChange
    rules.check_not_over(shift.ends_at, now=now)
    before = signup.party
    if party == before:
        return
    if party > before:
        raise changes.PartyOnlyShrinks
    totals = places.shrink_party(session, signup, party, now=now)
    news = messages.SignupChanged(
        signup=facts_of(signup, totals), person=person_of(session, signup), party_before=before
    )
    tell(session, news, places.places_changed(totals), now=now)
    places.fill(session, shift.id, now=now)


def keep_wish(session: Session, token: str, wish: str, *, now: datetime) -> None:
    """Keep what somebody who waits wants when a place comes free. Raises NothingToChange.

    Whoever has a place, or the offer of one, may have it since this button proved the address:
    that stays, and there is nothing left to want.
    """
    signup, shift = mine.act(session, token, now=now)
    if signup.state in ("placed", "offered"):
        return
    if signup.state != "waiting":
        raise changes.NothingToChange
    signup.wish = wish
    signup.changed_at = now
    session.flush()
    places.fill(session, shift.id, now=now)


def keep_coming(session: Session, token: str, *, now: datetime) -> None:
    """Note that somebody who has a place said that they come; saying so again changes nothing."""
    signup, _shift = mine.act(session, token, now=now)
    if signup.state == "placed" and signup.attending != "coming":
        signup.attending = "coming"
        signup.revision = next_revision(signup.revision, now)
        session.flush()


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
    found = mine.my_links(session, address, now=now)
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
        signup_id=signup.id,
        state=signup.state,
        link=links.link_to(session, signup.id, signup.link_number),
    )
