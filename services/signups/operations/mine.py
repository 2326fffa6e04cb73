"""Somebody's own sign-up, found by the link in their mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from shared.refusals import NotThere

from .. import links, rules
from ..models import Person, Shift, Signup
from ..rules import changes
from . import places
from .alternatives import list_alternatives
from .filling import mode_of
from .stored import find_shift
from .verifying import verify

HAS_OR_GETS = ("placed", "offered", "pending", "waiting")
MOST_OVERLAPS = 5


@dataclass(frozen=True)
class MySignup:
    """A sign-up as its owner sees it."""

    signup: Signup
    state: str
    """Its state; an offer whose hour has passed is `lapsed`, before anybody ended it."""
    shift: Row[Any]
    ahead: int
    actions: frozenset[str]
    alternatives: Sequence[Row[Any]]
    claim_link: str
    """Where a friend takes the place over; empty when there is no such link."""
    friend_link: str
    """Where friends sign up for the same shift; empty when they cannot."""
    new_link: str
    """Where the sign-up is that came instead of this one; empty when there is none."""
    overlaps: Sequence[Overlap]
    """What else the person signed up for while this shift is on."""


@dataclass(frozen=True)
class Overlap:
    """Another sign-up of the same person at the same time, and where they change it."""

    shift: Row[Any]
    state: str
    link: str


def show_my_signup(session: Session, token: str, *, now: datetime) -> MySignup:
    """Return the sign-up that a link leads to. Raises NotThere, or LinkHasEnded for an old link."""
    signup = by_link(session, token)
    shift = find_shift(session, signup.shift_id)
    if rules.is_link_over(shift.ends_at, now=now):
        raise rules.LinkHasEnded
    state = state_now(signup, now=now)
    actions = actions_now(session, signup, now=now)
    return MySignup(
        signup,
        state,
        shift,
        places.count_ahead(session, signup) if state == "waiting" else 0,
        actions,
        list_alternatives(session, shift, party=signup.party, now=now),
        links.claim_link(session, signup.id, signup.transfer_number)
        if signup.transfer_number and "transfer" in actions
        else "",
        links.friend_link(session, signup.id, shift.id)
        if state in ("placed", "waiting") and rules.is_open(places.standing_of(shift), now=now)
        else "",
        _link_to_new(session, signup),
        _overlaps(session, signup, shift, now=now),
    )


def _overlaps(
    session: Session, signup: Signup, shift: Row[Any], *, now: datetime
) -> Sequence[Overlap]:
    """Return where else the same person has a place, or may get one, at this time."""
    if signup.person_id is None or state_now(signup, now=now) not in HAS_OR_GETS:
        return ()
    others = session.execute(
        select(Signup)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(
            Signup.person_id == signup.person_id,
            Signup.id.not_in((signup.id, signup.replaces_id or 0)),
            Signup.state.in_(HAS_OR_GETS),
            func.coalesce(Signup.replaces_id, 0) != signup.id,
            Shift.starts_at < shift.ends_at,
            Shift.ends_at > shift.starts_at,
            Shift.ends_at > now,
        )
        .order_by(Shift.starts_at, Signup.id)
        .limit(MOST_OVERLAPS)
    ).scalars()
    return [
        Overlap(
            find_shift(session, other.shift_id),
            state_now(other, now=now),
            links.link_to(session, other.id, other.link_number),
        )
        for other in others
        if state_now(other, now=now) in HAS_OR_GETS
    ]


def _link_to_new(session: Session, signup: Signup) -> str:
    """Return the link to what somebody switched to, for themselves."""
    if signup.reason != "switched":
        return ""
    newest = select(Signup.id, Signup.link_number).where(
        Signup.replaces_id == signup.id, Signup.person_id == signup.person_id
    )
    new = session.execute(newest.order_by(Signup.id.desc()).limit(1)).one_or_none()
    return links.link_to(session, new.id, new.link_number) if new else ""


def act(session: Session, token: str, *, now: datetime) -> tuple[Signup, Shift]:
    """Return the sign-up of a link, fresh, with its shift, which is locked until the commit.

    Who comes by the link has proven the address. Raises NotThere and LinkHasEnded.
    """
    found = by_link(session, token)
    shift = places.lock(session, found.shift_id)
    signup = session.get_one(Signup, found.id, populate_existing=True)
    if rules.is_link_over(shift.ends_at, now=now):
        raise rules.LinkHasEnded
    if shift.ends_at > now:
        verify(session, signup, now=now)
    return signup, shift


def by_link(session: Session, token: str) -> Signup:
    """Return the sign-up that a link names. Raises NotThere for a bent, old or foreign one."""
    signup_id, link_number = links.read_link(session, token)
    signup = session.get(Signup, signup_id)
    if signup is None or signup.link_number != link_number:
        raise NotThere
    return signup


def state_now(signup: Signup, *, now: datetime) -> str:
    """Return a sign-up's state as every reader has it: what is past its hour is over."""
    hour = signup.offer_until or signup.held_until
    return "lapsed" if hour is not None and hour <= now else signup.state


def actions_now(session: Session, signup: Signup, *, now: datetime) -> frozenset[str]:
    """Return what the owner of a sign-up may do with it now."""
    shift = session.get_one(Shift, signup.shift_id)
    situation = changes.Situation(
        state=state_now(signup, now=now),
        party=signup.party,
        over=shift.ends_at <= now,
        closed=not rules.is_open(places.standing_of(shift), now=now),
        late=mode_of(session, shift, now=now) == "late" and _has_room(shift, signup.party),
        attending=signup.attending,
        doubted=bool(signup.doubt) and signup.verified_at is None,
        soon=shift.starts_at - changes.SOON <= now,
        offered_before=signup.state == "offered" or signup.reason == "offer",
    )
    return changes.actions_of(situation) if not signup.review else frozenset()


def _has_room(shift: Shift, party: int) -> bool:
    return rules.fits(party, taken=shift.taken, capacity=shift.capacity)


def my_links(session: Session, email: str, *, now: datetime) -> Sequence[Any]:
    """Return `Signup` and `Shift` of all live sign-ups of an address that are still to come."""
    people = select(func.coalesce(Person.merged_into, Person.id)).where(Person.email == email)
    found: Sequence[Any] = session.execute(
        select(Signup, Shift)
        .join(Shift, Shift.id == Signup.shift_id)
        .where(Signup.person_id.in_(people), Signup.state.in_(rules.LIVE), Shift.ends_at > now)
        .order_by(Shift.starts_at, Signup.id)
    ).all()
    # Who was merged has two addresses: each is told of what was signed up for with it.
    return [row for row in found if rules.normalise_email(row.Signup.email) == email]
