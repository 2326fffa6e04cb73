"""New groups that ask to join: who is told, and what an answer brings about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events.config import Settings
from services.events.models import AuditEntry, JoinRequest
from services.events.operations import joining, organisers
from services.events.rules import groups as rules
from shared.database import Database
from shared.messages import GroupApproved, GroupDeclined, GroupRequested, MembershipChanged
from shared.refusals import NotThere
from tests.entering import SESSION_KEY, SESSION_PUBLIC_KEY
from tests.events.making import LATER, NOW, forget_told, told
from tests.events.organising import organiser_of, text_of
from tests.events.test_groups_pages import ASKED


@pytest.fixture
def session(session: Session) -> Session:
    """Return a session that knows the settings of its process."""
    session.info["settings"] = Settings(
        database_url="sqlite://",
        public_url="https://muster.example",
        session_key=SESSION_KEY,
        session_public_key=SESSION_PUBLIC_KEY,
    )
    return session


def ask(session: Session, **typed: Any) -> JoinRequest:
    details: Any = {**ASKED, **typed}
    asked = joining.request_to_join(session, details, ip="192.0.2.1", now=NOW)
    assert asked is not None
    return asked


def test_every_administrator_is_told_of_a_request(session: Session) -> None:
    for name in ("ada", "bob"):
        organisers.add_administrator(session, f"{name}@muster.example", name=name, now=NOW)
    forget_told(session)
    asked = ask(session)
    messages = told(session)
    assert [type(message) for message in messages] == [GroupRequested, GroupRequested]
    assert {message.person.email for message in messages} == {  # type: ignore[attr-defined]
        "ada@muster.example",
        "bob@muster.example",
    }
    first = messages[0]
    assert isinstance(first, GroupRequested)
    assert (first.group_name, first.area) == ("River Friends", "Newark")
    assert first.person.link == f"https://muster.example/organise/joining/{asked.id}"


def test_approval_makes_a_group_whose_owner_is_who_asked(session: Session) -> None:
    asked = ask(session)
    forget_told(session)
    group = joining.approve_request(session, asked.id, now=LATER)
    assert (group.name, group.about, group.imprint) == (
        ASKED["name"],
        ASKED["about"],
        ASKED["imprint"],
    )
    (owner,) = organisers.list_organisers(session, group.id)
    assert (owner.email, owner.role) == ("kim@river.example", "owner")
    messages = told(session)
    (membership,) = [one for one in messages if isinstance(one, MembershipChanged)]
    assert (membership.group_id, membership.role) == (group.id, "owner")
    (approved,) = [one for one in messages if isinstance(one, GroupApproved)]
    assert approved.person.link == f"https://muster.example/organise/groups/{group.id}/start"
    assert asked.state == "approved"
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[0] == "request.made"
    assert "request.approved" in actions


def test_a_decline_carries_its_reason_to_who_asked(session: Session) -> None:
    asked = ask(session)
    forget_told(session)
    joining.decline_request(session, asked.id, reason="Please join Fosse.", now=LATER)
    (declined,) = told(session)
    assert isinstance(declined, GroupDeclined)
    assert (declined.reason, declined.person.email) == ("Please join Fosse.", "kim@river.example")


def test_nothing_is_decided_twice(session: Session) -> None:
    approved, declined = ask(session), ask(session, contact_email="lee@river.example")
    joining.approve_request(session, approved.id, now=LATER)
    joining.decline_request(session, declined.id, reason="No.", now=LATER)
    with pytest.raises(rules.RequestWasApproved):
        joining.approve_request(session, approved.id, now=LATER)
    with pytest.raises(rules.RequestWasApproved):
        joining.decline_request(session, approved.id, reason="No.", now=LATER)
    with pytest.raises(rules.RequestWasDeclined):
        joining.approve_request(session, declined.id, now=LATER)
    with pytest.raises(NotThere):
        joining.approve_request(session, 4711, now=LATER)


def test_an_address_asks_three_times_a_day_at_most(session: Session) -> None:
    details: Any = ASKED
    asked = [
        joining.request_to_join(session, details, ip=f"192.0.2.{number}", now=NOW)
        for number in range(4)
    ]
    assert [one is not None for one in asked] == [True, True, True, False]


@pytest.mark.parametrize("network", ["192.0.2.1", "2001:db8::{}"])
def test_a_network_asks_five_times_a_day_at_most(session: Session, network: str) -> None:
    asked = []
    for number in range(6):
        details: Any = {**ASKED, "contact_email": f"kim{number}@river.example"}
        ip = network.format(number)
        asked.append(joining.request_to_join(session, details, ip=ip, now=NOW))
    assert [one is not None for one in asked] == [True] * 5 + [False]


def test_a_request_is_forgotten_three_months_after_its_answer(session: Session) -> None:
    decided, waiting = ask(session), ask(session, contact_email="lee@river.example")
    joining.approve_request(session, decided.id, now=NOW)
    joining.forget_decided(session, NOW + joining.KEPT)
    assert joining.list_requests(session, waiting=False) == [decided]
    joining.forget_decided(session, NOW + joining.KEPT + timedelta(seconds=1))
    assert joining.list_requests(session, waiting=False) == []
    assert joining.list_requests(session, waiting=True) == [waiting]


def test_administrators_see_who_waits_and_let_them_in(app: Flask, db: Database) -> None:
    administrator = organiser_of(app, db)
    assert "Nobody is waiting" in text_of(administrator.get("/organise/joining"))
    administrator.post("/groups/join", data=ASKED)
    assert "River Friends" in text_of(administrator.get("/organise/joining"))
    page = text_of(administrator.get("/organise/joining/1"))
    assert "We keep the river clean." in page
    assert "kim@river.example" in page
    answer = administrator.post("/organise/joining/1/approve")
    assert (answer.status_code, answer.location) == (303, "/organise/joining/1")
    assert "This group was let in" in text_of(administrator.get("/organise/joining/1"))
    again = administrator.post("/organise/joining/1/approve")
    assert again.status_code == 409
    assert "This request was approved already." in text_of(again)
    with db.reading() as session:
        assert joining.list_requests(session, waiting=True) == []


def test_a_decline_needs_a_reason(app: Flask, db: Database) -> None:
    administrator = organiser_of(app, db)
    administrator.post("/groups/join", data=ASKED)
    answer = administrator.post("/organise/joining/1/decline", data={"reason": " "})
    assert answer.status_code == 400
    assert 'id="field-reason-error"' in text_of(answer)
    administrator.post("/organise/joining/1/decline", data={"reason": "Join Fosse."})
    page = text_of(administrator.get("/organise/joining/1"))
    assert "This group was declined" in page
    assert "Join Fosse." in page
    assert "Decided of late" in text_of(administrator.get("/organise/joining"))


def test_nobody_else_sees_who_asks(app: Flask, db: Database) -> None:
    organiser_of(app, db).post("/groups/join", data=ASKED)
    owner = organiser_of(app, db, (1, "owner"), organiser_id=2)
    for path in ("/organise/joining", "/organise/joining/1"):
        assert owner.get(path).status_code in (403, 404)
    assert owner.post("/organise/joining/1/approve").status_code in (403, 404)
