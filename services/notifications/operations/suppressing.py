"""Addresses that get no mail, or none that invites; and lifting that by hand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, select
from sqlalchemy.orm import Session

from shared import addresses
from shared.database import insert

from ..config import Settings
from ..models import SuppressedAddress
from ..rules.suppressing import COVERS, is_held_back, why_held_back

SUPPRESSED: Any = SuppressedAddress.__table__

# Made once, because every mail needs it and making a statement takes longer than running it.
SUPPRESSED_AMONG = (
    select(SUPPRESSED.c.email, SUPPRESSED.c.covers, SUPPRESSED.c.reason)
    .where(SUPPRESSED.c.email.in_(bindparam("known", expanding=True)))
    .order_by(SUPPRESSED.c.covers)
)


def suppress(session: Session, email: str, covers: str, reason: str, *, now: datetime) -> None:
    """Hold mail to an address back: `all`, or what `asks`. What it is held back for stays."""
    row = {"email": email.lower(), "covers": covers, "reason": reason, "since": now}
    session.execute(insert(session, SUPPRESSED).values(row).on_conflict_do_nothing())


def lift(session: Session, email: str, *, covers: Collection[str] = COVERS) -> bool:
    """Let an address have mail again, of somebody erased too; tell whether it had been held.

    What covers something else than `covers` stays.
    """
    settings: Settings = session.info["settings"]
    known = (email.lower(), addresses.digest(email, key=settings.address_key))
    lifted: Any = session.execute(
        delete(SuppressedAddress).where(
            SuppressedAddress.email.in_(known), SuppressedAddress.covers.in_(covers)
        )
    )
    return bool(lifted.rowcount)


def find_suppressed(session: Session, emails: Collection[str]) -> dict[str, list[Row[Any]]]:
    """Return what is held back of these addresses: `covers` and `reason`, what covers all first.

    It is found by the address in small letters. Of one whose owner was erased only the HMAC is
    kept, which is found too.
    """
    settings: Settings = session.info["settings"]
    known = {addresses.digest(email, key=settings.address_key): email.lower() for email in emails}
    known |= {email.lower(): email.lower() for email in emails}
    found: dict[str, list[Row[Any]]] = {}
    for row in session.connection().execute(SUPPRESSED_AMONG, {"known": list(known)}):
        found.setdefault(known[row.email], []).append(row)
    return found


def why_suppressed(suppressions: Iterable[Row[Any]], *, asks: bool) -> str:
    """Return why these suppressions of an address hold a mail back; empty if they do not.

    Some hold back only what `asks` somebody to come.
    """
    for row in suppressions:
        if is_held_back(row.covers, asks=asks):
            return why_held_back(row.covers, row.reason)
    return ""


def list_suppressed(session: Session, *, limit: int, page: int) -> Sequence[SuppressedAddress]:
    """Return one page of addresses that are held back, the newest first."""
    query = select(SuppressedAddress).order_by(
        SuppressedAddress.since.desc(), SuppressedAddress.email, SuppressedAddress.covers
    )
    return session.scalars(query.limit(limit).offset((page - 1) * limit)).all()
