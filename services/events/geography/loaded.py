"""What the loaded ONS Postcode Directory and the lists of names say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Row, ScalarSelect, func, select
from sqlalchemy.orm import Session

from ..models import KnownPostcode, PlaceName, PostcodeEdition, PostcodePart

NEWEST: ScalarSelect[int] = (
    select(func.max(PostcodeEdition.id))
    .where(PostcodeEdition.finished_at.is_not(None))
    .scalar_subquery()
)
"""The edition that is asked: a load that was not finished is no part of any answer."""

POSTCODE = select(
    KnownPostcode.latitude,
    KnownPostcode.longitude,
    KnownPostcode.constituency_code,
    KnownPostcode.authority_code,
).where(KnownPostcode.edition_id == NEWEST)
PARTS = select(
    PostcodePart.part,
    PostcodePart.constituency_code,
    PostcodePart.postcodes,
    PostcodePart.latitude,
    PostcodePart.longitude,
).where(PostcodePart.edition_id == NEWEST)

Seats = Sequence[Row[str, str, int, float, float]]
"""A part of the postcodes with each constituency in it, the largest share first."""


def find_loaded(session: Session, key: str) -> Row[float, float, str, str] | None:
    """Return where a whole postcode lies, or None where it is not loaded."""
    return session.execute(POSTCODE.where(KnownPostcode.postcode == key)).one_or_none()


def find_parts(session: Session, parts: Sequence[str]) -> list[Seats]:
    """Return those of the districts and sectors that are loaded, in the order given."""
    if not parts:
        return []
    rows = session.execute(PARTS.where(PostcodePart.part.in_(parts)))
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
    rows = session.execute(select(PlaceName.code, PlaceName.name).where(PlaceName.code.in_(wanted)))
    return {row.code: row.name for row in rows}
