"""Asking a group: a row and a mail to its contact; a machine's form waits for a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shared import addresses, signing
from shared.database import insert
from shared.limits import Limit, count, network_of
from shared.refusals import NotThere, TooMany

from ...config import Settings
from ...models import Enquiry, Event, Group
from ...rules import enquiries as rules
from ..belonging import find
from ..notices import make_notice

HOUR = timedelta(hours=1)
PER_ADDRESS, PER_NETWORK, PER_GROUP = 3, 10, 60
"""Enquiries in an hour; more look like a machine's."""

FLOOD_FACTOR = 5
"""How far a limit may be passed before forms are refused rather than kept for a look."""


@dataclass(frozen=True)
class Asked:
    """Whom a contact form is for: a group, perhaps about one of its events."""

    group: Group
    event: Event | None = None

    @property
    def about(self) -> str:
        """Return what it is about, by its name."""
        return self.event.title if self.event else self.group.name

    @property
    def purpose(self) -> str:
        """Return what the form's token is good for."""
        return f"contact form of event {self.event.id}" if self.event else self._of_group

    @property
    def _of_group(self) -> str:
        return f"contact form of group {self.group.id}"


def find_asked(
    session: Session, *, group_id: int | None = None, event_id: int | None = None
) -> Asked:
    """Return whom a contact form is for. Raises NotThere."""
    if event_id is None:
        return Asked(find(session, Group, group_id or 0))
    event: Event = find(session, Event, event_id)
    return Asked(session.get_one(Group, event.group_id), event)


def sign_form(session: Session, asked: Asked, *, now: datetime) -> str:
    """Return the token of a contact form that is shown now."""
    return signing.sign_form(key=_key(session), purpose=asked.purpose, now=now)


def is_fresh(session: Session, asked: Asked, token: str, *, now: datetime) -> bool:
    """Tell whether a form is one of ours, and was shown not too long ago."""
    try:
        shown = signing.read_form(token, key=_key(session), purpose=asked.purpose)
    except NotThere:
        return False
    return now <= shown.shown_at + rules.FORM_LASTS


def ask(
    session: Session, asked: Asked, typed: Mapping[str, Any], *, ip: str, now: datetime
) -> None:
    """Keep what somebody asks, and tell the group's contact; the same form twice is one enquiry.

    What looks like a machine's is kept for a look and mailed to nobody. `typed` is a form whose
    token is fresh. Raises TooMany.
    """
    token = signing.read_form(typed["form_token"], key=_key(session), purpose=asked.purpose)
    suspicion = _count(session, asked, typed["email"], ip, now=now) or rules.why_suspect(
        hidden=typed["website"],
        words=typed["words"],
        took=now - token.shown_at,
        least=timedelta(seconds=_settings(session).form_seconds),
    )
    row = {
        "nonce": token.nonce,
        "group_id": asked.group.id,
        "event_id": asked.event.id if asked.event else None,
        "name": typed["name"],
        "email": typed["email"],
        "words": typed["words"],
        "state": "suspect" if suspicion else "open",
        "suspicion": suspicion,
        "asked_at": now,
        "done_by": "",
    }
    table: Any = Enquiry.__table__
    added = insert(session, table).values(row).on_conflict_do_nothing().returning(table.c.id)
    enquiry_id = session.execute(added).scalar_one_or_none()
    if enquiry_id is not None and not suspicion:
        tell_contact(session, enquiry_id, asked.group.id, now=now)


def tell_contact(session: Session, enquiry_id: int, group_id: int, *, now: datetime) -> None:
    """Tell the contact what somebody asks."""
    make_notice(
        session,
        "enquiry",
        f"enquiry/{enquiry_id}",
        0,
        now=now,
        group_id=group_id,
        details={"enquiry_id": enquiry_id},
    )


def _count(session: Session, asked: Asked, email: str, ip: str, *, now: datetime) -> str:
    """Count a form against all limits; return which of them it passes. Raises TooMany."""
    limits = {
        "many from one address": Limit(
            "enquiry address", addresses.mailbox_of(email), PER_ADDRESS, HOUR
        ),
        "many from one network address": Limit(
            "enquiry network", network_of(ip), PER_NETWORK, HOUR
        ),
        "many to one group": Limit("enquiry group", str(asked.group.id), PER_GROUP, HOUR),
    }
    strains = {
        words: count(session, [limit], key=_key(session), now=now)
        for words, limit in limits.items()
    }
    if max(strains.values()) > FLOOD_FACTOR:
        raise TooMany
    return next((words for words, strain in strains.items() if strain > 1), "")


def _key(session: Session) -> str:
    return _settings(session).address_key


def _settings(session: Session) -> Settings:
    settings: Settings = session.info["settings"]
    return settings
