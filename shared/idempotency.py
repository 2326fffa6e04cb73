"""Repeated requests: the same key gets the first answer, and with another body it is refused.

After the IETF draft "The Idempotency-Key HTTP Header Field": 422 for another body, 409 while the
first request is still running. Answers are kept for 24 hours.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shared.database import delete_where, dialect_of, insert_for, is_lock_timeout
from shared.tables import IDEMPOTENCY_KEYS

KEPT = timedelta(hours=24)
REMEMBER = update(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.key == bindparam("row_key"))


class OtherBody(Exception):
    """This Idempotency-Key was used before with another body; use a new key for a new request."""


class StillRunning(Exception):
    """The first request with this Idempotency-Key is still running; try again in a moment."""


def once(
    session: Session, key: str, body: object, work: Callable[[], dict[str, Any]], *, now: datetime
) -> dict[str, Any]:
    """Do `work` and remember its answer under `key`, or return the answer that is there already.

    `key` should name the client too; `body` is whatever the request asked for, as JSON says it.
    Everything happens in the session's transaction: a request that fails leaves no trace, and a
    second one with the same key waits for the first. Raises OtherBody and StillRunning.
    """
    row_key = _sign(session, key)
    fingerprint = _sign(session, json.dumps(body, sort_keys=True, default=str))
    if not _claim(session, row_key, fingerprint, now=now):
        return _first_answer(session, row_key, fingerprint)
    answer = work()
    session.execute(REMEMBER, {"row_key": row_key, "answer": json.dumps(answer, default=str)})
    return answer


def forget_old(session: Session, now: datetime) -> None:
    """Delete answers older than 24 hours."""
    delete_where(session, IDEMPOTENCY_KEYS, IDEMPOTENCY_KEYS.c.created_at < now - KEPT)


def _sign(session: Session, text: str) -> str:
    """Return an HMAC under the service's secret: of a body nobody finds out what it said."""
    secret: str = session.info["settings"].secret_key
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _claim(session: Session, row_key: str, fingerprint: str, *, now: datetime) -> bool:
    row = {"key": row_key, "fingerprint": fingerprint, "created_at": now}
    try:
        return session.execute(_add(dialect_of(session)), row).one_or_none() is not None
    except DBAPIError as error:
        # The row of the first request is locked until that request ends.
        if is_lock_timeout(error):
            raise StillRunning(StillRunning.__doc__) from error
        raise


@cache
def _add(dialect: str) -> Any:
    new = insert_for(dialect, IDEMPOTENCY_KEYS).on_conflict_do_nothing()
    return new.returning(IDEMPOTENCY_KEYS.c.key)


def _first_answer(session: Session, row_key: str, fingerprint: str) -> dict[str, Any]:
    first = session.execute(select(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.key == row_key)).one()
    if first.fingerprint != fingerprint:
        raise OtherBody(OtherBody.__doc__)
    answer: dict[str, Any] = json.loads(first.answer)
    return answer
