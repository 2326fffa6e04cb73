"""Making notices to organisers: how to come in, and what waits for their answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.database import insert
from shared.messages import Addressee, MembershipChanged, SignInRequested, SignInSeeker

from ..mail.letters import Contact
from ..models import Group, Organiser
from ..rules import truth
from .notices import make_notice


def addressed_to(person: Addressee | SignInSeeker, **said: str) -> dict[str, Any]:
    """Return the columns of a notice to an organiser that has a link, and says what is `said`."""
    details = {"name": person.name, "link": person.link, **said}
    return {"recipient": person.email, "details": details}


def tell_way_in(session: Session, message: SignInRequested, *, now: datetime) -> None:
    """Make the notice with a link and a code to sign in; heard of too late it has neither."""
    columns = addressed_to(message.person, code=message.person.code)
    if message.expires_at > now:
        columns["expires_at"] = message.expires_at
    else:
        columns |= {"details": {}, "state": "missed", "reason": truth.EXPIRED, "due_at": None}
    make_notice(session, "sign_in", message.subject, 0, now=now, **columns)


def keep_organiser(session: Session, message: MembershipChanged) -> None:
    """Keep where somebody is reached who has a role, unless something newer is known.

    Of who has none any more, nothing but that is kept.
    """
    person = message.person
    row = {
        "organiser_id": message.organiser_id,
        "group_id": message.group_id,
        "revision": message.revision,
        "role": message.role,
        "name": person.name if person else "",
        "email": person.email if person else "",
    }
    table: Any = Organiser.__table__
    new = insert(session, table).values(row)
    changes = {name: new.excluded[name] for name in ("revision", "role", "name", "email")}
    session.execute(
        new.on_conflict_do_update(
            index_elements=[table.c.organiser_id, table.c.group_id],
            set_=changes,
            where=new.excluded.revision > table.c.revision,
        )
    )


def list_owners(session: Session, group: Group) -> list[Contact]:
    """Return whom to tell of what waits too long: a group's owners, or its contact."""
    owners = session.execute(
        select(Organiser.name, Organiser.email)
        .where(Organiser.group_id == group.id, Organiser.role == "owner", Organiser.email != "")
        .order_by(Organiser.organiser_id)
    ).all()
    found = [Contact(owner.name, owner.email) for owner in owners]
    return found or [Contact(group.contact_name, group.contact_email)]


def find_address(session: Session, organiser_id: int | None) -> str:
    """Return where an organiser is reached; nothing when that was never told."""
    known = select(Organiser.email).where(
        Organiser.organiser_id == organiser_id, Organiser.email != ""
    )
    return session.scalars(known.order_by(Organiser.revision.desc()).limit(1)).first() or ""
