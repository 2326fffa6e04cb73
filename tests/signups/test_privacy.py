"""What is kept of somebody: they see it word for word, take it along, and have it erased."""

from __future__ import annotations

import html
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from services.signups import links
from services.signups.handlers import HANDLERS
from services.signups.models import Base, Consent, Erasure, Person, Signup
from services.signups.operations import privacy
from shared import addresses, messages
from shared.database import Database
from shared.tables import METADATA
from tests.signups import making, visiting
from tests.signups.making import LATER, NOW, make_shift, signup_of, told, violations
from tests.signups.visiting import Look, headline, open_shift, signs_up

ADDRESS = "ada.example@mail.example"
KEY = "a" * 40


def link_for(db: Database, name: str = "Ada Example") -> str:
    """Return the path of the link that a mail brings somebody."""
    with db.reading() as session:
        person = session.scalars(select(Person).where(Person.name == name)).one()
        until = db.now(session) + timedelta(hours=24)
        return urlsplit(links.privacy_link(session, person.id, until=until)).path


def erases(visitor: FlaskClient, path: str) -> str:
    """Press the button behind a link; return the page that follows."""
    answer = visitor.post(path, data={"sure": "yes"})
    assert answer.status_code == 303, answer.text
    return visitor.get(answer.headers["Location"]).text


def person_named(session: Session, name: str = "Ada") -> Person:
    return session.scalars(select(Person).where(Person.name.startswith(name))).one()


def erase(session: Session, name: str = "Ada") -> None:
    privacy.erase_people(session, [person_named(session, name)], now=LATER)


def everything_in(db: Database) -> str:
    """Return all that stands in the database, bytes too."""
    with db.reading() as session:
        return "\n".join(
            " ".join(
                part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part)
                for part in row
            )
            for metadata in (Base.metadata, METADATA)
            for table in metadata.sorted_tables
            for row in session.execute(select(table))
        )


# Asking


def test_the_answer_is_the_same_for_an_address_that_nobody_knows(
    db: Database, visitor: FlaskClient
) -> None:
    signs_up(visitor, open_shift(db))

    known = visitor.post("/my/privacy", data={"email": ADDRESS})
    unknown = visitor.post("/my/privacy", data={"email": "eve@mail.example"})

    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(ADDRESS, "") == unknown.text.replace("eve@mail.example", "")
    with db.reading() as session:
        (request,) = told(session, messages.PrivacyRequested)
    assert request.person.email == ADDRESS
    assert [link.group_name for link in request.person.links] == ["Fosse Neighbours"]


def test_the_pages_promise_the_sign_ups_and_say_where_the_rest_is(
    db: Database, visitor: FlaskClient
) -> None:
    signs_up(visitor, open_shift(db))
    asking = visitor.get("/my/privacy").text
    asked = visitor.post("/my/privacy", data={"email": "eve@mail.example"}).text
    held = visitor.get(link_for(db)).text

    for page in (asking, asked, held):
        assert "A link in each of those mails shows what is kept for it." in page
        assert "by a contact form is forgotten after 90 days at the latest" in page
        assert '<a href="/groups">that group</a>' in page
    assert "your sign-ups and all that is kept with them" in asking
    assert "everything that is kept of you" not in asking
    assert "nothing is kept of you" not in asked
    assert "This is all of it" not in held
    assert "what you asked by a contact form is forgotten" in held, "with the sign-ups"


def test_each_group_that_knows_somebody_gets_a_link_of_its_own(session: Session) -> None:
    making.sign_up(session, make_shift(session), "Ada")
    other = making.event_facts(
        making.shift_facts(id=9), id=9, group=making.group_facts(id=2, name="Bail Friends")
    )
    making.operations.keep_event(session, other, reason="", now=NOW)
    making.sign_up(session, 9, "Ada")

    privacy.request_privacy_links(session, person_email(session), now=NOW)

    (request,) = told(session, messages.PrivacyRequested)
    assert [link.group_name for link in request.person.links] == [
        "Fosse Neighbours",
        "Bail Friends",
    ]
    assert len({link.link for link in request.person.links}) == 2


def person_email(session: Session) -> str:
    return session.scalars(select(Person.email).order_by(Person.id)).first() or ""


