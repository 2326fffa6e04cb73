"""Organisers of a group, and administrators of the network: invited, changed, removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.refusals import NotThere
from shared.tables import MEMBERSHIPS, NETWORK

from ..models import Organiser
from ..rules import access as rules
from . import audit
from .access import (
    NONE,
    count_others,
    find_or_add_organiser,
    has_any_role,
    name_of_who_acts,
    role_of,
    set_role,
)
from .sessions import end_sessions
from .stored import find_group

ADMINISTRATOR = "administrator"
ROLE = MEMBERSHIPS.c.role


@dataclass(frozen=True)
class Member:
    """Somebody with a role in a group, or in the network."""

    id: int
    name: str
    email: str
    role: str


@dataclass(frozen=True)
class Invited:
    """Somebody who is to get a role."""

    email: str
    name: str
    role: str


def list_organisers(session: Session, group_id: int) -> Sequence[Member]:
    """Return who has a role in a group, owners first; under 0 those of the network."""
    rank = case({role: number for number, role in enumerate(rules.GROUP_ROLES)}, value=ROLE)
    query = (
        select(Organiser.id, Organiser.name, Organiser.email, ROLE)
        .join(MEMBERSHIPS, MEMBERSHIPS.c.organiser_id == Organiser.id)
        .where(MEMBERSHIPS.c.group_id == group_id, ROLE != NONE)
        .order_by(rank, Organiser.name, Organiser.id)
    )
    return [Member(*row) for row in session.execute(query)]


def invite_organiser(
    session: Session, group_id: int, person: Invited, *, now: datetime
) -> Organiser:
    """Give somebody a role in a group and have them told by mail. Raises IsThereAlready."""
    group = find_group(session, group_id)
    organiser = find_or_add_organiser(session, person.email, person.name, now=now)
    if role_of(session, organiser.id, group_id) != NONE:
        raise rules.IsThereAlready
    revision = set_role(session, organiser.id, group_id, person.role, now=now)
    about = _about(organiser, group_id)
    audit.note(session, "organiser.invited", about, now=now, details=person.role)
    link = f"{session.info['settings'].public_url.rstrip('/')}/sign-in"
    outbox.tell(
        session,
        messages.OrganiserInvited(
            organiser_id=organiser.id,
            group_id=group_id,
            group_name=group.name,
            role=person.role,
            revision=revision,
            invited_by=name_of_who_acts(session),
            person=messages.Addressee(name=organiser.name, email=organiser.email, link=link),
        ),
        now=now,
    )
    return organiser


def admit_owner(
    session: Session, group_id: int, email: str, *, name: str, now: datetime
) -> Organiser:
    """Make somebody an owner of a group without a mail: the mail of the approval tells of it."""
    organiser = find_or_add_organiser(session, email, name, now=now)
    make_owner(session, group_id, organiser.id, now=now)
    return organiser


def make_owner(session: Session, group_id: int, organiser_id: int, *, now: datetime) -> None:
    """Make an organiser an owner of a group, for example of one that they founded."""
    if role_of(session, organiser_id, group_id) != "owner":
        set_role(session, organiser_id, group_id, "owner", now=now)
        organiser = session.get_one(Organiser, organiser_id)
        about = _about(organiser, group_id)
        audit.note(session, "organiser.added", about, now=now, details="owner")


def change_role(
    session: Session, group_id: int, organiser_id: int, role: str, *, now: datetime
) -> None:
    """Give an organiser of a group another role. Raises NotThere and LastOwner."""
    organiser, was = _member(session, organiser_id, group_id)
    others = count_others(session, organiser_id, group_id, "owner")
    if was == "owner":
        rules.check_keeps_owner(role, others)
    if role != was:
        set_role(session, organiser_id, group_id, role, now=now)
        about, words = _about(organiser, group_id), f"{was} → {role}"
        audit.note(session, "organiser.changed", about, now=now, details=words)


def remove_organiser(session: Session, group_id: int, organiser_id: int, *, now: datetime) -> None:
    """Take somebody's role in a group away. Raises NotThere and LastOwner."""
    organiser, was = _member(session, organiser_id, group_id)
    others = count_others(session, organiser_id, group_id, "owner")
    if was == "owner":
        rules.check_keeps_owner(NONE, others)
    _take_away(session, organiser, group_id, now=now)


def add_administrator(session: Session, email: str, *, name: str, now: datetime) -> Organiser:
    """Make somebody an administrator of the network. Raises IsThereAlready."""
    organiser = find_or_add_organiser(session, email, name, now=now)
    if role_of(session, organiser.id, NETWORK) != NONE:
        raise rules.IsThereAlready
    set_role(session, organiser.id, NETWORK, ADMINISTRATOR, now=now)
    audit.note(session, "administrator.added", _about(organiser, NETWORK), now=now)
    return organiser


def remove_administrator(session: Session, organiser_id: int, *, now: datetime) -> None:
    """Take the network out of somebody's hands. Raises NotThere and LastAdministrator."""
    organiser, _role = _member(session, organiser_id, NETWORK)
    if not count_others(session, organiser_id, NETWORK, ADMINISTRATOR):
        raise rules.LastAdministrator
    _take_away(session, organiser, NETWORK, now=now)


def find_organiser(session: Session, email: str) -> Organiser:
    """Return the organiser with this address. Raises NotThere."""
    organiser = session.scalars(select(Organiser).filter_by(email=email.lower())).one_or_none()
    if organiser is None or not has_any_role(session, organiser.id):
        raise NotThere(f"Nobody with the address {email} organises anything here.")
    return organiser


def _member(session: Session, organiser_id: int, group_id: int) -> tuple[Organiser, str]:
    role = role_of(session, organiser_id, group_id)
    if role == NONE:
        raise NotThere
    return session.get_one(Organiser, organiser_id), role


def _take_away(session: Session, organiser: Organiser, group_id: int, *, now: datetime) -> None:
    set_role(session, organiser.id, group_id, NONE, now=now)
    removed = "administrator.removed" if group_id == NETWORK else "organiser.removed"
    audit.note(session, removed, _about(organiser, group_id), now=now)
    if not has_any_role(session, organiser.id):
        end_sessions(session, organiser.id, now=now)


def _about(whom: Organiser, group_id: int) -> audit.About:
    return audit.About("organiser", whom.id, whom.name, group_id or None)
