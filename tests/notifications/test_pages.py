"""The ledger and the local mailbox, as a browser and a program see them."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from services.notifications import sender
from services.notifications.app import create_app
from services.notifications.operations import bounces, channels
from shared.database import Database
from tests.apps import app_on
from tests.entering import TOKEN, give_token, signed_in

from .driving import work_off
from .making import NOW, cancelled, make_settings, moved, placed, receive
from .post_office import open_post_office
from .returned import bounced

HERE: dict[str, Any] = {"public_url": "http://127.0.0.1:8000", "smtp_url": ""}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def visit(db: Database, **settings: object) -> FlaskClient:
    """Return a browser before the service's pages."""
    return app_on(create_app, make_settings(**settings), db).test_client()


def organise(db: Database) -> FlaskClient:
    """Return the browser of an administrator who is signed in."""
    give_token(db)
    return signed_in(app_on(create_app, make_settings(), db), db)


def test_the_ledger_is_for_those_who_sign_in(db: Database) -> None:
    browser = visit(db)

    assert browser.get("/organise/notices").location == "/sign-in?next=%2Forganise%2Fnotices"
    assert browser.get("/api/notices").status_code == 401
    assert browser.get("/api/notices/1").status_code == 401


def test_an_empty_ledger_says_what_will_be_here(db: Database) -> None:
    page = organise(db).get("/organise/notices")

    assert page.status_code == 200
    assert "No notices yet" in page.text


def test_the_ledger_says_why_something_was_not_sent(db: Database) -> None:
    receive(db, placed(), cancelled())
    with open_post_office(rcpt=["550 5.1.1 unknown"]) as office:
        work_off(db, office)

    page = organise(db).get("/organise/notices").text

    assert "The sign-up ended before this was sent." in page
    assert "The address does not exist; please call." in page
    assert "ada@posts.example" in page


def test_the_ledger_says_when_the_channel_is_paused_and_what_waits(db: Database) -> None:
    receive(db, placed(id=1), placed(id=2))
    assert "No mail leaves" not in organise(db).get("/organise/notices").text
    with open_post_office(mail=["530 5.7.0 log in first"]) as office:
        work_off(db, office)

    page = " ".join(organise(db).get("/organise/notices").text.split())

    assert "No mail leaves at the moment. The mail server answered 530" in page
    assert "2 mails wait and leave once that is put right. The next try is at" in page


def test_the_ledger_tells_channels_apart(db: Database) -> None:
    with db.writing() as session:
        now = db.now(session)
        channels.pause(session, "bulk", "The mail server answered 535.", now=now)
        channels.pause(session, "bounces", "The mailbox does not let us in.", now=now)
    settings = {"bulk_smtp_url": "smtp://b", "bounce_imap_url": "imaps://me:x@post.example"}
    give_token(db)
    db.info["settings"] = make_settings(**settings)
    app = app_on(create_app, db.info["settings"], db)

    page = " ".join(signed_in(app, db).get("/organise/notices").text.split())

    assert "No mail leaves" not in page
    assert "No mails that invite leave at the moment. The mail server answered 535." in page
    assert "Mails that come back are not read at the moment." in page


def test_administrators_see_how_many_bounces_name_nobody(db: Database) -> None:
    with db.writing() as session:
        bounces.keep_mail(session, bounced(), now=NOW)

    page = " ".join(organise(db).get("/organise/notices").text.split())

    assert "1 more names nobody" in page


def test_the_ledger_can_be_narrowed(db: Database) -> None:
    receive(db, placed(id=1), placed(id=2), moved(id=2))

    browser = organise(db)

    for query, number in (
        ("", 3),
        ("?kind=confirmation", 2),
        ("?state=planned", 1),
        ("?signup_id=2", 2),
        ("?signup_id=2&kind=changed&state=", 1),
        ("?signup_id=77", 0),
        ("?event_id=3", 3),
        ("?event_id=4", 0),
        ("?who=Ada", 3),
        ("?who=ada", 3),
        ("?who=Bea", 0),
        ("?who=Ada%40posts.example", 3),
        ("?who=bea%40posts.example", 0),
        ("?since=2026-11-20&until=2026-11-20", 3),
        ("?since=2026-11-21", 0),
        ("?until=2026-11-19", 0),
        ("?who=Ada&event_id=3&kind=changed", 1),
    ):
        answer = browser.get(f"/api/notices{query}", headers=BEARER).get_json()
        page = browser.get(f"/organise/notices{query}").text
        found = len(answer["notices"]), page.count("<tr>") - bool(number)
        assert found == (number, number), query


