"""New groups that ask to join: asked by anybody, decided by an administrator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypedDict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shared import messages, outbox
from shared.limits import Limit, count, network_of
from shared.refusals import NotThere
from shared.tables import MEMBERSHIPS, NETWORK

from ..models import Group, JoinRequest, Organiser
from ..rules import groups as rules
from . import audit
from .groups import create_group
from .linking import link_to, settings_of
from .organisers import admit_owner
from .stored import fits

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
KEPT = timedelta(days=90)
"""How long a request is kept after it was decided."""

PER_ADDRESS = 3
PER_IP = 5
ALTOGETHER = 50
COPIED = ("name", "about", "contact_name", "contact_email", "privacy_url", "imprint")


class JoinDetails(TypedDict):
    """What a new group told of itself."""

    name: str
    area: str
    about: str
    contact_name: str
    contact_email: str
    privacy_url: str
    imprint: str


def request_to_join(
    session: Session, details: JoinDetails, *, ip: str, now: datetime
) -> JoinRequest | None:
    """Keep the request and tell every administrator of it; nothing where a limit is reached.

    An address asks three times a day at most, and a network address five times, so that nobody
    floods the administrators.
    """
    limits = [
        Limit("join address", details["contact_email"].casefold(), PER_ADDRESS, DAY),
        Limit("join ip", network_of(ip), PER_IP, DAY),
        Limit("join", "", ALTOGETHER, HOUR),
    ]
    if count(session, limits, key=settings_of(session).session_key, now=now) > 1:
        return None
    request = JoinRequest(state="asked", asked_at=now, **details)
    session.add(request)
    session.flush()
    for administrator in list_administrators(session):
        tell_administrator(session, request, administrator, now=now)
    note(session, "request.made", request, now=now)
    return request


def approve_request(session: Session, request_id: int, *, now: datetime) -> Group:
    """Found the group, make whoever asked its owner, and tell them how to begin."""
    request = find_request(session, request_id, lock=True)
    rules.check_undecided(request.state)
    details: Any = {column: getattr(request, column) for column in COPIED}
    group = create_group(session, details | {"signup_notices": "at_once"}, now=now)
    admit_owner(session, group.id, request.contact_email, name=request.contact_name, now=now)
    request.state, request.decided_at, request.group_id = "approved", now, group.id
    link = link_to(session, f"/organise/groups/{group.id}/start")
    outbox.tell(
        session,
        messages.GroupApproved(group_id=group.id, **facts_of(request, link)),
        now=now,
    )
    note(session, "request.approved", request, now=now)
    return group


def decline_request(
    session: Session, request_id: int, *, reason: str, now: datetime
) -> JoinRequest:
    """Turn the request down; the reason goes to whoever asked."""
    request = find_request(session, request_id, lock=True)
    rules.check_undecided(request.state)
    request.state, request.decided_at, request.reason = "declined", now, reason
    session.flush()
    link = link_to(session, "/groups/join")
    outbox.tell(session, messages.GroupDeclined(reason=reason, **facts_of(request, link)), now=now)
    note(session, "request.declined", request, now=now, details=reason)
    return request


def list_requests(session: Session, *, waiting: bool) -> Sequence[JoinRequest]:
    """Return what waits for a decision, the oldest first; or the last that were decided."""
    if waiting:
        asked = select(JoinRequest).where(JoinRequest.state == "asked").order_by(JoinRequest.id)
    else:
        asked = (
            select(JoinRequest)
            .where(JoinRequest.state != "asked")
            .order_by(JoinRequest.decided_at.desc(), JoinRequest.id.desc())
            .limit(50)
        )
    return session.scalars(asked).all()


def forget_decided(session: Session, now: datetime) -> None:
    """Delete requests some time after they were decided: an approved group has its own contact."""
    session.execute(delete(JoinRequest).where(JoinRequest.decided_at < now - KEPT))


def find_request(session: Session, request_id: int, *, lock: bool = False) -> JoinRequest:
    """Return a request, locked if it is to be decided."""
    found = session.get(JoinRequest, request_id, with_for_update=lock) if fits(request_id) else None
    if found is None:
        raise NotThere
    return found


def list_administrators(session: Session) -> Sequence[Organiser]:
    """Return those who look after the network."""
    return session.scalars(
        select(Organiser)
        .join(MEMBERSHIPS, MEMBERSHIPS.c.organiser_id == Organiser.id)
        .where(MEMBERSHIPS.c.group_id == NETWORK, MEMBERSHIPS.c.role == "administrator")
        .order_by(Organiser.id)
    ).all()


def tell_administrator(
    session: Session, request: JoinRequest, administrator: Organiser, *, now: datetime
) -> None:
    """Tell one administrator that a group waits for a decision."""
    outbox.tell(
        session,
        messages.GroupRequested(
            request_id=request.id,
            group_name=request.name,
            organiser_id=administrator.id,
            area=request.area,
            person=messages.Addressee(
                name=administrator.name,
                email=administrator.email,
                link=link_to(session, f"/organise/joining/{request.id}"),
            ),
        ),
        now=now,
    )


def facts_of(request: JoinRequest, link: str) -> dict[str, Any]:
    """Return what every answer to a request says."""
    person = messages.Addressee(name=request.contact_name, email=request.contact_email, link=link)
    return {"request_id": request.id, "group_name": request.name, "person": person}


def note(
    session: Session, action: str, request: JoinRequest, *, now: datetime, details: str = ""
) -> None:
    """Note in the network's trail what became of a request."""
    about = audit.About("join request", request.id, request.name, request.group_id)
    audit.note(session, action, about, now=now, details=details)