def test_one_address_is_mailed_three_times_an_hour_at_most(session: Session) -> None:
    making.sign_up(session, make_shift(session), "Ada")

    for _ in range(5):
        privacy.request_privacy_links(session, person_email(session), now=NOW)

    assert len(told(session, messages.PrivacyRequested)) == 3


# Seeing


def test_the_page_shows_word_for_word_what_is_kept(db: Database, visitor: FlaskClient) -> None:
    signs_up(
        visitor, open_shift(db), phone="+44 7700 900123", postcode="LN1 3AA", consent_mail="yes"
    )

    page = html.unescape(visitor.get(link_for(db)).text)

    assert headline(page) == "What Fosse Neighbours keeps of you"
    for kept in ("Ada Example", ADDRESS, "7700", "LN1 3AA", "Out in Lincoln", "Castle Square"):
        assert kept in page, kept
    with db.reading() as session:
        for consent in session.scalars(select(Consent)):
            assert f"“{consent.wording}”" in page
            assert f"Version {consent.version}" in page
    assert "our sign-up form" in page


def test_the_page_shows_what_somebody_wished_and_said(db: Database, visitor: FlaskClient) -> None:
    signs_up(visitor, open_shift(db), wish="ask")
    with db.writing() as session:
        session.execute(update(Signup).values(attending="coming", doubt="The mail came back."))

    page = html.unescape(visitor.get(link_for(db)).text)

    for kept in ("you want to be asked first", "You said that you do.", "The mail came back."):
        assert kept in page, kept


def test_a_form_that_waits_for_a_look_is_shown_too_and_nobody_else_s(
    db: Database, visitor: FlaskClient
) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    for name in ("Ada Example", "Bert Otherwise"):
        typed = {"name": name, "postcode": "LN9 9ZZ", "website": "x"}
        signs_up(visitor, open_shift(db), email=ADDRESS, **typed)

    page = html.unescape(visitor.get(link_for(db)).text)

    assert "waits for somebody to look at it: the hidden field was filled in" in page
    assert "LN9 9ZZ" in page
    assert "Bert Otherwise" not in page


def test_looking_changes_nothing(db: Database, visitor: FlaskClient) -> None:
    signs_up(visitor, open_shift(db))
    path, before = link_for(db), everything_in(db)

    visitor.get(path)
    visitor.get(f"{path}/export.json")

    assert everything_in(db) == before


def test_the_export_holds_every_column_that_says_something(
    db: Database, visitor: FlaskClient
) -> None:
    signs_up(visitor, open_shift(db), phone="+44 7700 900123")

    answer = visitor.get(f"{link_for(db)}/export.json")

    assert "attachment" in answer.headers["Content-Disposition"]
    kept: dict[str, Any] = json.loads(answer.text)
    assert kept["person"]["email"] == ADDRESS
    (signup,) = kept["sign_ups"]
    assert (signup["name"], signup["state"], signup["party"]) == ("Ada Example", "placed", 1)
    (consent,) = signup["consents"]
    assert {"purpose", "wording", "version", "form", "given_at"} <= set(consent)


def test_a_link_whose_day_is_over_says_where_to_get_another(
    db: Database, visitor: FlaskClient
) -> None:
    signs_up(visitor, open_shift(db))
    with db.reading() as session:
        person = person_named(session)
        over = db.now(session) - timedelta(seconds=1)
        path = urlsplit(links.privacy_link(session, person.id, until=over)).path

    seen, exported, erased = (
        visitor.get(path),
        visitor.get(f"{path}/export.json"),
        visitor.post(path, data={"sure": "yes"}),
    )

    assert {a.status_code for a in (seen, exported, erased)} == {409}
    assert "Ask for a new one" in seen.text
    assert ADDRESS not in seen.text + exported.text + erased.text


@pytest.mark.parametrize("bend", [lambda t: t[:-2], lambda t: "x" + t, lambda t: ".".join(t)])
def test_a_bent_link_opens_nothing(db: Database, visitor: FlaskClient, bend: Any) -> None:
    signs_up(visitor, open_shift(db))
    start, _, token = link_for(db).rpartition("/")

    assert visitor.get(f"{start}/{bend(token)}").status_code == 404


