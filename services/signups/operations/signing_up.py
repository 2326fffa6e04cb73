"""Signing up: the answer comes at once, from this service's database alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, func, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from shared import addresses, messages
from shared.database import next_revision
from shared.limits import Limit, count, network_of
from shared.outbox import tell
from shared.refusals import TooMany

from .. import links, rules
from ..models import Consent, Person, Signup
from ..models.signups import LIVE
from ..rules import consents, queue
from . import places
from .agreeing import tell_agreed
from .details import Details, Receipt
from .telling import facts_of, is_first, person_of
from .together import find_others

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Made once: making a statement takes longer than running it.
PEOPLE = Person.__table__
PEOPLE_AT = (
    # Who was merged is known by the entry that was kept.
    select(func.coalesce(PEOPLE.c.merged_into, PEOPLE.c.id).label("id"), PEOPLE.c.name)
    .where(
        PEOPLE.c.group_id == bindparam("group_id"),
        PEOPLE.c.email == bindparam("email"),
    )
    .order_by(PEOPLE.c.id)
)
ADD_PERSON = insert(PEOPLE).returning(PEOPLE.c.id)  # type: ignore[arg-type]
SIGNUPS = Signup.__table__
LIVE_SIGNUP = select(SIGNUPS.c.id).where(
    SIGNUPS.c.shift_id == bindparam("shift_id"),
    SIGNUPS.c.person_id == bindparam("person_id"),
    LIVE,
)
SIGNUP_FIELDS = [column.key for column in SIGNUPS.c if column.key != "id"]
DRAFTED: dict[str, Any] = {
    column.key: column.default.arg
    for column in SIGNUPS.c
    if isinstance(column.default, ScalarElementColumnDefault)
}
"""What a new sign-up is where nobody says otherwise."""
ADD_SIGNUP = insert(SIGNUPS).returning(SIGNUPS.c.id)  # type: ignore[arg-type]
TYPED = ("name", "email", "phone", "postcode", "party", "wish")
ID = attrgetter("id")
ADD_CONSENT = insert(Consent.__table__).inline()  # type: ignore[arg-type]


class Judged(NamedTuple):
    """Whose form it is, or why somebody has to look at it before it is anybody's."""

    review: str
    person_id: int | None


def sign_up(session: Session, shift: Row[Any], details: Details, *, now: datetime) -> Receipt:
    """Give the visitor a place, or a rank on the waiting list, and tell the other services.

    `shift` is what `find_shift` returned. A known person, and a form that has to be looked at
    first, get the answer a new one would get. Raises TooMany, and the refusals of a shift that is
    closed, cancelled or too small.
    """
    others = find_others(session, shift, details.also, now=now) if details.also else ()
    rules.check_open(places.standing_of(shift), now=now)
    rules.check_party(details.party, shift.capacity, *(other.capacity for other in others))
    review = judge(session, details, now=now)
    person_id = (
        None if review else find_or_add_person(session, details, group_id=shift.group_id, now=now)
    )
    # In ascending order, as everywhere: two forms never wait for each other in a circle.
    receipts = [
        _sign_up_one(session, one, details, Judged(review, person_id), now=now)
        for one in sorted((shift, *others), key=ID)
    ]
    if not others:
        return receipts[0]
    own = next(receipt for receipt in receipts if receipt.shift_id == shift.id)
    return replace(own, also=tuple(receipt for receipt in receipts if receipt is not own))


def _sign_up_one(
    session: Session, shift: Row[Any], details: Details, judged: Judged, *, now: datetime
) -> Receipt:
    """Give one sign-up its place or its rank, or keep it for a review; return the answer."""
    signup = draft(shift.id, details, judged, now=now)
    if judged.person_id is None:
        signup.state = "pending"
        keep(session, signup, shift, details)
        return _foreseen(session, shift, details, now=now)
    known = find_live_signup(session, shift.id, judged.person_id)
    if known is not None:
        tell_repeated(session, known, shift, now=now)
        return _as_somebody_new(session, shift, details, now=now)
    hold = shift.verification == "strict"
    place = places.give_place_or_rank(session, shift.id, party=details.party, now=now, hold=hold)
    signup.state = place.state
    signup.held_until = now + rules.HOLD_LASTS if place.state == "pending" else None
    keep(session, signup, shift, details)
    conclude(session, signup, place, now=now)
    return Receipt(place.state, place.ahead, shift.id, details.party)


def conclude(session: Session, signup: Signup, place: places.Place, *, now: datetime) -> None:
    """Write what somebody got into the ledger, and tell it."""
    facts, person = facts_of(signup, place.totals), person_of(session, signup)
    news: messages.Message
    if place.state == "placed":
        places.note(session, signup.id, place.totals, change=signup.party, now=now)
        first = is_first(session, signup)
        news = messages.SignupPlaced(signup=facts, person=person, first=first)
    elif signup.held_until is not None:
        places.note(session, signup.id, place.totals, change=signup.party, now=now)
        news = messages.SignupHeld(signup=facts, person=person, until=signup.held_until)
    else:
        first = is_first(session, signup)
        news = messages.SignupWaitlisted(
            signup=facts, person=person, ahead=place.ahead, first=first
        )
    tell(session, news, places.places_changed(place.totals), now=now)


