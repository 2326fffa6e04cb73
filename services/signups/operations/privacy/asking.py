"""Asking what is kept of oneself: the links come by mail, and only to who is known."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from shared import messages
from shared.limits import Limit, count, network_of
from shared.outbox import tell
from shared.refusals import TooMany

from ... import links, rules
from ...models import Group, Person
from ...rules.privacy import LINK_LASTS

LINKS_PER_HOUR = 3
HOUR = timedelta(hours=1)


def request_privacy_links(session: Session, email: str, *, ip: str = "", now: datetime) -> None:
    """Have a link for each group that knows an address mailed to it; an unknown one gets nothing.

    More than three requests an hour for one address are passed over without a word; far too many
    from one network address raise TooMany.
    """
    settings = links.settings_of(session)
    address = rules.normalise_email(email)
    if ip:
        by_ip = Limit("privacy ip", network_of(ip), settings.signups_per_ip_hour, HOUR)
        if count(session, [by_ip], key=settings.secret_key, now=now) > 1:
            raise TooMany
    limit = Limit("privacy", address, LINKS_PER_HOUR, HOUR)
    allowed = count(session, [limit], key=settings.secret_key, now=now) <= 1
    found = _people_at(session, address)
    if not allowed or not found:
        return
    until = now + LINK_LASTS
    request = messages.PrivacyRequested(
        request_id=str(uuid.uuid4()),
        expires_at=until,
        person=messages.PrivacySeeker(
            first_name=rules.first_name(found[0].name),
            email=address,
            links=tuple(_link_for(session, person, until=until) for person in found),
        ),
    )
    tell(session, request, now=now)


def _people_at(session: Session, address: str) -> Sequence[Any]:
    """Return who has an address; of entries that were merged the one that stayed."""
    owners = select(func.coalesce(Person.merged_into, Person.id)).where(Person.email == address)
    return session.execute(
        select(Person.id, Person.name, Person.group_id, Group.name.label("group_name"))
        .join(Group, Group.id == Person.group_id)
        .where(Person.id.in_(owners))
        .order_by(Person.id)
    ).all()


def _link_for(session: Session, person: Row[Any], *, until: datetime) -> messages.PrivacyLink:
    return messages.PrivacyLink(
        person_id=person.id,
        group_id=person.group_id,
        group_name=person.group_name,
        name=person.name,
        link=links.privacy_link(session, person.id, until=until),
    )
