"""Limits shared by all processes: counters in the service's database, one row a key and window."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from shared.database import delete_where, dialect_of, insert_for
from shared.tables import COUNTERS


@dataclass(frozen=True)
class Limit:
    """At most `most` times per `window` for what `kind` and `subject` name."""

    kind: str
    subject: str
    most: int
    window: timedelta


def count(session: Session, limits: Sequence[Limit], *, key: str, now: datetime) -> float:
    """Count one use against all `limits` and return how far the fullest one is used.

    1.0 is all of it, more is too much; without limits it is 0. Only an HMAC of the subject under
    `key` is stored, so that the table names nobody.
    """
    rows = {_row_key(limit, key=key, now=now): limit for limit in limits}
    if not rows:
        return 0.0
    # In the order of their keys, so that two requests never wait for each other in a circle.
    new = [
        {"key": k, "count": 1, "ends_at": _window_start(rows[k], now) + rows[k].window}
        for k in sorted(rows)
    ]
    counted = session.execute(_count_once(dialect_of(session)), new).all()
    return max(float(used) / rows[row_key].most for row_key, used in counted)


def network_of(ip: str) -> str:
    """Return whose network address it is: of IPv6 each household has 2**64 (RFC 6177)."""
    try:
        found = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if found.version == 4 or found.ipv4_mapped:
        return ip
    return str(ipaddress.ip_network((found, 64), strict=False))


@cache
def _count_once(dialect: str) -> Any:
    upsert = insert_for(dialect, COUNTERS).on_conflict_do_update(
        index_elements=["key"], set_={"count": COUNTERS.c.count + 1}
    )
    return upsert.returning(COUNTERS.c.key, COUNTERS.c.count)


def forget_ended(session: Session, now: datetime) -> None:
    """Delete the counters of windows that are over."""
    delete_where(session, COUNTERS, COUNTERS.c.ends_at < now)


def _window_start(limit: Limit, now: datetime) -> datetime:
    seconds = int(limit.window.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


def _row_key(limit: Limit, *, key: str, now: datetime) -> str:
    window = int(limit.window.total_seconds())
    text = f"{limit.kind}\0{limit.subject}\0{window}\0{_window_start(limit, now).isoformat()}"
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
