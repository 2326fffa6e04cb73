"""Addresses that get no mail, or none that invites; and lifting that by hand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared import addresses
from shared.database import insert

from ..config import Settings
from ..models import SuppressedAddress
from ..rules.suppressing import COVERS

SUPPRESSED: Any = SuppressedAddress.__table__


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


def list_suppressed(session: Session, *, limit: int, page: int) -> Sequence[SuppressedAddress]:
    """Return one page of addresses that are held back, the newest first."""
    query = select(SuppressedAddress).order_by(
        SuppressedAddress.since.desc(), SuppressedAddress.email, SuppressedAddress.covers
    )
    return session.scalars(query.limit(limit).offset((page - 1) * limit)).all()