def test_a_wrong_filter_is_named(db: Database) -> None:
    browser = organise(db)

    page = browser.get("/organise/notices?signup_id=x&kind=poem")
    answer = browser.get("/api/notices?signup_id=99999999999999999999", headers=BEARER)

    assert page.status_code == 400
    assert "Enter the number of a sign-up" in page.text
    assert "There is no such kind of notice." in page.text
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["pointer"] == "/signup_id"


def test_the_ledger_has_pages(db: Database) -> None:
    receive(db, *(placed(id=number) for number in range(1, 53)))
    browser = organise(db)

    page = browser.get("/organise/notices?kind=confirmation").text
    first = browser.get("/api/notices", headers=BEARER).get_json()
    second = browser.get(f"/api/notices?before={first['next']}", headers=BEARER).get_json()

    assert f"before={first['next']}&amp;kind=confirmation" in page.split('rel="next"')[1][:120]
    assert (len(first["notices"]), len(second["notices"]), second["next"]) == (50, 2, None)
    numbers = [notice["id"] for notice in first["notices"] + second["notices"]]
    assert numbers == sorted(set(numbers), reverse=True)


def test_a_program_reads_one_notice(db: Database) -> None:
    receive(db, placed())
    browser = organise(db)

    (listed,) = browser.get("/api/notices", headers=BEARER).get_json()["notices"]
    shown = browser.get(f"/api/notices/{listed['id']}", headers=BEARER).get_json()

    assert shown == listed
    assert shown["subject"] == "signup/9"
    assert browser.get("/api/notices/99", headers=BEARER).status_code == 404
    assert browser.get("/api/notices/99999999999999999999", headers=BEARER).status_code == 404


def test_the_api_describes_itself(db: Database) -> None:
    described = visit(db).get("/api/notices/openapi.json").get_json()

    assert "/api/notices" in described["paths"]


def test_an_empty_mailbox_says_how_to_fill_it(db: Database) -> None:
    page = visit(db, **HERE).get("/mail")

    assert page.status_code == 200
    assert "No mail yet" in page.text


def test_the_mailbox_shows_mails_newest_first(db: Database) -> None:
    receive(db, placed(), moved())
    sender.fill_mailbox(db, make_settings())

    page = visit(db, **HERE).get("/mail").text

    assert page.index("Changed: Winter action day") < page.index("You have a place")


def test_a_mail_is_shown_with_text_html_calendar_and_headers(db: Database) -> None:
    receive(db, placed())
    sender.fill_mailbox(db, make_settings())
    browser = visit(db, **HERE)

    page = browser.get("/mail/1").text
    html = browser.get("/mail/1/html")
    source = browser.get("/mail/1/source")

    assert 'href="https://muster.example/my/abc"' in page
    assert "BEGIN:VCALENDAR" in page
    assert "Auto-Submitted: auto-generated" in page
    assert 'src="/mail/1/html"' in page
    assert "See or cancel your sign-up" in html.text
    assert "sandbox" in html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    assert source.text.startswith("Subject: You have a place")


def test_the_mailbox_can_be_narrowed_to_one_reader(db: Database) -> None:
    receive(db, placed())
    sender.fill_mailbox(db, make_settings())
    browser = visit(db, **HERE)

    assert "You have a place" in browser.get("/mail?to=ada@posts.example").text
    assert "No mail here" in browser.get("/mail?to=zed@posts.example").text


@pytest.mark.parametrize("path", ["/mail/7", "/mail/7/html", "/mail/99999999999999999999"])
def test_a_mail_that_is_not_there_is_404(db: Database, path: str) -> None:
    assert visit(db, **HERE).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/mail", "/mail/1", "/mail/1/html"])
def test_with_a_mail_server_there_is_no_mailbox(db: Database, path: str) -> None:
    receive(db, placed())
    sender.fill_mailbox(db, make_settings())

    assert visit(db, **HERE | {"smtp_url": "smtp://post.example"}).get(path).status_code == 404


def test_the_script_of_the_mailbox_is_sent_as_one(db: Database) -> None:
    with visit(db, **HERE).get("/static/mailbox.js") as script:
        assert script.mimetype == "text/javascript"


def test_no_address_that_is_looked_for_makes_the_mailbox_fail(db: Database) -> None:
    browser = visit(db, **HERE)

    assert browser.get("/mail?to=%00").status_code == 400
    assert browser.get("/mail?to=%ff").status_code == 200


@pytest.mark.parametrize(
    "public",
    [
        {"amqp_url": "amqp://broker.example"},
        {"trusted_proxies": 1},
        {"public_url": "https://muster.example"},
        {"public_url": "https://127.0.0.1.muster.example"},
    ],
)
def test_where_the_public_comes_there_is_no_mailbox(db: Database, public: dict[str, Any]) -> None:
    assert visit(db, **HERE).get("/mail").status_code == 200
    assert visit(db, **HERE | public).get("/mail").status_code == 404
