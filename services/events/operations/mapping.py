"""Putting shifts on the map: where their postcodes lie, and which constituency that is."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..geography import locate_here, locate_roughly
from ..models import PlaceName, Shift


def put_on_map(session: Session, shift: Shift) -> None:
    """Find out where a shift's postcode lies, and name its constituency if nobody did.

    A constituency that was typed counts: people may meet beyond its border. Nobody outside is
    asked, as a transaction is open; what is not known here yet is found later. An address that is
    only for those who signed up lies in the middle of its district.
    """
    found = locate_here(session, shift.postcode) if shift.postcode else None
    is_kept = found and shift.event.address_shown != "public"
    shown = locate_roughly(session, shift.postcode) if is_kept else found
    shift.latitude = shown.latitude if shown else None
    shift.longitude = shown.longitude if shown else None
    shift.located = shown.exactness if shown else ""
    shift.authority_code = found.authority_code if found else ""
    if found and not shift.constituency:
        shift.constituency = found.constituency
        shift.constituency_code = found.constituency_code
    else:
        shift.constituency_code = code_of(session, shift.constituency)


def code_of(session: Session, constituency: str) -> str:
    """Return the GSS code of a constituency by its name, or nothing."""
    if not constituency:
        return ""
    asked = select(PlaceName.code).where(
        PlaceName.kind == "constituency", func.lower(PlaceName.name) == constituency.lower()
    )
    return session.scalars(asked).first() or ""
