"""Signing up: the answer comes at once, from this service's database alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.orm import Session

from shared import messages
from shared.database import next_revision
from shared.limits import Limit, count, network_of
from shared.outbox import tell
from shared.refusals import TooMany

from .. import links, rules
from ..models import Consent, Person, Signup
from . import places
from .stored import find_shift
from .telling import facts_of, person_of
from .together import find_others

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Made once: making a statement takes longer than running it.
PEOPLE = Person.__table__
PEOPLE_AT = (
    select(PEOPLE.c.id, PEOPLE.c.name)
    .where(PEOPLE.c.email == bindparam("email"))
    .order_by(PEOPLE.c.id)
)
ADD_PERSON = insert(PEOPLE).returning(PEOPLE.c.id)  # type: ignore[arg-type]
LIVE_SIGNUP = select(Signup).where(
    Signup.shift_id == bindparam("shift_id"),
    Signup.person_id == bindparam("person_id"),
    Signup.state.in_(rules.LIVE),
)
SIGNUPS = Signup.__table__
SIGNUP_FIELDS = [column.key for column in SIGNUPS.c if column.key != "id"]
ADD_SIGNUP = insert(SIGNUPS).returning(SIGNUPS.c.id)  # type: ignore[arg-type]
ANSWERED = ("state", "ahead", "shift_id", "party")
ID = attrgetter("id")
ADD_CONSENT = insert(Consent.__table__).inline()  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Details:
    """What a form says, and how it came: `ip` is empty for a program that holds the token."""

    name: str
    email: str
    phone: str = ""
    postcode: str = ""
    party: int = 1
    form: str
    ip: str = ""
    suspicion: str = ""
    """Why the form looks like a machine's; empty when it does not."""
    also: tuple[int, ...] = ()
    """Other shifts of the same group, in ascending order: a sign-up each, with the same form."""


@dataclass(frozen=True)
class Receipt:
    """The answer: `placed`, or `waiting` with about `ahead` sign-ups before."""

    state: str
    ahead: int
    shift_id: int
    party: int
    also: tuple[Receipt, ...] = ()
    """The answers for the other shifts of the same form."""


class Judged(NamedTuple):
    """Whose form it is, or why somebody has to look at it before it is anybody's."""

    review: str
    person_id: int | None


def sign_up(session: Session, shift_id: int, details: Details, *, now: datetime) -> Receipt:
    """Give the visitor a place, or a rank on the waiting list, and tell the other services.

    A known person, and a form that has to be looked at first, get the answer a new one would get.
    Raises NotThere, TooMany, and the refusals of a shift that is closed, cancelled or too small.
    """
    shift = find_shift(session, shift_id)
    others = find_others(session, shift, details.also, now=now) if details.also else ()
    rules.check_open(places.standing_of(shift), now=now)
    rules.check_party(details.party, shift.capacity, *(other.capacity for other in others))
    review = _judge(session, details, now=now)
    person_id = None if review else find_or_add_person(session, details, now=now)
    # In ascending order, as everywhere: two forms never wait for each other in a circle.
    receipts = [
        _sign_up_one(session, one, details, Judged(review, person_id), now=now)
        for one in sorted((shift, *others), key=ID)
    ]
    if not others:
        return receipts[0]
    own = next(receipt for receipt in receipts if receipt.shift_id == shift_id)
    return replace(own, also=tuple(receipt for receipt in receipts if receipt is not own))


def _sign_up_one(
    session: Session, shift: Row[Any], details: Details, judged: Judged, *, now: datetime
) -> Receipt:
    """Give one sign-up its place or its rank, or keep it for a review; return the answer."""
    signup = _draft(shift.id, details, now=now)
    signup.review, signup.person_id = judged.review, judged.person_id
    if judged.person_id is None:
        signup.state = "pending"
        _keep(session, signup, shift, details)
        return _foreseen(session, shift.id, details)
    known = find_live_signup(session, shift.id, judged.person_id)
    if known is not None:
        _tell_repeated(session, known, shift, now=now)
        return _foreseen(session, shift.id, details)
    place = places.give_place_or_rank(session, shift.id, party=details.party, now=now)
    signup.state = place.state
    _keep(session, signup, shift, details)
    conclude(session, signup, place, now=now)
    return Receipt(place.state, place.ahead, shift.id, details.party)


