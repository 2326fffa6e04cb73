"""Organisers try the schedule mail out; administrators and the command line see how runs stand."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from services.notifications import sender
from services.notifications.app import create_app
from services.notifications.commands import COMMANDS
from shared import messages
from shared.database import Database
from tests.apps import app_on
from tests.entering import SignedInClient, signed_in

from .making import TODAY, make_event, make_settings, make_shift, published, receive
from .reading import kept_in, notices_in
from .subscribing import change, subscribe

PAGE = "/organise/notices/schedule"
YESTERDAY = TODAY - timedelta(days=1)
(SCHEDULE_MAIL,) = (command for command in COMMANDS if command.name == "schedule-mail")


@pytest.fixture
def garden(db: Database) -> None:
    """Publish an event of next week, just now."""
    with db.reading() as session:
        now = db.now(session)
    at = {"starts_at": now + timedelta(days=7), "ends_at": now + timedelta(days=7, hours=2)}
    shift = make_shift(id=40, latitude=53.23, longitude=-0.54, **at)
    receive(db, published(make_event(shift, id=40, title="Garden day")), now=now)


def organise(
    db: Database, *roles: tuple[int, str], organiser_id: int = 1, name: str = "Robin Example"
) -> SignedInClient:
    app = app_on(create_app, make_settings(), db)
    return signed_in(app, db, *roles, organiser_id=organiser_id, name=name)


def tell_own_address(db: Database, name: str = "Robin Example") -> None:
    told = messages.MembershipChanged(
        organiser_id=1,
        group_id=1,
        role="organiser",
        revision=2,
        person=messages.Organiser(name=name, email="robin@organisers.example"),
    )
    receive(db, told)


def types(muster: CliRunner, *words: str) -> Result:
    return muster.invoke(SCHEDULE_MAIL, words, catch_exceptions=False)


@pytest.mark.usefixtures("garden")
def test_an_organiser_sees_what_somebody_would_get(db: Database) -> None:
    browser = organise(db, (1, "viewer"))

    page = browser.get(f"{PAGE}?postcode=LN2+1AB&miles=25&group_id=1").text
    frame = browser.get(f"{PAGE}/html?postcode=LN2+1AB&miles=25")

    assert "Coming up: Garden day" in page
    assert "about 2 miles" in page
    assert (
        'src="/organise/notices/schedule/html?postcode=LN2+1AB&amp;miles=25&amp;group_id=1"'
        in page.replace("%20", "+")
    )
    assert "<style>" in frame.text
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in frame.headers["Content-Security-Policy"]
    assert notices_in(db) == []


@pytest.mark.usefixtures("garden")
def test_where_nothing_is_new_there_is_no_mail(db: Database) -> None:
    browser = organise(db)

    assert "Nothing changed or became new there" in browser.get(f"{PAGE}?postcode=ST4").text
    assert browser.get(f"{PAGE}/html?postcode=ST4").text == ""


@pytest.mark.usefixtures("garden")
def test_a_postcode_that_is_not_known_is_named(db: Database) -> None:
    browser = organise(db)

    page = browser.get(f"{PAGE}?postcode=garbage").text

    assert "We do not know where garbage is" in page
    assert "Coming up: Garden day" in page
    for known in ("", "?postcode=LN2+1AB"):
        assert "We do not know" not in browser.get(f"{PAGE}{known}").text


def test_a_wrong_wish_is_named(db: Database) -> None:
    answer = organise(db).get(f"{PAGE}?miles=7")

    assert answer.status_code == 400
    assert "Choose one of these." in answer.text


@pytest.mark.usefixtures("garden")
def test_an_organiser_has_it_sent_to_themselves(db: Database) -> None:
    browser = organise(db, (1, "organiser"))
    tell_own_address(db)

    answer = browser.post(PAGE, data={"postcode": "LN2 1AB", "miles": "25"})

    assert (answer.status_code, answer.location) == (
        303,
        f"{PAGE}?postcode=LN2+1AB&miles=25&sent=yes",
    )
    assert "on its way to robin@organisers.example" in browser.get(str(answer.location)).text
    sender.fill_mailbox(db, make_settings())
    (mail,) = kept_in(db)
    assert (mail.kept.recipient, mail.kept.subject) == (
        "robin@organisers.example",
        "Test: Coming up: Garden day",
    )
    assert "Hello Robin" in mail.text
    assert "/mail/schedule>" in dict(mail.headers)["List-Unsubscribe"]


@pytest.mark.usefixtures("garden")
def test_who_has_no_name_is_greeted_without_one(db: Database) -> None:
    browser = organise(db, (1, "organiser"), name="")
    tell_own_address(db, name="")

    answer = browser.post(PAGE, data={"postcode": "LN2 1AB", "miles": "25"})

    assert answer.status_code == 303
    sender.fill_mailbox(db, make_settings())
    (mail,) = kept_in(db)
    assert "\r\n\r\nThis is what changed" in mail.text


def test_a_viewer_looks_and_sends_nothing(db: Database) -> None:
    browser = organise(db, (1, "viewer"))

    assert browser.post(PAGE, data={}).status_code == 403
    assert "Send it to me" not in browser.get(PAGE).text
    assert notices_in(db) == []


def test_who_is_not_heard_of_yet_is_told_to_wait(db: Database) -> None:
    answer = organise(db, (1, "organiser")).post(PAGE, data={})

    assert answer.status_code == 409
    assert "not known here yet" in answer.text


@pytest.mark.usefixtures("muster", "garden")
def test_administrators_see_how_a_run_stands(db: Database, muster: CliRunner) -> None:
    for number in range(3):
        subscribe(db, f"p{number}@posts.example", postcode="")
        change(db, f"p{number}@posts.example", next_due_at=YESTERDAY)
    types(muster, "run")
    change(db, "p0@posts.example", next_due_at=YESTERDAY)

    page = " ".join(organise(db).get(PAGE).text.split())

    assert "3 people subscribe, 0 were asked to confirm. For 1 the hour has come" in page
    assert "Looked at 3 of 4" in page
    assert '<td data-label="Mails planned">3</td>' in page
    assert "Looked at" not in organise(db, (1, "owner"), organiser_id=2).get(PAGE).text


def test_one_who_subscribes_is_one_person(db: Database) -> None:
    subscribe(db, postcode="")

    page = " ".join(organise(db).get(PAGE).text.split())

    assert "1 person subscribes, 0 were asked to confirm." in page


@pytest.mark.usefixtures("muster", "garden")
def test_the_command_line_runs_and_tells(db: Database, muster: CliRunner) -> None:
    subscribe(db, postcode="")
    change(db, next_due_at=YESTERDAY)

    ran = [json.loads(types(muster, "run", "--json").stdout) for _ in range(2)]
    status = json.loads(types(muster, "status", "--json").stdout)

    assert ran == [{"looked_at": 1}, {"looked_at": 0}]
    assert {name: status[name] for name in ("subscribers", "unconfirmed", "due")} == {
        "subscribers": 1,
        "unconfirmed": 0,
        "due": 0,
    }
    assert status["runs"][0]["planned"] == 1
    assert "1 subscribe, 0 were asked to confirm" in types(muster, "status").stdout
    assert "Nobody is due." in types(muster, "run").stdout


@pytest.mark.usefixtures("muster", "garden")
def test_the_command_line_previews(muster: CliRunner) -> None:
    near = types(muster, "preview", "--postcode", "LN2 1AB", "--miles", "25").stdout
    far = types(muster, "preview", "--postcode", "ST4").stdout

    assert "Garden day" in near
    assert "See all that is on:\nhttps://muster.example/?postcode=LN2+1AB&miles=25" in near
    assert "they would get none" in far