def test_a_link_to_a_sign_up_is_no_link_to_everything(db: Database, visitor: FlaskClient) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    token = visiting.my_path(db, shift).rpartition("/")[2]

    assert visitor.get(f"/my/privacy/{token}").status_code == 404


# Erasing


def test_nothing_is_erased_without_the_tick(db: Database, visitor: FlaskClient) -> None:
    signs_up(visitor, open_shift(db))

    answer = visitor.post(link_for(db), data={})

    assert answer.status_code == 400
    assert visiting.field_error(answer.text, "sure") == "Tick the box if you are sure."
    assert ADDRESS in everything_in(db)


def test_after_erasing_the_database_knows_nothing_of_the_person(
    db: Database, visitor: FlaskClient
) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift, phone="+44 7700 900123", postcode="LN1 3AB", consent_mail="yes")
    visitor.post("/my/privacy", data={"email": ADDRESS})
    visitor.post("/my", data={"email": ADDRESS})
    before = everything_in(db)
    canary = ("Ada", "ada.example", "900123", "LN1 3AB")
    assert all(part in before for part in canary), "they are looked for in the right place"

    page = erases(visitor, link_for(db))

    assert headline(page) == "Being erased"
    after = everything_in(db)
    assert [part for part in canary if part in after] == []
    assert Look(db).totals(shift) == (0, 0)
    assert Look(db).violations() == []


def test_the_places_go_to_who_waits(session: Session) -> None:
    shift = make_shift(session, capacity=1)
    making.sign_up(session, shift, "Ada")
    making.sign_up(session, shift, "Ben")

    erase(session)

    assert signup_of(session, shift, "Ben").state == "placed"
    assert violations(session) == []


def test_who_took_part_counts_on_and_is_nobody(session: Session) -> None:
    shift = make_shift(session)
    making.sign_up(session, shift, "Ada", party=2)
    after = making.ENDS + timedelta(days=1)

    privacy.erase_people(session, [person_named(session)], now=after)

    (row,) = session.scalars(select(Signup).execution_options(populate_existing=True))
    assert (row.state, row.party, row.person_id) == ("placed", 2, None)
    assert (row.name, row.email, row.answers, row.utm, row.source) == ("", "", [], {}, "")
    assert making.totals(session, shift) == (2, 0)
    assert violations(session, now=after) == []


def test_others_with_the_same_address_stay(session: Session) -> None:
    shift = make_shift(session, capacity=5)
    making.sign_up(session, shift, "Ada Example", email=ADDRESS)
    making.sign_up(session, shift, "Ben Example", email=ADDRESS)

    erase(session, "Ada")

    assert person_named(session, "Ben").email == ADDRESS
    assert signup_of(session, shift, "Ben Example").state == "placed"
    assert [m.person.first_name for m in told(session, messages.SignupPlaced)] == ["Ben"]


def test_forms_under_review_go_too(session: Session) -> None:
    shift = make_shift(session)
    making.sign_up(session, shift, "Ada Example", email=ADDRESS)
    making.sign_up(session, shift, "Ada Example", email=ADDRESS.upper(), suspicion="too fast")
    making.sign_up(session, shift, "Bot Example", email=ADDRESS, suspicion="too fast")

    erase(session)

    left = session.scalars(select(Signup.name).where(Signup.review != "")).all()
    assert left == ["Bot Example"]


def test_all_tables_that_hang_on_a_person_are_known(session: Session) -> None:
    """A new table with names in it is taken care of by its foreign key, or this fails."""
    from services.signups.operations.privacy.hanging import STAYING, hanging_tables

    named = {table.name for table, _people, _signups in hanging_tables()}
    named |= {table.name for table in STAYING} | {"people"}
    for table in Base.metadata.tables.values():
        columns = set(table.c.keys())
        if {"person_id", "signup_id"} & columns:
            assert table.name in named, table.name


