"""Signing in by a mailed link or code, and signing out, as somebody in a browser does it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from services.events.models import SignedInSession, SignInLink
from services.events.operations import organisers, sessions, sign_in
from services.events.rules import access as rules
from shared import messages
from shared.database import Database
from shared.tables import ENDED_SESSIONS
from tests.entering import signed_in
from tests.events.making import told

ROBIN = "robin@fosse.example"


@pytest.fixture
def robin(db: Database, app: Flask) -> str:
    """Return the address of an administrator."""
    with db.writing() as session:
        organisers.add_administrator(session, ROBIN, name="Robin Example", now=db.now(session))
    return ROBIN


def ask(browser: FlaskClient, address: str = ROBIN, **typed: str) -> TestResponse:
    answer = browser.post("/sign-in", data={"email": address, **typed})
    assert answer.status_code == 303, answer.text
    return answer


def mailed(db: Database) -> messages.SignInRequested:
    """Return the last mail that was asked for."""
    with db.reading() as session:
        mails = [m for m in told(session) if isinstance(m, messages.SignInRequested)]
    return mails[-1]


def link_in(mail: messages.SignInRequested) -> str:
    parts = urlsplit(mail.person.link)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def request_of(answer: TestResponse) -> str:
    found = re.search(r"request=([0-9a-f-]{36})", answer.location)
    assert found
    return found[1]


def try_code(browser: FlaskClient, request: str, code: str) -> TestResponse:
    return browser.post("/sign-in/code", data={"request": request, "code": code})


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/organise/me").status_code == 200


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def grow_old(db: Database, by: timedelta) -> None:
    """Make every link as old as if it had been mailed earlier."""
    with db.writing() as session:
        session.execute(update(SignInLink).values(expires_at=datetime.now(UTC) - by))


@pytest.mark.usefixtures("robin")
def test_a_mailed_link_signs_in(visitor: FlaskClient, db: Database) -> None:
    ask(visitor)
    link = link_in(mailed(db))
    assert "Sign in" in visitor.get(link).text
    answer = visitor.post(link)
    assert (answer.status_code, answer.location) == (303, "/organise")
    assert "Robin Example" in visitor.get("/organise/me").text


@pytest.mark.usefixtures("robin")
def test_looking_at_a_link_uses_nothing_up(visitor: FlaskClient, db: Database) -> None:
    ask(visitor)
    link = link_in(mailed(db))
    for _ in range(3):
        assert visitor.get(link).status_code == 200
    assert not is_in(visitor)
    assert visitor.post(link).status_code == 303


@pytest.mark.usefixtures("robin")
def test_a_link_works_once_and_offers_a_new_one(
    app: Flask, visitor: FlaskClient, db: Database
) -> None:
    ask(visitor)
    link = link_in(mailed(db))
    visitor.post(link)
    late = app.test_client()
    for answer in (late.post(link), late.get(link)):
        assert answer.status_code == 409
        assert "was used already" in answer.text
        assert "Mail me a new one" in answer.text
    assert not is_in(late)
    late.post(f"{link}/new")
    assert link_in(mailed(db)) != link
    late.post(link_in(mailed(db)))
    assert is_in(late)


@pytest.mark.usefixtures("robin")
def test_a_link_is_good_for_a_quarter_of_an_hour(visitor: FlaskClient, db: Database) -> None:
    ask(visitor)
    grow_old(db, timedelta(seconds=1))
    link = link_in(mailed(db))
    assert "too old" in visitor.get(link).text
    assert visitor.post(link).status_code == 409
    assert mailed(db).expires_at - timedelta(minutes=16) < datetime.now(UTC)
    assert not is_in(visitor)


def test_a_link_that_never_was_leads_to_the_sign_in(stranger: FlaskClient) -> None:
    answer = stranger.get("/sign-in/link/nonsense")
    assert answer.status_code == 404
    assert 'href="/sign-in"' in answer.text
    assert stranger.post("/sign-in/link/nonsense").status_code == 404
    assert stranger.post("/sign-in/link/nonsense/new").status_code == 404


@pytest.mark.usefixtures("robin")
def test_a_code_signs_in_another_browser(visitor: FlaskClient, db: Database) -> None:
    answer = ask(visitor)
    code = mailed(db).person.code
    assert re.fullmatch(r"\d{6}", code)
    answer = try_code(visitor, request_of(answer), f" {code[:3]} {code[3:]} ")
    assert (answer.status_code, answer.location) == (303, "/organise")
    assert is_in(visitor)


@pytest.mark.usefixtures("robin")
def test_a_code_can_be_tried_five_times(visitor: FlaskClient, db: Database) -> None:
    request, code = request_of(ask(visitor)), mailed(db).person.code
    for _ in range(rules.CODE_TRIES):
        answer = try_code(visitor, request, other_than(code))
        assert "wrong=yes" in answer.location
        assert "This code is not right" in visitor.get(answer.location).text
    assert "wrong=yes" in try_code(visitor, request, code).location
    assert not is_in(visitor)


@pytest.mark.usefixtures("robin")
def test_the_fifth_try_still_counts(visitor: FlaskClient, db: Database) -> None:
    request, code = request_of(ask(visitor)), mailed(db).person.code
    for _ in range(rules.CODE_TRIES - 1):
        try_code(visitor, request, other_than(code))
    try_code(visitor, request, code)
    assert is_in(visitor)


@pytest.mark.usefixtures("robin")
def test_a_code_belongs_to_the_page_that_asked_for_it(visitor: FlaskClient, db: Database) -> None:
    first = request_of(ask(visitor))
    code = mailed(db).person.code
    second = request_of(ask(visitor))
    assert first != second
    assert "wrong=yes" in try_code(visitor, second, code).location
    assert not is_in(visitor)


@pytest.mark.usefixtures("robin")
def test_the_link_and_the_code_are_one_way_in(visitor: FlaskClient, db: Database) -> None:
    request, mail = request_of(ask(visitor)), mailed(db)
    visitor.post(link_in(mail))
    assert "wrong=yes" in try_code(visitor, request, mail.person.code).location


def test_strangers_get_the_answer_of_organisers_and_no_mail(
    robin: str, visitor: FlaskClient, db: Database
) -> None:
    known, unknown = ask(visitor, robin), ask(visitor, "nobody@people.example")
    mask = "00000000-0000-0000-0000-000000000000"
    pages = []
    for answer in (known, unknown):
        page = visitor.get(answer.location).text.replace(request_of(answer), mask)
        pages.append((answer.status_code, answer.location.replace(request_of(answer), mask), page))
    assert pages[0] == pages[1]
    with db.reading() as session:
        mails = [m for m in told(session) if isinstance(m, messages.SignInRequested)]
    assert [mail.person.email for mail in mails] == [robin]
    wrong = [try_code(visitor, request_of(answer), "x").location for answer in (known, unknown)]
    assert all("wrong=yes" in place for place in wrong)


def test_who_is_nothing_any_more_gets_no_mail(
    robin: str, visitor: FlaskClient, db: Database
) -> None:
    with db.writing() as session:
        now = db.now(session)
        organisers.add_administrator(session, "kim@fosse.example", name="Kim", now=now)
        found = organisers.find_organiser(session, robin)
        organisers.remove_administrator(session, found.id, now=now)
    ask(visitor, robin)
    with db.reading() as session:
        assert not [m for m in told(session) if isinstance(m, messages.SignInRequested)]


@pytest.mark.parametrize("address", [ROBIN, "nobody@people.example"])
@pytest.mark.usefixtures("robin")
def test_an_address_can_be_asked_for_so_often_and_no_more(
    visitor: FlaskClient, address: str
) -> None:
    for _ in range(sign_in.MAILS_PER_ADDRESS):
        ask(visitor, address)
    assert visitor.post("/sign-in", data={"email": address}).status_code == 429


@pytest.mark.parametrize("kind", ["mails", "codes"])
def test_a_network_address_can_ask_so_often_and_no_more(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(sign_in, "MAILS_PER_NETWORK", 3)
    monkeypatch.setattr(sign_in, "CODES_PER_NETWORK", 3)
    request = "11111111-1111-4111-8111-111111111111"

    def knock(number: int) -> int:
        if kind == "codes":
            return try_code(visitor, request, "000000").status_code
        return visitor.post("/sign-in", data={"email": f"a{number}@b.example"}).status_code

    assert [knock(number) for number in range(4)] == [303, 303, 303, 429]


@pytest.mark.usefixtures("robin")
def test_one_gets_to_where_one_wanted_to_go(visitor: FlaskClient, db: Database) -> None:
    asked = visitor.get("/organise/network/trail?who=Robin")
    assert asked.status_code == 303
    assert "trail" in visitor.get(asked.location).text
    ask(visitor, next="/organise/network/trail?who=Robin")
    answer = visitor.post(link_in(mailed(db)))
    assert answer.location == "/organise/network/trail?who=Robin"


@pytest.mark.parametrize(
    "asked",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil", ""),
        *("javascript:alert(1)", "/a\\b", "/a b", "/\n/evil.example", "/\t/evil.example"),
        *("organise", "/" + "x" * 2000),
    ],
)
def test_nobody_is_led_to_another_site(asked: str) -> None:
    assert rules.local_path(asked) == "/organise"


@pytest.mark.parametrize("asked", ["/", "/organise/me", "/organise/groups/1/events?page=2&a=%20"])
def test_paths_of_this_site_are_led_to(asked: str) -> None:
    assert rules.local_path(asked) == asked


def test_problems_stand_beside_their_fields(stranger: FlaskClient) -> None:
    answer = stranger.post("/sign-in", data={"email": "robin"})
    assert answer.status_code == 400
    assert "field-email-error" in answer.text
    assert "Enter your email address" in stranger.post("/sign-in", data={}).text
    answer = stranger.post(
        "/sign-in/code", data={"request": "11111111-1111-4111-8111-111111111111", "code": " "}
    )
    assert "Enter the six digits" in answer.text


def test_signing_out_ends_the_session_everywhere(visitor: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        organisers.add_administrator(session, ROBIN, name="Robin", now=db.now(session))
    ask(visitor)
    visitor.post(link_in(mailed(db)))
    kept = visitor.get_cookie("muster")
    assert kept is not None
    page = visitor.get("/organise/me").text
    field = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert field
    assert visitor.post("/sign-out", data={"csrf": field[1]}).status_code == 303
    assert visitor.get_cookie("muster") is None
    visitor.set_cookie("muster", kept.value)
    assert not is_in(visitor)
    with db.reading() as session:
        ended = [m for m in told(session) if isinstance(m, messages.SessionEnded)]
        assert len(ended) == len(session.execute(select(ENDED_SESSIONS)).all()) == 1


def test_signing_out_needs_the_field_of_the_page(app: Flask, db: Database) -> None:
    browser = signed_in(app, db)
    assert browser.post("/sign-out", data={"csrf": "0" * 64}).status_code == 403
    assert is_in(browser)


def test_signing_out_without_a_session_is_fine(stranger: FlaskClient) -> None:
    assert stranger.post("/sign-out").status_code == 303


@pytest.mark.usefixtures("robin")
def test_other_sessions_can_be_ended(app: Flask, db: Database) -> None:
    browsers = [app.test_client() for _ in range(3)]
    for browser in browsers:
        ask(browser)
        browser.post(link_in(mailed(db)), headers={"User-Agent": "Mozilla (X11; Linux) Firefox/1"})
    mine, second, third = browsers
    page = mine.get("/organise/me").text
    assert page.count("Firefox on Linux</span>") + page.count("Firefox on Linux <") == 3
    csrf = {"csrf": re.findall(r'name="csrf" value="([0-9a-f]{64})"', page)[0]}
    addresses = re.findall(r'action="(/organise/me/sessions/[^"]+)"', page)
    assert mine.post(addresses[0], data=csrf).status_code == 303
    assert [is_in(browser) for browser in browsers].count(True) == 2
    mine.post("/organise/me/end-others", data=csrf)
    assert (is_in(mine), is_in(second), is_in(third)) == (True, False, False)


def test_a_session_of_somebody_else_is_not_there(app: Flask, db: Database) -> None:
    with db.writing() as session:
        robin = organisers.add_administrator(session, ROBIN, name="Robin", now=db.now(session))
        sessions.begin_session(session, robin, "Firefox", now=db.now(session))
        (theirs,) = session.scalars(select(SignedInSession.id))
    other = signed_in(app, db, (1, "owner"), organiser_id=77)
    assert other.post(f"/organise/me/sessions/{theirs}/end").status_code == 404


def test_old_ways_in_are_forgotten(robin: str, db: Database) -> None:
    with db.writing() as session:
        now = db.now(session)
        found = organisers.find_organiser(session, robin)
        sign_in.make_way_in(session, found, path="/organise", now=now)
        sessions.begin_session(session, found, "Firefox", now=now)
        sessions.forget_old(session, now + timedelta(days=1))
        assert session.scalars(select(SignedInSession)).all()
        assert session.scalars(select(SignInLink)).all()
        sessions.forget_old(session, now + timedelta(days=2))
        assert not session.scalars(select(SignedInSession)).all()
        assert not session.scalars(select(SignInLink)).all()


@pytest.mark.parametrize(
    "said, words",
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/1 Safari/1 Edg/1", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Safari/1", "Safari on an iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/1 Safari/1", "Chrome on Android"),
        ("curl/8", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_called_by_its_name(said: str, words: str) -> None:
    assert rules.describe_browser(said) == words


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
@pytest.mark.usefixtures("robin")
def test_no_other_site_signs_somebody_in_as_somebody_else(
    visitor: FlaskClient, db: Database, origin: str
) -> None:
    answer, elsewhere = ask(visitor), {"Origin": origin}
    code = {"request": request_of(answer), "code": mailed(db).person.code}
    assert visitor.post(link_in(mailed(db)), headers=elsewhere).status_code == 403
    assert visitor.post("/sign-in/code", data=code, headers=elsewhere).status_code == 403
    assert not is_in(visitor)
    assert visitor.post("/sign-in/code", data=code).status_code == 303


def test_pages_of_the_sign_in_say_where_their_forms_come_from(stranger: FlaskClient) -> None:
    for page in ("/sign-in", "/sign-in/code", "/sign-in/link/nonsense"):
        assert stranger.get(page).headers["Referrer-Policy"] == "strict-origin"
