"""Elections: their ids, the list, its pages and commands."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from services.events.operations import elections
from services.events.rules import elections as rules
from shared.database import Database
from shared.refusals import NotThere
from tests.events.making import LATER, NOW, make_event, make_group
from tests.events.organising import organiser_of, text_of
from tests.events.test_campaigns import make_campaign

LINCOLN = "local.lincoln.2027-05-06"


def add(session: Session, election_id: str = LINCOLN, title: str = "") -> str:
    return elections.add_election(session, {"id": election_id, "title": title}, now=NOW).id


@pytest.mark.parametrize(
    "election_id, day",
    [
        (LINCOLN, date(2027, 5, 6)),
        ("parl.2029-05-03", date(2029, 5, 3)),
        ("parl.lincoln.by.2026-12-10", date(2026, 12, 10)),
        ("local.lincoln.abbey.by.2027-05-06", date(2027, 5, 6)),
        ("sp.c.glasgow-pollok.2031-05-01", date(2031, 5, 1)),
        ("mayor.greater-lincolnshire.2029-05-03", date(2029, 5, 3)),
    ],
)
def test_the_day_of_an_election_stands_in_its_id(election_id: str, day: date) -> None:
    assert rules.day_of(election_id) == day


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "lincoln",
        "2027-05-06",
        "council.lincoln.2027-05-06",
        "local.lincoln.2027-02-30",
        "local.lincoln.2027-5-6",
        "local.Lincoln.2027-05-06",
        "local.lincoln",
        "parl.a.b.2029-05-03",
        "sp.by.2031-05-01",
        "senedd.by.2031-05-01",
        "local..2027-05-06",
        "pcc.lincolnshire.ward.2028-05-04",
    ],
)
def test_what_is_no_election_id_is_refused(typed: str) -> None:
    with pytest.raises(rules.NotAnElectionId):
        rules.day_of(typed)


@given(
    st.lists(
        st.sampled_from(["local", "sp", "senedd", "c", "r", "by", "lincoln", "", "2027-05-06"])
        | st.text(max_size=8),
        max_size=6,
    )
)
def test_whatever_is_typed_is_an_id_or_refused(parts: list[str]) -> None:
    with suppress(rules.NotAnElectionId):
        assert isinstance(rules.day_of(".".join(parts)), date)


@pytest.mark.parametrize(
    "election_id, title",
    [
        (LINCOLN, "Local elections, Lincoln"),
        ("parl.2029-05-03", "UK Parliament elections"),
        ("parl.lincoln.by.2026-12-10", "By-election: UK Parliament elections, Lincoln"),
        ("sp.c.glasgow-pollok.2031-05-01", "Scottish Parliament elections, Glasgow pollok"),
    ],
)
def test_an_election_without_a_title_gets_one(election_id: str, title: str) -> None:
    assert rules.suggest_title(election_id) == title


def test_elections_are_listed_by_day(session: Session) -> None:
    later, sooner = add(session, "parl.2029-05-03"), add(session)
    assert [one.id for one in elections.list_elections(session)] == [sooner, later]
    since = elections.list_elections(session, since=date(2028, 1, 1))
    assert [one.id for one in since] == [later]


def test_an_election_is_added_once(session: Session) -> None:
    add(session)
    with pytest.raises(rules.ElectionWasAlreadyAdded):
        add(session)


def test_an_election_is_renamed_and_taken_off_the_list(session: Session) -> None:
    add(session)
    elections.rename_election(session, LINCOLN, title="City of Lincoln", now=LATER)
    assert elections.find_election(session, LINCOLN).title == "City of Lincoln"
    elections.remove_election(session, LINCOLN, now=LATER)
    with pytest.raises(NotThere):
        elections.find_election(session, LINCOLN)


def test_an_election_to_which_something_refers_stays(session: Session) -> None:
    add(session)
    make_campaign(session, election_id=LINCOLN)
    with pytest.raises(rules.ElectionIsReferredTo):
        elections.remove_election(session, LINCOLN, now=LATER)


def test_an_election_to_which_an_event_refers_stays(session: Session) -> None:
    add(session)
    make_event(session).election_id = LINCOLN
    session.flush()
    with pytest.raises(rules.ElectionIsReferredTo):
        elections.remove_election(session, LINCOLN, now=LATER)


def test_the_public_sees_elections_by_date(visitor: FlaskClient, db: Database) -> None:
    assert "No elections listed" in text_of(visitor.get("/elections"))
    with db.writing() as session:
        add(session, "parl.2092-05-03", "General election")
        add(session, "local.lincoln.2091-05-03", "City of Lincoln")
        add(session, "local.lincoln.2019-05-02", "Long ago")
    page = text_of(visitor.get("/elections"))
    order = [page.index(words) for words in ("City of Lincoln", "General election", "Long ago")]
    assert order == sorted(order)
    assert "Past elections" in page


def test_an_election_shows_its_campaigns_and_events(visitor: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        election_id = add(session, "parl.2092-05-03", "General election")
        make_campaign(session, election_id=election_id, name="Lincoln by foot", publish=True)
        make_campaign(session, election_id=election_id, name="Secret plans")
        make_event(session, title="Out in Lincoln", **FAR).election_id = election_id
    page = text_of(visitor.get("/elections/parl.2092-05-03"))
    for words in ("General election", "3 May 2092", "days to go", "Lincoln by foot", "Out in"):
        assert words in page
    assert "Secret plans" not in page
    assert visitor.get("/elections/parl.2093-05-03").status_code == 404


FAR = {
    "shifts": [{"place": "Square", "starts_at": "2090-12-05T10:00", "ends_at": "2090-12-05T12:00"}]
}


def test_administrators_add_rename_and_remove(app: Flask, db: Database) -> None:
    administrator = organiser_of(app, db)
    assert "No elections yet" in text_of(administrator.get("/organise/elections"))
    sent = administrator.post("/organise/elections", data={"id": LINCOLN.upper()})
    assert sent.status_code == 303
    path = f"/organise/elections/{LINCOLN}"
    assert "Local elections, Lincoln" in text_of(administrator.get(path))
    administrator.post(path, data={"title": "City of Lincoln"})
    assert "City of Lincoln" in text_of(administrator.get("/organise/elections"))
    assert administrator.post(path, data={"title": ""}).status_code == 400
    assert administrator.post(f"{path}/remove").status_code == 303
    assert administrator.get(path).status_code == 404


@pytest.mark.parametrize("typed", ["", "lincoln", LINCOLN])
def test_an_election_that_cannot_be_added_is_named(app: Flask, db: Database, typed: str) -> None:
    administrator = organiser_of(app, db)
    administrator.post("/organise/elections", data={"id": LINCOLN})
    answer = administrator.post("/organise/elections", data={"id": typed})
    assert answer.status_code == 400
    assert 'id="field-id-error"' in text_of(answer)


def test_organisers_look_at_the_list_only(app: Flask, db: Database) -> None:
    with db.writing() as session:
        make_group(session)
        add(session)
    owner = organiser_of(app, db, (1, "owner"))
    page = text_of(owner.get("/organise/elections"))
    assert "Local elections, Lincoln" in page
    assert "Add an election" not in page
    assert owner.post("/organise/elections", data={"id": LINCOLN}).status_code in (403, 404)
    assert owner.get(f"/organise/elections/{LINCOLN}").status_code in (403, 404)