def test_the_others_are_told_in_numbers_only(session: Session) -> None:
    shift = make_shift(session)
    making.sign_up(session, shift, "Ada Example", email=ADDRESS)
    person, signup = person_named(session), signup_of(session, shift, "Ada Example")

    erase(session)

    (news,) = told(session, messages.PersonErased)
    assert news.person_ids == (person.id,)
    assert news.signup_ids == (signup.id,)
    assert news.addresses == (addresses.digest(ADDRESS, key=KEY),)


def test_it_is_shown_as_done_when_all_have_answered(db: Database, visitor: FlaskClient) -> None:
    signs_up(visitor, open_shift(db))
    answer = visitor.post(link_for(db), data={"sure": "yes"})
    where = answer.headers["Location"]
    first = visitor.get(where)
    assert first.headers["Refresh"]
    with db.reading() as session:
        (erasure,) = session.scalars(select(Erasure))

    for done in (messages.PersonErasedFromEvents, messages.PersonErasedFromNotifications):
        assert headline(visitor.get(where).text) == "Being erased"
        for _ in range(2):
            with db.writing() as session:
                HANDLERS[done](session, done(erasure_id=str(erasure.id)), db.now(session))

    last = visitor.get(where)
    assert headline(last.text) == "Everything is erased"
    assert "Refresh" not in last.headers


def test_an_answer_about_an_erasure_that_is_not_here_is_passed_over(session: Session) -> None:
    unknown = messages.PersonErasedFromEvents(erasure_id="5b0f6f3c-6f0a-4c57-9f43-0a8e2a1f7c21")

    HANDLERS[messages.PersonErasedFromEvents](session, unknown, NOW)

    assert session.scalars(select(Erasure)).all() == []


def test_erasing_twice_says_that_nobody_is_there(db: Database, visitor: FlaskClient) -> None:
    signs_up(visitor, open_shift(db))
    path = link_for(db)
    erases(visitor, path)

    assert visitor.post(path, data={"sure": "yes"}).status_code == 404
    assert visitor.get(path).status_code == 404


def test_links_of_earlier_mails_open_nothing(db: Database, visitor: FlaskClient) -> None:
    shift = open_shift(db)
    signs_up(visitor, shift)
    path = visiting.my_path(db, shift)
    assert visitor.get(path).status_code == 200

    erases(visitor, link_for(db))

    assert visitor.get(path).status_code == 404


def test_a_mail_that_came_back_late_brings_nobody_back(session: Session) -> None:
    shift = make_shift(session)
    making.sign_up(session, shift, "Ada")
    signup = signup_of(session, shift, "Ada")
    erase(session)
    late = messages.NoticeFailed(
        notice_id=1, signup_id=signup.id, kind="confirmation", at=LATER, reason="No such person."
    )

    HANDLERS[messages.NoticeFailed](session, late, LATER)

    assert session.scalars(select(Person)).all() == []
    assert violations(session) == []


def test_messages_about_others_stay_in_the_outbox(session: Session) -> None:
    shift = make_shift(session, capacity=30)
    for number in range(12):
        making.sign_up(session, shift, f"Name{number} Example")
    before = {m.signup.id for m in told(session, messages.SignupPlaced)}
    erased = signup_of(session, shift, "Name0 Example").id

    erase(session, "Name0")

    assert {m.signup.id for m in told(session, messages.SignupPlaced)} == before - {erased}


def test_entries_that_were_merged_are_seen_and_erased_as_one(
    db: Database, visitor: FlaskClient
) -> None:
    with db.writing() as session:
        shift = make_shift(session, capacity=5, now=db.now(session))
        making.sign_up(session, shift, "Ada Example", email=ADDRESS)
        making.sign_up(session, shift, "Ada Lovelace", email="lovelace@mail.example")
        one, other = session.scalars(select(Person).order_by(Person.id))
        other.merged_into = one.id
    assert "lovelace@mail.example" in visitor.get(link_for(db, "Ada Example")).text
    with db.writing() as session:
        privacy.request_privacy_links(session, "lovelace@mail.example", now=db.now(session))
        (request,) = told(session, messages.PrivacyRequested)
        assert [link.name for link in request.person.links] == ["Ada Example"]
        assert request.person.email == "lovelace@mail.example"

    erases(visitor, link_for(db, "Ada Lovelace"))

    left = everything_in(db)
    assert "ada.example" not in left
    assert "ovelace" not in left
