"""The notes of erasures: in the database, and in a file that no restore of the databases undoes."""

from __future__ import annotations

import fcntl
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import messages
from shared.outbox import tell

from ... import links
from ...models import Erasure

NAME = "erasures.jsonl"


@dataclass(frozen=True, kw_only=True)
class Noted:
    """An erasure as it is noted: numbers, and HMACs of addresses."""

    id: uuid.UUID
    at: datetime
    person_ids: tuple[int, ...]
    signup_ids: tuple[int, ...]
    addresses: tuple[str, ...]


def append(session: Session, erasure: Noted) -> None:
    """Write an erasure to the end of the file; it is on the disk on return."""
    path = path_of_file(session)
    if path is None:
        return
    line = json.dumps(asdict(erasure), default=str, separators=(",", ":")) + "\n"
    opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # Several processes write here; who died in the middle of a line shall not spoil the next.
        fcntl.flock(opened, fcntl.LOCK_EX)
        size = os.fstat(opened).st_size
        torn = size > 0 and os.pread(opened, 1, size - 1) != b"\n"
        os.write(opened, ("\n" if torn else "").encode() + line.encode())
        os.fsync(opened)
    finally:
        os.close(opened)


def tell_erased(session: Session, erasure: Noted, *, now: datetime) -> None:
    """Keep the erasure here until the other services have answered, and tell them."""
    columns = {name: list(getattr(erasure, name)) for name in LISTS}
    session.add(Erasure(id=erasure.id, at=erasure.at, **columns))
    session.flush()
    told = messages.PersonErased(
        erasure_id=str(erasure.id), **{name: getattr(erasure, name) for name in LISTS}
    )
    tell(session, told, now=now)


LISTS = ("person_ids", "signup_ids", "addresses")


def read_file(session: Session) -> Iterator[Noted]:
    """Yield what the file notes, oldest first; a torn line is passed over."""
    path = path_of_file(session)
    if path is None or not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            kept = json.loads(line)
            yield Noted(
                id=uuid.UUID(kept["id"]),
                at=datetime.fromisoformat(kept["at"]),
                **{name: tuple(kept[name]) for name in LISTS},
            )
        except (ValueError, KeyError, TypeError):
            continue


def path_of_file(session: Session) -> Path | None:
    """Return where the file is; None where the settings name no place for it."""
    settings = links.settings_of(session)
    if settings.erasures_path:
        return Path(settings.erasures_path)
    return Path(settings.data, NAME) if settings.data else None


def list_erasures(session: Session) -> list[dict[str, Any]]:
    """Return all erasures, oldest first, with what became of each; numbers only."""
    known = {erasure.id: erasure for erasure in session.scalars(select(Erasure))}
    rows = [
        _row(erasure.at, erasure, "done" if _is_done(erasure) else "waits for the other services")
        for erasure in known.values()
    ]
    rows += [
        _row(noted.at, noted, "to be applied")
        for noted in read_file(session)
        if noted.id not in known
    ]
    return sorted(rows, key=lambda row: (row["at"], row["id"]))


def _is_done(erasure: Erasure) -> bool:
    return erasure.events_done_at is not None and erasure.notifications_done_at is not None


def _row(at: datetime, erasure: Erasure | Noted, state: str) -> dict[str, Any]:
    return {
        "id": str(erasure.id),
        "at": at.isoformat(timespec="seconds"),
        "people": len(erasure.person_ids),
        "sign-ups": len(erasure.signup_ids),
        "state": state,
    }