def conclude(session: Session, signup: Signup, place: places.Place, *, now: datetime) -> None:
    """Write what somebody got into the ledger, and tell it."""
    facts, person = facts_of(signup, place.totals), person_of(session, signup)
    news: messages.Message
    if place.state == "placed":
        places.note(session, signup.id, place.totals, change=signup.party, now=now)
        news = messages.SignupPlaced(signup=facts, person=person)
    else:
        news = messages.SignupWaitlisted(signup=facts, person=person, ahead=place.ahead)
    tell(session, news, places.places_changed(place.totals), now=now)


def _judge(session: Session, details: Details, *, now: datetime) -> str:
    """Count this form; return why somebody should look at it first, or nothing.

    The counter's row stays locked until the commit, so that two forms of one person are taken one
    after the other. Raises TooMany when a limit is passed so far that nobody could look at all.
    """
    settings = links.settings_of(session)
    mailbox = rules.mailbox_of(details.email)
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


def find_or_add_person(session: Session, signup: Signup | Details, *, now: datetime) -> int:
    """Return the person with this address and a compatible name; stored details stay."""
    email = rules.normalise_email(signup.email)
    for person in session.execute(PEOPLE_AT, {"email": email}):
        if rules.is_same_name(person.name, signup.name):
            return int(person.id)
    new = {"email": email, "name": signup.name, "created_at": now}
    return int(session.execute(ADD_PERSON, new).scalar_one())


def find_live_signup(session: Session, shift_id: int, person_id: int) -> Signup | None:
    """Return the sign-up that this person has for this shift, if any."""
    return session.scalars(
        LIVE_SIGNUP, {"shift_id": shift_id, "person_id": person_id}
    ).one_or_none()


def _draft(shift_id: int, details: Details, *, now: datetime) -> Signup:
    return Signup(
        revision=next_revision(None, now),
        shift_id=shift_id,
        link_number=1,
        created_at=now,
        changed_at=now,
        name=details.name,
        email=details.email,
        phone=details.phone,
        postcode=details.postcode,
        party=details.party,
    )


def _keep(session: Session, signup: Signup, shift: Row[Any], details: Details) -> None:
    """Write the sign-up, and the words that were agreed to."""
    # By the statement itself: nobody looks at the row again in this transaction.
    row = {name: getattr(signup, name) for name in SIGNUP_FIELDS}
    signup.id = session.execute(ADD_SIGNUP, row).scalar_one()
    session.execute(
        ADD_CONSENT,
        {
            "signup_id": signup.id,
            "purpose": "taking part",
            "wording": rules.CONSENT_WORDING.format(group=shift.group_name),
            "version": rules.CONSENT_VERSION,
            "form": details.form,
            "given_at": signup.created_at,
        },
    )


def _foreseen(session: Session, shift_id: int, details: Details) -> Receipt:
    """What a new person would be told now: it must not show whether somebody is known."""
    state, ahead = places.foresee(session, shift_id, party=details.party)
    return Receipt(state, ahead, shift_id, details.party)


def _tell_repeated(session: Session, known: Signup, shift: Row[Any], *, now: datetime) -> None:
    """The page must not tell whether an address was known; the mail to it may, and does."""
    repeated = messages.SignupRepeated(
        signup=facts_of(known, shift), person=person_of(session, known)
    )
    tell(session, repeated, now=now)


def as_answer(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as JSON says it; `also` stands in it only for a form of several shifts."""
    answer: dict[str, Any] = {name: getattr(receipt, name) for name in ANSWERED}
    return answer | {"also": [as_answer(one) for one in receipt.also]} if receipt.also else answer
