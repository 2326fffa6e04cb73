"""Passing a place to a friend: it stays the holder's until the friend has completed the form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from shared import messages
from shared.outbox import tell
from shared.refusals import NotThere

from .. import links, rules
from ..models import Signup
from ..rules import changes
from . import mine, places
from .details import Details, Receipt
from .signing_up import (
    Judged,
    draft,
    find_live_signup,
    find_or_add_person,
    judge,
    keep,
    tell_repeated,
)
from .stored import find_shift
from .telling import facts_of, is_first, person_of


def open_transfer(session: Session, token: str, *, now: datetime) -> None:
    """Make a claim link for a friend; links made before end. Raises NothingToPass."""
    signup, shift = mine.act(session, token, now=now)
    if signup.state != "placed" or shift.ends_at <= now:
        raise changes.NothingToPass
    signup.transfers += 1
    signup.transfer_number = signup.transfers
    session.flush()


def close_transfer(session: Session, token: str, *, now: datetime) -> None:
    """End the claim link; again changes nothing."""
    signup, _shift = mine.act(session, token, now=now)
    signup.transfer_number = 0
    session.flush()


def shift_of_claim(session: Session, token: str) -> int:
    """Return which shift a claim link is about, used or not. Raises NotThere for a bent one."""
    signup = session.get(Signup, links.read_claim(session, token)[0])
    if signup is None:
        raise NotThere
    return signup.shift_id


def find_claim(session: Session, token: str, *, now: datetime) -> tuple[Signup, Row[Any]]:
    """Return the sign-up that a claim link passes on, with its shift.

    Raises NotThere for a bent link, and PlaceIsTaken for one that was used or taken back.
    """
    signup_id, number = links.read_claim(session, token)
    signup = session.get(Signup, signup_id, populate_existing=True)
    if signup is None:
        raise NotThere
    shift = find_shift(session, signup.shift_id)
    if signup.state != "placed" or signup.transfer_number != number or shift.ends_at <= now:
        raise changes.PlaceIsTaken
    return signup, shift


def claim_place(session: Session, token: str, details: Details, *, now: datetime) -> Receipt:
    """Let a friend have the places of a sign-up, which ends; taken places stay as many.

    A friend who is signed up already gets the same answer, a mail that tells the truth, and the
    holder keeps the place. Raises PlaceIsTaken, NotThere and TooMany.
    """
    signup_id, _number = links.read_claim(session, token)
    found = session.get(Signup, signup_id)
    if found is None:
        raise NotThere
    places.lock(session, found.shift_id)
    old, shift = find_claim(session, token, now=now)
    receipt = Receipt("placed", 0, shift.id, old.party)
    if judge(session, details, now=now):
        raise rules.LooksLikeAMachine
    person_id = find_or_add_person(session, details, group_id=shift.group_id, now=now)
    known = find_live_signup(session, shift.id, person_id)
    if known is not None:
        tell_repeated(session, known, shift, now=now)
        return receipt
    new = draft(shift.id, details, Judged("", person_id), now=now)
    new.party, new.state, new.source, new.replaces_id = old.party, "placed", "friend", old.id
    new.friend_of = old.id
    keep(session, new, shift, details)
    old.transfer_number = 0
    totals = places.hand_over(session, old, new, now=now)
    placed = messages.SignupPlaced(
        signup=facts_of(new, totals),
        person=person_of(session, new),
        first=is_first(session, new),
    )
    tell(
        session,
        messages.SignupTransferred(signup=facts_of(old, totals), person=person_of(session, old)),
        placed,
        places.places_changed(totals),
        now=now,
    )
    return receipt
