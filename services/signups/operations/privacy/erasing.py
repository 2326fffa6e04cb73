"""Erasing somebody: one transaction here, a note outside the databases, and the others are told."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shared import addresses
from shared.database import next_revision
from shared.outbox import tell
from shared.refusals import NotThere

from ... import links, rules
from ...models import Consent, Erasure, LedgerEntry, PeopleImport, Person, Shift, Signup
from .. import places
from . import noting
from .entries import entries_by_link, entries_of, under_review_of
from .hanging import delete_hanging_on
from .redacting import redact_messages


def erase_by_link(session: Session, token: str, *, now: datetime) -> uuid.UUID:
    """Erase all that is kept of the person whom a mailed link names; return the erasure's id.

    Raises NotThere for a bent link and for somebody erased before, and PrivacyLinkHasEnded.
    """
    return erase_people(session, entries_by_link(session, token, now=now), now=now)


def erase_people(session: Session, people: Sequence[Person], *, now: datetime) -> uuid.UUID:
    """Erase people, once and for all; note it outside the databases; return the erasure's id."""
    traces = forget_people(session, people, now=now)
    erasure = noting.Noted(
        id=uuid.uuid4(),
        at=now,
        person_ids=traces.person_ids,
        signup_ids=traces.signup_ids,
        addresses=digests_of(session, traces.emails),
    )
    # Before the commit: a line too much names somebody who wanted to be erased, one too few would
    # let a restore bring them back.
    noting.append(session, erasure)
    noting.tell_erased(session, erasure, now=now)
    return erasure.id


@dataclass(frozen=True)
class Traces:
    """What was known of people who are forgotten now; not to be stored."""

    person_ids: tuple[int, ...]
    signup_ids: tuple[int, ...]
    emails: frozenset[str]


def forget_people(session: Session, people: Sequence[Person], *, now: datetime) -> Traces:
    """Forget people: end their sign-ups to come, and leave of the rest what names nobody.

    Entries that were merged with theirs go with them.
    """
    people = entries_of(session, [person.id for person in people])
    person_ids = tuple(sorted(person.id for person in people))
    signups = _lock_and_read(session, person_ids)
    freed = _end_live(session, signups, now=now)
    emails = frozenset([*(p.email for p in people), *(s.email for s in signups)])
    signup_ids = tuple(sorted(signup.id for signup in signups))
    _forget_under_review(session, people)
    anonymise(session, signup_ids, now=now)
    delete_hanging_on(session, person_ids, signup_ids)
    session.execute(delete(Person).where(Person.id.in_(person_ids)))
    _empty_imports(session, emails)
    redact_messages(session, signup_ids=signup_ids, emails=emails)
    session.expire_all()
    for shift_id in freed:
        places.fill(session, shift_id, now=now)
    return Traces(person_ids, signup_ids, emails)


def anonymise(session: Session, signup_ids: Collection[int], *, now: datetime) -> None:
    """Leave of sign-ups what counts, and nothing that names anybody."""
    session.execute(
        update(Signup)
        .where(Signup.id.in_(signup_ids))
        .values(
            person_id=None,
            **dict.fromkeys(("name", "email", "phone", "postcode"), ""),
            **dict.fromkeys(("doubt", "reason", "source"), ""),
            answers=[],
            utm={},
            friend_of=None,
            transfer_number=0,
            link_number=Signup.link_number + 1,
            revision=next_revision(None, now),
            erased_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    # An organiser's words for giving a place by hand may speak of the person.
    session.execute(
        update(LedgerEntry)
        .where(LedgerEntry.signup_id.in_(signup_ids), LedgerEntry.by_hand)
        .values(reason="")
        .execution_options(synchronize_session=False)
    )


def note_done(session: Session, erasure_id: str, service: str, *, now: datetime) -> None:
    """Note that another service has forgotten somebody, too; hearing it again changes nothing."""
    erasure = session.get(Erasure, uuid.UUID(erasure_id), with_for_update=True)
    column = f"{service}_done_at"
    if erasure is not None and getattr(erasure, column) is None:
        setattr(erasure, column, now)
        session.flush()


def show_erasure(session: Session, token: str) -> Erasure:
    """Return the erasure that a signed address names. Raises NotThere."""
    erasure = session.get(Erasure, uuid.UUID(links.read_erasure(session, token)))
    if erasure is None:
        raise NotThere
    return erasure


def digests_of(session: Session, emails: Collection[str]) -> tuple[str, ...]:
    """Return HMACs by which addresses are known again."""
    key = links.settings_of(session).address_key
    return tuple(sorted({addresses.digest(email, key=key) for email in emails}))


def _lock_and_read(session: Session, person_ids: Collection[int]) -> Sequence[Signup]:
    """Return all sign-ups of these people; the shifts of live ones and the people are locked."""
    own = select(Signup).where(Signup.person_id.in_(person_ids)).order_by(Signup.id)
    live = {s.shift_id for s in session.scalars(own) if s.state in rules.LIVE}
    for shift_id in sorted(live):
        places.lock(session, shift_id)
    session.execute(select(Person.id).where(Person.id.in_(person_ids)).with_for_update()).all()
    # Read anew under the locks.
    return session.scalars(own.execution_options(populate_existing=True)).all()


def _end_live(session: Session, signups: Sequence[Signup], *, now: datetime) -> list[int]:
    """End what is live and still to come, and whatever has an hour; return the shifts."""
    freed = []
    for signup in sorted(signups, key=lambda signup: (signup.shift_id, signup.id)):
        ends_at = session.get_one(Shift, signup.shift_id).ends_at
        if signup.state not in rules.LIVE or (signup.state == "placed" and ends_at <= now):
            continue
        totals = places.end(session, signup, state="cancelled", now=now)
        tell(session, places.places_changed(totals), now=now)
        freed.append(signup.shift_id)
    return freed


def _empty_imports(session: Session, emails: Collection[str]) -> None:
    """Empty the uploaded lists that name somebody and were not taken in yet."""
    for listed in session.scalars(select(PeopleImport).where(PeopleImport.body != "")):
        if any(addresses.normalise(email) in addresses.normalise(listed.body) for email in emails):
            listed.body = ""
    session.flush()


def _forget_under_review(session: Session, people: Sequence[Person]) -> None:
    """Delete forms of the same people that nobody has let through."""
    own = under_review_of(session, people)
    session.execute(delete(Consent).where(Consent.signup_id.in_(own)))
    session.execute(delete(Signup).where(Signup.id.in_(own)))
