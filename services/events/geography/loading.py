"""Loading the ONS Postcode Directory: in batches, beside whatever else the database does.

A load writes an edition of its own, which nobody asks before the last step marks it as finished; so
a load that is broken off, however, leaves everything as it was, and the next one clears it away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from shared.database import Database, insert
from shared.refusals import Refusal

from ..models import KnownPostcode, PostcodeEdition, PostcodePart
from .files import WrongFile
from .loaded import NEWEST
from .onspd import EXPECTED, Directory, Row

AT_ONCE = 5000
"""Rows of one transaction: SQLite's other writers wait for a fraction of a second at most."""

NEWER = aliased(PostcodeEdition)
NOTHING_NEWER = ~exists().where(NEWER.id > PostcodeEdition.id, NEWER.finished_at.is_not(None))

Progress = Callable[[int], None]


class OtherLoad(Refusal):
    """A newer load was finished meanwhile; this one was given up."""


@dataclass
class Parts:
    """The sums by districts and sectors, counted while rows pass."""

    sums: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def count(self, row: Row) -> None:
        """Add a postcode to its district and its sector."""
        outward = row.postcode[:-3]
        for part in (outward, f"{outward} {row.postcode[-3]}"):
            sums = self.sums.setdefault((part, row.constituency_code), [0, 0.0, 0.0])
            sums[0] += 1
            sums[1] += row.latitude
            sums[2] += row.longitude

    def rows(self, edition_id: int) -> list[dict[str, Any]]:
        """Return the sums as rows of the table."""
        return [
            {
                "edition_id": edition_id,
                "part": part,
                "constituency_code": constituency,
                "postcodes": int(count),
                "latitude": north / count,
                "longitude": east / count,
            }
            for (part, constituency), (count, north, east) in self.sums.items()
        ]


def load_directory(db: Database, directory: Directory, *, progress: Progress) -> int:
    """Load a directory in place of the one before; return how many postcodes it has.

    `progress` is told of bytes as they are read. Raises WrongFile and OtherLoad.
    """
    with db.writing() as session:
        edition = PostcodeEdition(source=directory.source, begun_at=db.now(session))
        session.add(edition)
        session.flush()
        edition_id = edition.id
    parts, count = Parts(), 0
    for batch in batches(directory.rows(progress)):
        for row in batch:
            parts.count(row)
        with db.writing() as session:
            count += write(session, edition_id, batch)
    if not count:
        raise WrongFile(f"{directory.source}: there is no postcode in use in it.\n{EXPECTED}")
    with db.writing() as session:
        finish(session, edition_id, parts, now=db.now(session))
    return count


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield the rows in lists."""
    each = iter(rows)
    while batch := list(islice(each, AT_ONCE)):
        yield batch


def write(session: Session, edition_id: int, batch: list[Row]) -> int:
    """Write some postcodes of an edition; return how many. Raises OtherLoad."""
    still_wanted = (
        update(PostcodeEdition)
        .where(PostcodeEdition.id == edition_id, NOTHING_NEWER)
        .values(postcodes=PostcodeEdition.postcodes + len(batch))
        .returning(PostcodeEdition.id)
    )
    if session.scalar(still_wanted) is None:
        raise OtherLoad
    table: Any = KnownPostcode.__table__
    rows = [{"edition_id": edition_id, **row._asdict()} for row in batch]
    session.execute(insert(session, table).on_conflict_do_nothing(), rows)
    return len(rows)


def finish(session: Session, edition_id: int, parts: Parts, *, now: datetime) -> None:
    """Write the sums and mark the edition as finished: from now on it is the one that is asked."""
    rows = parts.rows(edition_id)
    session.execute(PostcodePart.__table__.insert(), rows)  # type: ignore[attr-defined]
    done = (
        update(PostcodeEdition)
        .where(PostcodeEdition.id == edition_id, NOTHING_NEWER)
        .values(finished_at=now)
        .returning(PostcodeEdition.id)
    )
    if session.scalar(done) is None:
        raise OtherLoad


def older_rows(session: Session) -> int:
    """Return how many postcodes of loads lie about that are no longer, or were never, asked."""
    return (
        session.scalar(
            select(func.coalesce(func.sum(PostcodeEdition.postcodes), 0)).where(
                PostcodeEdition.id < NEWEST
            )
        )
        or 0
    )


def clear_older(db: Database, *, progress: Progress) -> None:
    """Delete what older and broken-off loads wrote; `progress` is told of postcodes."""
    while True:
        with db.writing() as session:
            edition_id = session.scalar(select(func.min(PostcodeEdition.id)))
            newest = session.scalar(select(NEWEST))
            if edition_id is None or newest is None or edition_id >= newest:
                return
            progress(clear_some(session, edition_id))


def clear_some(session: Session, edition_id: int) -> int:
    """Delete some postcodes of an edition, at last the edition itself; return how many."""
    some = (
        select(KnownPostcode.postcode)
        .where(KnownPostcode.edition_id == edition_id)
        .order_by(KnownPostcode.postcode)
        .limit(AT_ONCE)
    )
    gone = session.scalars(
        delete(KnownPostcode)
        .where(KnownPostcode.edition_id == edition_id, KnownPostcode.postcode.in_(some))
        .returning(KnownPostcode.postcode)
    ).all()
    if len(gone) < AT_ONCE:
        session.execute(delete(PostcodePart).where(PostcodePart.edition_id == edition_id))
        session.execute(delete(PostcodeEdition).where(PostcodeEdition.id == edition_id))
    return len(gone)
