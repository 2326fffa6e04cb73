"""Organisers of a group and administrators of the network, as they invite and remove each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from services.events.models import AuditEntry
from services.events.operations import organisers
from services.events.rules import access as rules
from shared import messages
from shared.access import NETWORK
from shared.database import Database
from tests.entering import SignedInClient, signed_in
from tests.events.making import make_group, told
from tests.events.organising import organiser_of

KIM = {"email": "Kim@Fosse.example", "name": "Kim Example", "role": "organiser"}


ME = 1001
"""The number of the first organiser of these tests."""


@pytest.fixture
def group(db: Database) -> int:
    with db.writing() as session:
        return make_group(session).id


@pytest.fixture
def owner(app: Flask, db: Database, group: int) -> SignedInClient:
    return organiser_of(app, db, (group, "owner"))


def members(db: Database, group_id: int) -> dict[str, str]:
    with db.reading() as session:
        found = organisers.list_organisers(session, group_id)
        return {member.email: member.role for member in found}


def number_of(db: Database, email: str) -> int:
    with db.reading() as session:
        return organisers.find_organiser(session, email).id


def heard(db: Database, kind: type[Any]) -> list[Any]:
    with db.reading() as session:
        return [message for message in told(session) if isinstance(message, kind)]


def trail(db: Database) -> list[tuple[str, str, str, int | None]]:
    with db.reading() as session:
        return [
            (entry.actor, entry.action, entry.object_name, entry.group_id)
            for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
            if entry.object_kind == "organiser"
        ]


def test_who_is_invited_gets_the_role_and_a_mail(
    owner: SignedInClient, db: Database, group: int
) -> None:
    assert owner.post(f"/organise/groups/{group}/organisers", data=KIM).status_code == 303
    assert members(db, group)["kim@fosse.example"] == "organiser"
    (mail,) = heard(db, messages.OrganiserInvited)
    assert (mail.group_name, mail.role, mail.invited_by) == (
        "Fosse Neighbours",
        "organiser",
        "Organiser 1",
    )
    assert (mail.person.name, mail.person.email) == ("Kim Example", "kim@fosse.example")
    assert mail.person.link.endswith("/sign-in")
    changed = heard(db, messages.MembershipChanged)[-1]
    assert (changed.group_id, changed.role, changed.revision) == (group, "organiser", mail.revision)
    assert changed.person == messages.Organiser(name="Kim Example", email="kim@fosse.example")
    assert trail(db) == [("Organiser 1", "organiser.invited", "Kim Example", group)]


def test_nobody_is_invited_twice(owner: SignedInClient, db: Database, group: int) -> None:
    owner.post(f"/organise/groups/{group}/organisers", data=KIM)
    answer = owner.post(f"/organise/groups/{group}/organisers", data={**KIM, "role": "owner"})
    assert answer.status_code == 409
    assert members(db, group)["kim@fosse.example"] == "organiser"


def test_a_role_changes_and_ends(owner: SignedInClient, db: Database, group: int) -> None:
    owner.post(f"/organise/groups/{group}/organisers", data=KIM)
    root = f"/organise/groups/{group}/organisers/{number_of(db, 'kim@fosse.example')}"
    owner.post(f"{root}/role", data={"role": "viewer"})
    assert members(db, group)["kim@fosse.example"] == "viewer"
    owner.post(f"{root}/remove")
    assert "kim@fosse.example" not in members(db, group)
    told_roles = [(one.role, one.revision) for one in heard(db, messages.MembershipChanged)]
    assert [role for role, _ in told_roles] == ["organiser", "viewer", "none"]
    assert heard(db, messages.MembershipChanged)[-1].person is None
    assert sorted(told_roles, key=lambda one: one[1]) == told_roles
    assert [action for _, action, _, _ in trail(db)] == [
        "organiser.invited",
        "organiser.changed",
        "organiser.removed",
    ]


def test_who_was_removed_can_be_invited_again(
    owner: SignedInClient, db: Database, group: int
) -> None:
    owner.post(f"/organise/groups/{group}/organisers", data=KIM)
    kim = number_of(db, "kim@fosse.example")
    owner.post(f"/organise/groups/{group}/organisers/{kim}/remove")
    owner.post(f"/organise/groups/{group}/organisers", data=KIM)
    assert number_of(db, "kim@fosse.example") == kim


@pytest.mark.parametrize(
    "what, data", [("remove", {}), ("role", {"role": "viewer"}), ("role", {"role": "organiser"})]
)
def test_the_last_owner_stays(
    owner: SignedInClient, db: Database, group: int, what: str, data: dict[str, str]
) -> None:
    answer = owner.post(f"/organise/groups/{group}/organisers/{ME}/{what}", data=data)
    assert answer.status_code == 409
    assert "A group needs an owner" in answer.text
    assert list(members(db, group).values()) == ["owner"]


def test_an_owner_may_leave_when_another_stays(
    owner: SignedInClient, db: Database, group: int
) -> None:
    owner.post(f"/organise/groups/{group}/organisers", data={**KIM, "role": "owner"})
    answer = owner.post(f"/organise/groups/{group}/organisers/{ME}/remove")
    assert (answer.status_code, answer.location) == (303, "/organise")
    assert list(members(db, group)) == ["kim@fosse.example"]
    assert owner.get(f"/organise/groups/{group}/organisers").status_code in (303, 404)


def test_somebody_of_another_group_is_not_there(
    owner: SignedInClient, app: Flask, db: Database, group: int
) -> None:
    with db.writing() as session:
        other = make_group(session).id
    theirs = organiser_of(app, db, (other, "viewer"), organiser_id=9).organiser_id
    for what, data in (("remove", {}), ("role", {"role": "owner"})):
        answer = owner.post(f"/organise/groups/{group}/organisers/{theirs}/{what}", data=data)
        assert answer.status_code == 404
    assert list(members(db, other).values()) == ["viewer"]


@pytest.mark.parametrize(
    "field, typed", [("email", "kim"), ("email", ""), ("name", ""), ("role", "king"), ("role", "")]
)
def test_a_wrong_invitation_is_shown_again(
    owner: SignedInClient, db: Database, group: int, field: str, typed: str
) -> None:
    answer = owner.post(f"/organise/groups/{group}/organisers", data={**KIM, field: typed})
    assert answer.status_code == 400
    assert f"field-{field}-error" in answer.text
    assert len(members(db, group)) == 1


def test_viewers_see_who_organises_and_cannot_change_it(
    app: Flask, db: Database, group: int
) -> None:
    viewer = organiser_of(app, db, (group, "viewer"))
    page = viewer.get(f"/organise/groups/{group}/organisers").text
    assert "organiser1@fosse.example" in page
    assert "Invite somebody" not in page


def test_administrators_add_and_remove_each_other(app: Flask, db: Database) -> None:
    robin = organiser_of(app, db)
    added = {"email": "kim@fosse.example", "name": "Kim"}
    assert robin.post("/organise/network/administrators", data=added).status_code == 303
    kim = number_of(db, "kim@fosse.example")
    assert "kim@fosse.example" in robin.get("/organise/network").text
    assert robin.post(f"/organise/network/administrators/{kim}/remove").status_code == 303
    answer = robin.post(f"/organise/network/administrators/{ME}/remove")
    assert answer.status_code == 409
    assert "The network needs an administrator" in answer.text
    assert [entry[1:] for entry in trail(db)] == [
        ("administrator.added", "Kim", None),
        ("administrator.removed", "Kim", None),
    ]


def test_who_is_nothing_any_more_is_signed_out(
    owner: SignedInClient, app: Flask, db: Database, group: int
) -> None:
    owner.post(f"/organise/groups/{group}/organisers", data=KIM)
    kim = number_of(db, "kim@fosse.example")
    browser = signed_in(app, db, (group, "organiser"), organiser_id=kim)
    assert browser.get(f"/organise/groups/{group}/organisers").status_code == 200
    owner.post(f"/organise/groups/{group}/organisers/{kim}/remove")
    assert browser.get(f"/organise/groups/{group}/organisers").status_code == 404


def test_two_owners_who_leave_at_once_do_not_leave_the_group_alone(
    db: Database, group: int
) -> None:
    with db.writing() as session:
        now = db.now(session)
        both = [
            organisers.admit_owner(session, group, f"o{n}@fosse.example", name="O", now=now).id
            for n in range(2)
        ]

    def leave(organiser_id: int) -> str:
        try:
            with db.writing() as session:
                organisers.remove_organiser(session, group, organiser_id, now=db.now(session))
        except rules.LastOwner:
            return "stays"
        return "left"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(leave, both)) == ["left", "stays"]
    assert len(members(db, group)) == 1


def test_an_owner_of_a_new_group_is_admitted_without_a_mail(db: Database, group: int) -> None:
    with db.writing() as session:
        now = db.now(session)
        one = organisers.admit_owner(session, group, "Kim@fosse.example", name="Kim", now=now)
        again = organisers.admit_owner(session, group, "kim@fosse.example", name="K.", now=now)
        assert one.id == again.id
    assert members(db, group) == {"kim@fosse.example": "owner"}
    assert not heard(db, messages.OrganiserInvited)
    assert members(db, NETWORK) == {}