def judge(session: Session, details: Details, *, now: datetime) -> str:
    """Count this form; return why somebody should look at it first, or nothing.

    The counter's row stays locked until the commit, so that two forms of one person are taken one
    after the other. Raises TooMany when a limit is passed so far that nobody could look at all.
    """
    settings = links.settings_of(session)
    mailbox = addresses.mailbox_of(details.email)
    by_email = [
        Limit("email", mailbox, settings.signups_per_email_hour, HOUR),
        Limit("email", mailbox, settings.signups_per_email_day, DAY),
    ]
    network = network_of(details.ip)
    by_ip = [Limit("ip", network, settings.signups_per_ip_hour, HOUR)] if network else []
    strain_by_ip = count(session, by_ip, key=settings.secret_key, now=now)
    for _ in (details, *details.also):
        strain_by_email = count(session, by_email, key=settings.secret_key, now=now)
    if max(strain_by_ip, strain_by_email) > rules.FLOOD_FACTOR:
        raise TooMany
    if strain_by_ip > 1:
        return "many forms from one network address"
    if strain_by_email > 1:
        return "many sign-ups for one email address"
    return details.suspicion


def find_or_add_person(
    session: Session, signup: Signup | Details, *, group_id: int, now: datetime
) -> int:
    """Return the group's person with this address and a compatible name; stored details stay."""
    at = {"group_id": group_id, "email": rules.normalise_email(signup.email)}
    for person in session.execute(PEOPLE_AT, at):
        if rules.is_same_name(person.name, signup.name):
            return int(person.id)
    new = {
        **at,
        "name": signup.name,
        "phone": signup.phone,
        "postcode": signup.postcode,
        "created_at": now,
    }
    return int(session.execute(ADD_PERSON, new).scalar_one())


def find_live_signup(session: Session, shift_id: int, person_id: int) -> Signup | None:
    """Return the sign-up that this person has for this shift, if any."""
    whose = {"shift_id": shift_id, "person_id": person_id}
    known = session.execute(LIVE_SIGNUP, whose).scalar_one_or_none()
    # Mostly there is none, and a row as an object costs more than its statement.
    return None if known is None else session.get(Signup, known, populate_existing=True)


def draft(shift_id: int, details: Details, judged: Judged, *, now: datetime) -> Signup:
    """Return a sign-up as a form says it, not yet written; its state is still to come."""
    typed = {name: getattr(details, name) for name in TYPED}
    return Signup(
        **DRAFTED
        | typed
        | {
            "review": judged.review,
            "revision": next_revision(None, now),
            "shift_id": shift_id,
            "person_id": judged.person_id,
            "answers": [dict(answer) for answer in details.answers],
            "source": details.came.source,
            "utm": dict(details.came.utm),
            "friend_of": details.came.friend_of,
            "created_at": now,
            "changed_at": now,
        }
    )


def keep(session: Session, signup: Signup, shift: Row[Any], details: Details) -> None:
    """Write the sign-up, and the words that were agreed to."""
    # By the statement itself: nobody looks at the row again in this transaction.
    row = {name: getattr(signup, name) for name in SIGNUP_FIELDS}
    signup.id = session.execute(ADD_SIGNUP, row).scalar_one()
    ticked = {
        "signup_id": signup.id,
        "version": consents.CONSENT_VERSION,
        "form": details.form,
        "origin": details.came.site,
        "given_at": signup.created_at,
    }
    agreed = {
        purpose: consents.words_agreed_to(purpose, shift.group_name)
        for purpose in ("taking part", *details.agreed)
    }
    session.execute(
        ADD_CONSENT,
        [{**ticked, "purpose": purpose, "wording": words} for purpose, words in agreed.items()],
    )
    if "mail" in agreed and signup.person_id is not None:
        tell_agreed(session, signup, group_id=shift.group_id, now=signup.created_at)


def _foreseen(session: Session, shift: Row[Any], details: Details, *, now: datetime) -> Receipt:
    """What a new person would be told now: it must not show whether somebody is known."""
    hold = shift.verification == "strict"
    state, ahead = places.foresee(session, shift.id, party=details.party, now=now, hold=hold)
    if state == "waiting" and not shift.waiting_list:
        raise queue.ShiftIsFull
    return Receipt(state, ahead, shift.id, details.party)


def _as_somebody_new(
    session: Session, shift: Row[Any], details: Details, *, now: datetime
) -> Receipt:
    """What a new person gets at this moment, found the same way and then taken back.

    Somebody with a watch could tell a known address by a shorter one.
    """
    hold = shift.verification == "strict"
    attempt = session.begin_nested()
    try:
        place = places.give_place_or_rank(
            session, shift.id, party=details.party, now=now, hold=hold
        )
    finally:
        attempt.rollback()
    return Receipt(place.state, place.ahead, shift.id, details.party)


def tell_repeated(session: Session, known: Signup, shift: Row[Any], *, now: datetime) -> None:
    """The page must not tell whether an address was known; the mail to it may, and does."""
    repeated = messages.SignupRepeated(
        signup=facts_of(known, shift), person=person_of(session, known)
    )
    tell(session, repeated, now=now)
