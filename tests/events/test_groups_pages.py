"""The public's pages of groups: the list, one group, and asking to join."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from services.events.models import JoinRequest
from services.events.operations import groups
from shared.database import Database
from tests.events.making import NOW, make_group
from tests.events.organising import text_of

ASKED = {
    "name": "River Friends",
    "area": "Newark",
    "about": "We keep the river clean.",
    "contact_name": "Kim Example",
    "contact_email": "kim@river.example",
    "privacy_url": "https://river.example/privacy",
    "imprint": "Promoted by K. Example on behalf of River Friends, 1 Example Street",
}


@pytest.fixture(autouse=True)
def _knows_settings(app: Flask, db: Database) -> None:
    db.info["settings"] = app.config["SETTINGS"]


def count_asked(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(JoinRequest)) or 0


def test_without_any_group_the_list_invites_to_be_the_first(visitor: FlaskClient) -> None:
    answer = visitor.get("/groups")
    assert answer.status_code == 200
    assert "No groups yet" in text_of(answer)
    assert "/groups/join" in text_of(answer)


def test_groups_are_listed_and_found_by_name_and_area(visitor: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        make_group(session, name="Fosse Neighbours", constituencies=["Lincoln"])
        make_group(session, name="River Friends")
    assert "Fosse Neighbours" in text_of(visitor.get("/groups"))
    found = text_of(visitor.get("/groups?q=lincoln"))
    assert "Fosse Neighbours" in found
    assert "River Friends" not in found
    assert "No group of that name" in text_of(visitor.get("/groups?q=%3Cxyz%3E"))


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=99999999", "q=%00", "q=" + "x" * 101])
def test_a_wrong_search_of_groups_is_named(visitor: FlaskClient, query: str) -> None:
    answer = visitor.get(f"/groups?{query}")
    assert answer.status_code == 400
    assert "There is a problem" in text_of(answer)


def test_a_group_shows_its_profile(visitor: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        parent = make_group(session, name="Fosse")
        group = make_group(
            session,
            name="Fosse Ward 1",
            about="We walk.\n\nWe talk.",
            website="https://fosse.example",
            constituencies=["Lincoln"],
            authorities=["North Kesteven"],
            area_postcode="LN2 1AA",
            area_miles=5,
            representative_name="Alex Example",
            representative_role="Candidate for Lincoln",
        )
        groups.move_group(session, group.id, parent_id=parent.id, now=NOW)
        number, above = group.id, parent.id
    shown = text_of(visitor.get(f"/groups/{number}"))
    for words in (
        "We talk.",
        "https://fosse.example",
        "/constituencies/Lincoln",
        "North Kesteven",
        "5 miles around LN2 1AA",
        "With Alex Example, Candidate for Lincoln",
        "1 Example Street",
        "https://fosse.example/privacy",
        f"/groups/{above}",
        f"/feeds/groups/{number}.ics",
    ):
        assert words in shown
    assert "Fosse Ward 1" in text_of(visitor.get(f"/groups/{above}"))


def test_a_page_that_has_not_changed_is_not_sent_again(visitor: FlaskClient) -> None:
    first = visitor.get("/groups")
    again = visitor.get("/groups", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_who_asks_to_join_is_thanked(visitor: FlaskClient, db: Database) -> None:
    assert "Bring your group" in text_of(visitor.get("/groups/join"))
    answer = visitor.post("/groups/join", data=ASKED)
    assert (answer.status_code, answer.location) == (303, "/groups/join/asked")
    assert "Thank you" in text_of(visitor.get("/groups/join/asked"))
    assert count_asked(db) == 1


def test_a_machine_gets_the_same_answer_and_nothing_happens(
    visitor: FlaskClient, db: Database
) -> None:
    answer = visitor.post("/groups/join", data={**ASKED, "fax": "1"})
    assert (answer.status_code, answer.location) == (303, "/groups/join/asked")
    assert count_asked(db) == 0


def test_a_flood_gets_the_same_answer_and_is_not_kept(visitor: FlaskClient, db: Database) -> None:
    answers = {visitor.post("/groups/join", data=ASKED).location for _ in range(5)}
    assert answers == {"/groups/join/asked"}
    assert count_asked(db) == 3


@pytest.mark.parametrize(
    "field, typed",
    [
        *((field, "") for field in ASKED if field != "imprint"),
        ("contact_email", "kim"),
        ("privacy_url", "river"),
        ("name", "x" * 121),
    ],
)
def test_each_error_of_a_request_stands_beside_its_field(
    visitor: FlaskClient, field: str, typed: str
) -> None:
    answer = visitor.post("/groups/join", data={**ASKED, field: typed})
    assert answer.status_code == 400
    shown = text_of(answer)
    assert f'id="field-{field}-error"' in shown
    assert f'href="#field-{field}"' in shown
    assert "https://river.example/privacy" in shown or field == "privacy_url"


@pytest.mark.parametrize("path", ["/groups/4711", "/groups/99999999999999999999", "/groups/0"])
def test_a_group_that_is_not_there_is_404(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(path).status_code == 404
