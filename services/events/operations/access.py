"""Who may do what: memberships are written here and told to the other services."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.access import Who
from shared.database import insert, next_revision
from shared.tables import MEMBERSHIPS

from ..models import Organiser
from .stored import fits

NONE = "none"


def find_or_add_organiser(session: Session, email: str, name: str, *, now: datetime) -> Organiser:
    """Return the organiser with this address; whoever is new is written down by the name given."""
    row = {"email": email.lower(), "name": name, "created_at": now}
    table: Any = Organiser.__table__
    session.execute(insert(session, table).on_conflict_do_nothing(index_elements=["email"]), row)
    return session.scalars(select(Organiser).filter_by(email=row["email"])).one()


def set_role(
    session: Session, organiser_id: int, group_id: int, role: str, *, now: datetime
) -> int:
    """Give somebody a role in a group, or `none`; tell of it and return the new revision."""
    key = {"organiser_id": organiser_id, "group_id": group_id}
    was = session.execute(select(MEMBERSHIPS).filter_by(**key).with_for_update()).one_or_none()
    revision = next_revision(was.revision if was else None, now)
    row: dict[str, Any] = {**key, "role": role, "revision": revision}
    upsert = insert(session, MEMBERSHIPS).on_conflict_do_update(
        index_elements=["organiser_id", "group_id"],
        set_={"role": role, "revision": revision},
    )
    session.execute(upsert, row)
    person = None if role == NONE else _person(session, organiser_id)
    outbox.tell(session, messages.MembershipChanged(**row, person=person), now=now)
    return revision


def _person(session: Session, organiser_id: int) -> messages.Organiser:
    organiser = session.get_one(Organiser, organiser_id)
    return messages.Organiser(name=organiser.name, email=organiser.email)


def role_of(session: Session, organiser_id: int, group_id: int) -> str:
    """Return the role somebody holds in this very group, or `none`."""
    if not fits(organiser_id):
        return NONE
    query = select(MEMBERSHIPS.c.role).filter_by(organiser_id=organiser_id, group_id=group_id)
    return session.scalar(query) or NONE


def count_others(session: Session, organiser_id: int, group_id: int, role: str) -> int:
    """Count who else holds a role in a group.

    All of them are locked, so that two who leave at once do not both see the other stay.
    """
    held = select(MEMBERSHIPS.c.organiser_id).filter_by(group_id=group_id, role=role)
    those = session.scalars(held.order_by(MEMBERSHIPS.c.organiser_id).with_for_update()).all()
    return len([one for one in those if one != organiser_id])


def has_any_role(session: Session, organiser_id: int) -> bool:
    """Tell whether somebody is anything anywhere."""
    held = select(func.count()).select_from(MEMBERSHIPS)
    where = (MEMBERSHIPS.c.organiser_id == organiser_id) & (MEMBERSHIPS.c.role != NONE)
    return bool(session.scalar(held.where(where)))


def name_of_who_acts(session: Session) -> str:
    """Return the name of whoever makes this change, as the trail has it."""
    by = session.info.get("by", "Muster")
    return by.name if isinstance(by, Who) else str(by)
