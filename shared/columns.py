"""What columns are made of: types and conditions that mean the same on PostgreSQL and SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData
from sqlalchemy.types import TypeDecorator

BigKey = BigInteger().with_variant(Integer, "sqlite")
"""Ids and revisions: SQLite numbers rows by itself only in a column of type INTEGER."""

LARGEST_ID = 2**63 - 1
"""What a column of ids holds; databases refuse to look for a larger number."""


def new_metadata() -> MetaData:
    """Return a MetaData whose constraints have the names that migrations expect."""
    return MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def one_of(column: str, words: Iterable[str]) -> str:
    """Return the SQL condition that `column` holds one of `words`."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in UTC going in and coming out, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
