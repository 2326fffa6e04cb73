"""Reading memberships: which roles somebody holds."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shared.tables import MEMBERSHIPS

from .who import ROLES

HELD = select(MEMBERSHIPS.c.group_id, MEMBERSHIPS.c.role).where(
    MEMBERSHIPS.c.organiser_id == bindparam("organiser_id"), MEMBERSHIPS.c.role.in_(ROLES)
)


def roles_of(session: Session, organiser_id: int) -> dict[int, str]:
    """Return an organiser's role in each group by the group's id; under 0 that in the network."""
    rows = session.execute(HELD, {"organiser_id": organiser_id})
    return {row.group_id: row.role for row in rows}
