"""A group as its organisers see it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from services.events.models import Group, PlaceName
from services.events.operations import groups
from shared.database import Database
from tests.events.making import LATER, make_draft, make_group
from tests.events.organising import organiser_of, text_of

PROFILE = "/organise/groups/1/profile"


@pytest.fixture(autouse=True)
def _has_a_group(db: Database) -> None:
    with db.writing() as session:
        make_group(session)


def typed(**changes: Any) -> dict[str, Any]:
    """Return the profile as its form sends it."""
    return {
        "name": "Fosse Neighbours",
        "contact_name": "Robin Example",
        "contact_email": "robin@fosse.example",
        "privacy_url": "https://fosse.example/privacy",
        "imprint": "Fosse Neighbours, 1 Example Street",
        "signup_notices": "at_once",
        **changes,
    }


def seen_in(page: str) -> str:
    """Return what the form's hidden field says was seen."""
    raw = page.split('name="seen" value="')[1].split('"')[0]
    return raw.replace("&#34;", '"').replace("&amp;", "&")


def stored(db: Database) -> Group:
    with db.reading() as session:
        group = session.get_one(Group, 1)
        _ = group.areas
        return group


def test_an_owner_changes_the_profile(app: Flask, db: Database) -> None:
    owner = organiser_of(app, db, (1, "owner"))
    page = text_of(owner.get(PROFILE))
    assert 'value="Fosse Neighbours"' in page
    sent = typed(
        seen=seen_in(page), about="We walk.", constituencies="Lincoln\r\nNewark", area_miles=""
    )
    answer = owner.post(PROFILE, data=sent)
    assert answer.status_code == 303
    assert "Saved." in text_of(owner.get(answer.location))
    assert (stored(db).about, stored(db).constituencies) == ("We walk.", ["Lincoln", "Newark"])


def test_what_both_changed_is_left_to_the_second(app: Flask, db: Database) -> None:
    owner = organiser_of(app, db, (1, "owner"))
    seen = seen_in(text_of(owner.get(PROFILE)))
    with db.writing() as session:
        details: Any = {"about": "They walk.", "website": "https://they.example"}
        groups.change_group(session, 1, details, now=LATER)
    answer = owner.post(PROFILE, data=typed(seen=seen, about="We walk.", imprint="New imprint"))
    page = text_of(answer)
    assert answer.status_code in (400, 409)
    assert "They walk." in page
    assert "We walk." in page
    assert "https://they.example" in page
    again = typed(
        seen=seen_in(page), about="We walk.", imprint="New imprint", website="https://they.example"
    )
    assert owner.post(PROFILE, data=again).status_code == 303
    group = stored(db)
    assert (group.about, group.website, group.imprint) == (
        "We walk.",
        "https://they.example",
        "New imprint",
    )


@pytest.mark.parametrize(
    "field, value",
    [
        ("name", ""),
        ("contact_email", "robin"),
        ("privacy_url", "here"),
        ("area_miles", "many"),
        ("embed_sites", "https://fosse.example/page"),
        ("signup_notices", "never"),
    ],
)
def test_each_error_of_the_profile_stands_beside_its_field(
    app: Flask, db: Database, field: str, value: str
) -> None:
    owner = organiser_of(app, db, (1, "owner"))
    answer = owner.post(PROFILE, data=typed(**{field: value}))
    assert answer.status_code == 400
    assert f'id="field-{field}-error"' in text_of(answer)


def test_an_unknown_area_is_answered_on_the_page(app: Flask, db: Database) -> None:
    with db.writing() as session:
        session.add(PlaceName(code="E14001335", kind="constituency", name="Lincoln"))
    owner = organiser_of(app, db, (1, "owner"))
    seen = json.dumps({"constituencies": ""})
    answer = owner.post(PROFILE, data=typed(seen=seen, constituencies="Lincon"))
    assert answer.status_code == 400
    assert "Did you mean “Lincoln”?" in text_of(answer)
    assert "Lincon</textarea>" in text_of(answer)


@pytest.mark.parametrize("role", ["viewer", "organiser"])
def test_who_is_no_owner_looks_and_changes_nothing(app: Flask, db: Database, role: str) -> None:
    client = organiser_of(app, db, (1, role))
    page = text_of(client.get(PROFILE))
    assert "An owner of the group changes it." in page
    assert client.post(PROFILE, data=typed(name="Other")).status_code == 403
    assert client.post("/organise/groups/1/groups", data={"name": "Ward"}).status_code == 403


@pytest.mark.parametrize("path", ["profile", "groups", "start"])
def test_a_group_is_404_to_organisers_of_others(app: Flask, db: Database, path: str) -> None:
    with db.writing() as session:
        make_group(session, name="Other")
    other = organiser_of(app, db, (2, "owner"))
    assert other.get(f"/organise/groups/1/{path}").status_code == 404
    assert other.get(f"/organise/groups/4711/{path}").status_code == 404


def test_an_owner_founds_a_sub_group_and_owns_it(app: Flask, db: Database) -> None:
    owner = organiser_of(app, db, (1, "owner"))
    assert "No sub-groups" in text_of(owner.get("/organise/groups/1/groups"))
    assert owner.post("/organise/groups/1/groups", data={"name": ""}).status_code == 400
    answer = owner.post("/organise/groups/1/groups", data={"name": "Ward 1"})
    assert (answer.status_code, answer.location) == (303, "/organise/groups/2/start")
    assert owner.get("/organise/groups/2/profile").status_code == 200
    assert "Ward 1" in text_of(owner.get("/organise/groups/1/groups"))
    assert owner.post("/organise/groups/2/groups/1/release").status_code == 404
    assert owner.post("/organise/groups/1/groups/2/release").status_code == 303
    assert "No sub-groups" in text_of(owner.get("/organise/groups/1/groups"))


def test_the_first_steps_name_one_thing_to_do_next(app: Flask, db: Database) -> None:
    owner = organiser_of(app, db, (1, "owner"))
    page = text_of(owner.get("/organise/groups/1/start"))
    assert page.count('aria-current="step"') == 1
    assert "0 of 4 done" in page
    assert 'href="/organise/groups/1/profile"' in page
    with db.writing() as session:
        details: Any = {"about": "We walk.", "constituencies": ["Lincoln"]}
        groups.change_group(session, 1, details, now=LATER)
        make_draft(session, group_id=1, shifts=[])
    page = text_of(owner.get("/organise/groups/1/start"))
    assert "2 of 4 done" in page
    assert 'href="/organise/events/1/shifts"' in page
