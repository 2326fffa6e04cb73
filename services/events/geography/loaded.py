"""What the loaded ONS Postcode Directory and the lists of names say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, ScalarSelect, bindparam, func, select
from sqlalchemy.orm import Session

from ..models import KnownPostcode, PlaceName, PostcodeEdition, PostcodePart

EDITIONS: Any = PostcodeEdition.__table__
POSTCODES: Any = KnownPostcode.__table__
SHARES: Any = PostcodePart.__table__
NAMES: Any = PlaceName.__table__
NEWEST: ScalarSelect[int] = (
    select(func.max(EDITIONS.c.id)).where(EDITIONS.c.finished_at.is_not(None)).scalar_subquery()
)
"""The edition that is asked: a load that was not finished is no part of any answer."""

# Made once and asked past the session's rows: a grid of shifts asks for each of its postcodes.
POSTCODE = select(
    POSTCODES.c.latitude,
    POSTCODES.c.longitude,
    POSTCODES.c.constituency_code,
    POSTCODES.c.authority_code,
).where(POSTCODES.c.edition_id == NEWEST, POSTCODES.c.postcode == bindparam("key"))
PARTS = select(
    SHARES.c.part,
    SHARES.c.constituency_code,
    SHARES.c.postcodes,
    SHARES.c.latitude,
    SHARES.c.longitude,
).where(SHARES.c.edition_id == NEWEST, SHARES.c.part.in_(bindparam("parts", expanding=True)))
NAMED = select(NAMES.c.code, NAMES.c.name).where(
    NAMES.c.code.in_(bindparam("codes", expanding=True))
)

Seats = Sequence[Row[str, str, int, float, float]]
"""A part of the postcodes with each constituency in it, the largest share first."""


def find_loaded(session: Session, key: str) -> Row[float, float, str, str] | None:
    """Return where a whole postcode lies, or None where it is not loaded."""
    return session.connection().execute(POSTCODE, {"key": key}).one_or_none()


def find_parts(session: Session, parts: Sequence[str]) -> list[Seats]:
    """Return those of the districts and sectors that are loaded, in the order given."""
    if not parts:
        return []
    rows = session.connection().execute(PARTS, {"parts": list(parts)})
    found: dict[str, list[Row[str, str, int, float, float]]] = defaultdict(list)
    for row in rows:
        found[row.part].append(row)
    for seats in found.values():
        seats.sort(key=lambda row: (-row.postcodes, row.constituency_code))
    return [found[part] for part in parts if part in found]


def middle(seats: Seats) -> tuple[float, float]:
    """Return the mean of all postcodes of a part."""
    count = sum(row.postcodes for row in seats)
    return (
        sum(row.latitude * row.postcodes for row in seats) / count,
        sum(row.longitude * row.postcodes for row in seats) / count,
    )


def names_of(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return the names of those codes whose names are loaded."""
    wanted = {code for code in codes if code}
    if not wanted:
        return {}
    rows = session.connection().execute(NAMED, {"codes": list(wanted)})
    return {row.code: row.name for row in rows}
