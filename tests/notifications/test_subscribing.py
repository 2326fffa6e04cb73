"""Asking for the weekly mail, choosing, ending it: by the pages, as people and programs do."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from services.notifications.app import create_app
from services.notifications.models import Subscriber
from services.notifications.operations.subscribers import asking, forgetting, preferring
from services.notifications.operations.subscribers.finding import find
from services.notifications.rules import tastes
from shared import messages, wire
from shared.database import Database
from shared.refusals import NotKnownYet, NotThere
from shared.tables import OUTBOX
from tests.apps import app_on

from .making import (
    NOW,
    TODAY,
    make_event,
    make_group,
    make_settings,
    make_shift,
    published,
    receive,
)
from .reading import kept_in, notices_in
from .subscribing import (
    ADA,
    ask,
    change,
    plan,
    send,
    subscribe,
    subscriber_in,
    subscribers_in,
)
from .test_erasing import everything_in
from .writing import come, draft, let_leave
from .writing import send as decide

FORM = {"email": ADA, "consent": "yes", "weekday": "3", "hour": "17", "miles": "10"}


def visit(db: Database, **settings: Any) -> FlaskClient:
    """Return a browser before the service's pages, as the public reaches them with a broker."""
    broker = {"amqp_url": "amqp://broker.example", "smtp_url": "smtp://mail.example"}
    return app_on(create_app, make_settings(**broker | settings), db).test_client()


def told_in(db: Database) -> list[Any]:
    with db.reading() as session:
        bodies = session.scalars(select(OUTBOX.c.body).order_by(OUTBOX.c.id))
        return [wire.unseal(body).message for body in bodies]


def given(**differences: Any) -> messages.ConsentGiven:
    """Return the message that somebody ticked the box at sign-up."""
    facts: dict[str, Any] = {
        "purpose": "mail",
        "wording": "Friends of Elmbridge may write to me.",
        "version": 1,
        "origin": "",
        "at": NOW,
        "group_id": 1,
        "signup_id": 9,
        "person": messages.Agreed(first_name="Ada", email=ADA, postcode="LN2 1AB"),
    }
    return messages.ConsentGiven(**facts | differences)


def kinds_in(db: Database) -> list[str]:
    return [notice.kind for notice in notices_in(db)]


def test_the_form_asks_by_mail_and_nothing_comes_before_the_button(db: Database) -> None:
    answer = visit(db).post("/mail/schedule", data={**FORM, "first_name": "Ada"})

    assert (answer.status_code, answer.location) == (303, "/mail/schedule/sent")
    assert "Set-Cookie" not in answer.headers
    asked = subscriber_in(db)
    assert (asked.confirmed_at, asked.next_due_at, asked.origin) == (None, None, "page")
    assert (asked.wording, asked.wording_version) == (tastes.WORDING, tastes.WORDING_VERSION)
    assert kinds_in(db) == ["schedule_confirm"]


def test_without_the_tick_nobody_is_written_to(db: Database) -> None:
    answer = visit(db).post("/mail/schedule", data={**FORM, "consent": ""})

    assert answer.status_code == 400
    assert "Tick the box" in answer.text
    assert subscribers_in(db) == []


@pytest.mark.parametrize(
    "wrong,said",
    [
        ({"email": "nobody"}, "Enter an email address"),
        ({"first_name": "Win at win.example"}, "without web or email addresses"),
        ({"kinds": "poem"}, "Choose one of these."),
        ({"hour": "3"}, "Choose one of these."),
        ({"group_id": "x"}, "Choose one of these."),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    db: Database, wrong: dict[str, str], said: str
) -> None:
    answer = visit(db).post("/mail/schedule", data={**FORM, **wrong})

    assert answer.status_code == 400
    assert said in answer.text
    assert 'class="field has-error"' in answer.text or "field-check has-error" in answer.text
    assert subscribers_in(db) == []


def test_a_group_that_is_not_there_is_404(db: Database) -> None:
    assert visit(db).post("/mail/schedule", data={**FORM, "group_id": "77"}).status_code == 404


def test_the_answer_is_the_same_for_every_address(db: Database) -> None:
    subscribe(db)
    browser = visit(db)

    answers = [
        browser.post("/mail/schedule", data={**FORM, "email": email})
        for email in (ADA, "ben@posts.example", ADA)
    ]

    assert len({(a.status_code, a.location, a.text) for a in answers}) == 1


def test_an_unknown_form_changes_nothing_of_who_has_it_already(db: Database) -> None:
    before = subscribe(db, miles=25)
    visit(db).post("/mail/schedule", data={**FORM, "first_name": "Eve", "postcode": "ST4"})

    after = subscriber_in(db)
    assert (after.miles, after.first_name, after.postcode) == (25, "Ada", "LN2 1AB")
    assert after.next_due_at == before.next_due_at
    send(db, now=TODAY)
    assert "Nothing has changed" in kept_in(db)[0].text
    assert "/mail/preferences/" in kept_in(db)[0].text


def test_a_machine_that_fills_in_everything_sends_nothing(db: Database) -> None:
    answer = visit(db).post("/mail/schedule", data={**FORM, "website": "https://spam.example"})

    assert answer.location == "/mail/schedule/sent"
    assert subscribers_in(db) == []


def test_nobody_is_bombed_with_mails(db: Database) -> None:
    for minutes in range(6):
        ask(db, now=NOW + timedelta(minutes=minutes))

    assert kinds_in(db) == ["schedule_confirm"] * asking.MAILS_PER_ADDRESS_DAY


def test_what_follows_a_plus_makes_no_other_mailbox(db: Database) -> None:
    for number in range(6):
        ask(db, f"ada+{number}@posts.example")

    assert kinds_in(db) == ["schedule_confirm"] * asking.MAILS_PER_ADDRESS_DAY


def test_one_network_address_cannot_ask_for_everybody(db: Database) -> None:
    browser = visit(db)
    codes = [
        browser.post("/mail/schedule", data={**FORM, "email": f"p{n}@posts.example"}).status_code
        for n in range(asking.FORMS_PER_NETWORK_HOUR + 1)
    ]

    assert codes == [303] * asking.FORMS_PER_NETWORK_HOUR + [429]


def test_a_search_brings_where_the_postcode_lies(db: Database) -> None:
    browser = visit(db)
    query = "postcode=LN2+1AB&miles=25&kind=lesson&latitude=53.234&longitude=-0.541"
    page = browser.get(f"/mail/schedule?{query}").text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    form = {**FORM, **hidden, "miles": "25", "kinds": "lesson"}

    browser.post("/mail/schedule", data={**form, "postcode": "ln21ab"})
    exact = subscriber_in(db)
    browser.post("/mail/schedule", data={**form, "postcode": "ST4 1AA", "email": "b@posts.example"})
    other = subscriber_in(db, "b@posts.example")

    assert 'value="lesson" checked' in page
    assert (exact.latitude, exact.longitude, exact.is_rough) == (53.234, -0.541, False)
    assert (exact.kinds, exact.miles) == (["lesson"], 25)
    assert (other.latitude, other.is_rough) == (52.98, True)


@pytest.mark.parametrize("postcode", ["Newark", "ZZ1 1ZZ"])
def test_a_postcode_that_is_not_known_is_named_and_stays_in_the_form(
    db: Database, postcode: str
) -> None:
    token = subscribe(db, "ben@posts.example").token
    browser = visit(db)

    for form in ("/mail/schedule", f"/mail/preferences/{token}"):
        refused = browser.post(form, data={**FORM, "postcode": postcode})

        assert refused.status_code == 400
        sentence = f"We do not know where {postcode} is."
        assert f'<a href="#field-postcode">{sentence}' in refused.text
        assert f'value="{postcode}"' in refused.text
        assert "Saved." not in refused.text
    assert subscribers_in(db) == ["ben@posts.example"]
    assert subscriber_in(db, "ben@posts.example").postcode == "LN2 1AB"


def test_who_gives_no_postcode_hears_of_every_place(db: Database) -> None:
    visit(db).post("/mail/schedule", data={**FORM, "postcode": ""})

    kept = subscriber_in(db)
    assert (kept.postcode, kept.latitude, kept.is_rough) == ("", None, False)


def test_a_tick_at_sign_up_counts_whatever_the_postcode(db: Database) -> None:
    receive(db, given(person=messages.Agreed(first_name="Ada", email=ADA, postcode="Newark")))

    kept = subscriber_in(db)
    assert (kept.postcode, kept.latitude, kept.is_rough) == ("Newark", None, False)


def test_the_button_lets_it_begin_once(db: Database) -> None:
    ask(db)
    browser, token = visit(db), subscriber_in(db).token
    change(db, requested_at=TODAY)
    page = browser.get(f"/mail/schedule/confirm/{token}")
    assert "Yes, send it to me" in page.text
    assert subscriber_in(db).confirmed_at is None

    answers = [browser.post(f"/mail/schedule/confirm/{token}") for _ in range(2)]

    assert [a.location for a in answers] == [f"/mail/preferences/{token}?said=confirmed"] * 2
    begun = subscriber_in(db)
    assert begun.confirmed_at is not None
    assert begun.next_due_at is not None


def test_the_button_works_for_a_week(db: Database) -> None:
    ask(db)
    token = subscriber_in(db).token
    with db.writing() as session, pytest.raises(NotThere):
        asking.confirm(session, token, now=NOW + timedelta(days=7))
    change(db, requested_at=TODAY - timedelta(days=7))

    page = visit(db).get(f"/mail/schedule/confirm/{token}")

    assert page.status_code == 404
    assert "This link no longer works" in page.text


def test_who_never_confirms_is_forgotten_with_the_mail_that_asked(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_A_TIME", 2)
    others = [f"{name}@posts.example" for name in ("ben", "cleo", "dev")]
    for email in (ADA, *others):
        ask(db, email)
    send(db)
    for days, left in ((6.9, [ADA, *others]), (7, [])):
        with db.writing() as session:
            forgetting.forget_ended(session, NOW + timedelta(days=days))
        assert subscribers_in(db) == left

    assert notices_in(db) == []
    assert kept_in(db) == []


def test_a_tick_at_sign_up_asks_once(db: Database) -> None:
    receive(db, given(), given(), given(signup_id=10))

    asked = subscriber_in(db)
    assert (asked.group_id, asked.origin, asked.postcode) == (1, "sign-up", "LN2 1AB")
    assert (asked.wording, asked.agreed_at) == ("Friends of Elmbridge may write to me.", NOW)
    assert kinds_in(db) == ["schedule_confirm"]


def test_the_mail_says_where_the_box_was_ticked(db: Database) -> None:
    receive(db, given())
    ask(db, "ben@posts.example")
    send(db)

    by_tick, by_form = sorted(kept_in(db), key=lambda mail: mail.kept.recipient)
    for said in (by_tick.text, by_tick.html):
        assert "signed up with Friends of Elmbridge and ticked the box" in said
        assert "because somebody ticked the box for such mail" in said
        assert "Answer this mail" in said
    for said in (by_form.text, by_form.html):
        assert "ticked" not in said
        assert "because somebody asked for the weekly schedule" in said
        assert "Answers to it are not read." in said


def test_a_tick_of_who_has_it_already_asks_nothing(db: Database) -> None:
    subscribe(db, miles=25)

    receive(db, given(at=NOW + timedelta(days=1)))

    assert kinds_in(db) == ["schedule_confirm"]
    assert subscriber_in(db).miles == 25


def tick_of_another_group(db: Database, **facts: Any) -> messages.ConsentGiven:
    """Return the message that somebody ticked the box of group 2, which is known by now."""
    others = make_group(id=2, name="Fosse Neighbours")
    receive(db, published(make_event(make_shift(id=8), id=4, group=others)))
    return given(**{"group_id": 2, "at": NOW + timedelta(days=1)} | facts)


def test_who_hears_of_another_group_is_told_how_to_hear_of_this_one(db: Database) -> None:
    before = subscribe(db, group_id=1)
    tick = tick_of_another_group(db)
    send(db)

    receive(db, tick, replace(tick, signup_id=10), tick)
    send(db)

    assert kinds_in(db) == ["schedule_confirm"] * 2, "once for each tick"
    mail = kept_in(db)[0]
    assert mail.kept.subject == "You get it already: the weekly schedule"
    for said in (mail.text, mail.html):
        assert "so far it has what Friends of Elmbridge has on" in said
        assert "to hear of Fosse Neighbours, too" in said
        assert f"/mail/preferences/{before.token}" in said
    after = subscriber_in(db)
    assert (after.group_id, after.next_due_at) == (1, before.next_due_at)


@pytest.mark.parametrize("chosen,ticked", [(None, 2), (2, 2)], ids=["all", "the same"])
def test_who_hears_of_the_group_already_is_not_written_to(
    db: Database, chosen: int | None, ticked: int
) -> None:
    tick = tick_of_another_group(db, group_id=ticked)
    subscribe(db, group_id=chosen)

    receive(db, tick)

    assert kinds_in(db) == ["schedule_confirm"]


def test_who_chose_all_before_the_mail_left_needs_none(db: Database) -> None:
    token = subscribe(db, group_id=1).token
    send(db)
    receive(db, tick_of_another_group(db))
    with db.writing() as session:
        preferring.keep_preferences(session, token, {"group_id": None}, pause=0, now=NOW)

    send(db)

    assert [notice.state for notice in notices_in(db)] == ["sent", "superseded"]


def test_ticks_count_like_forms_and_each_of_them_once(db: Database) -> None:
    subscribe(db, group_id=1)
    tick = tick_of_another_group(db)

    receive(db, *(replace(tick, at=NOW + timedelta(minutes=n)) for n in (1, 1, 2, 3)))

    assert kinds_in(db) == ["schedule_confirm"] * asking.MAILS_PER_ADDRESS_DAY


def test_ticks_of_one_mailbox_under_many_names_are_bounded(db: Database) -> None:
    for number in range(6):
        person = messages.Agreed(first_name="Ada", email=f"ada+{number}@posts.example", postcode="")
        receive(db, given(person=person))

    assert kinds_in(db) == ["schedule_confirm"] * asking.MAILS_PER_ADDRESS_DAY


@pytest.mark.parametrize("hours,asked", [(-1, 1), (1, 2)], ids=["earlier", "later"])
def test_of_a_tick_and_an_end_the_later_one_counts(db: Database, hours: int, asked: int) -> None:
    subscribe(db)
    change(db, ended_at=NOW, next_due_at=None)

    later = NOW + timedelta(hours=2)
    receive(db, given(at=NOW + timedelta(hours=hours)), now=later)

    assert kinds_in(db) == ["schedule_confirm"] * asked
    assert (subscriber_in(db).ended_at is None) is (asked == 2)


def test_a_tick_about_a_group_not_heard_of_yet_waits(db: Database) -> None:
    with pytest.raises(NotKnownYet):
        receive(db, given(group_id=2))


def test_all_that_is_kept_stands_on_the_page(db: Database) -> None:
    token = subscribe(db, kinds=["lesson"], miles=25).token
    plan(db)

    page = html.unescape(visit(db).get(f"/mail/preferences/{token}").text)

    words = ("LN2 1AB, about 53.25, -0.50", ADA, "Ada", tastes.WORDING, "on our form")
    for said in (*words, "there was nothing new to tell you", "Lesson or class"):
        assert said in page
    assert 'value="25" selected' in page
    assert 'value="lesson" checked' in page


def test_preferences_are_kept_and_shown(db: Database) -> None:
    token = subscribe(db, postcode="").token
    browser = visit(db)
    form = {"postcode": "ST4", "miles": "50", "kinds": ["lesson", "training"], "weekday": "6"}

    answer = browser.post(
        f"/mail/preferences/{token}", data={**form, "hour": "9", "group_id": "1", "pause": "2"}
    )

    assert answer.location == f"/mail/preferences/{token}?said=saved"
    kept = subscriber_in(db)
    assert (kept.miles, kept.kinds, kept.online, kept.group_id) == (
        50,
        ["lesson", "training"],
        False,
        1,
    )
    assert kept.next_due_at is not None
    assert kept.next_due_at > TODAY + timedelta(days=14)
    page = browser.get(str(answer.location)).text
    assert "Saved." in page
    assert "You have a rest from it until" in page
    assert "Friends of Elmbridge has on" in page


def test_a_wrong_preference_changes_nothing(db: Database) -> None:
    token = subscribe(db).token

    answer = visit(db).post(f"/mail/preferences/{token}", data={"miles": "7"})

    assert answer.status_code == 400
    assert "Choose one of these." in answer.text
    assert subscriber_in(db).miles == 10


def test_saving_again_keeps_the_place_that_a_search_found(db: Database) -> None:
    token = subscribe(db).token
    change(db, latitude=53.234, longitude=-0.541, is_rough=False, considered_until=NOW)

    visit(db).post(
        f"/mail/preferences/{token}", data={"postcode": "LN2 1AB", "online": "yes", "hour": "9"}
    )

    kept = subscriber_in(db)
    assert (kept.latitude, kept.hour, kept.considered_until) == (53.234, 9, NOW)


def test_one_click_needs_nothing_but_the_post(db: Database) -> None:
    token = subscribe(db).token
    program = visit(db)

    answers = [
        program.post(
            f"/mail/unsubscribe/{token}",
            data="List-Unsubscribe=One-Click",
            content_type="application/x-www-form-urlencoded",
            headers={"Origin": "https://mail.example"},
        )
        for _ in range(2)
    ]

    assert [a.status_code for a in answers] == [200, 200]
    assert all("Set-Cookie" not in a.headers for a in answers)
    ended = subscriber_in(db)
    assert (ended.next_due_at, ended.ended_at is None) == (None, False)
    (told,) = told_in(db)
    assert isinstance(told, messages.ConsentWithdrawn)
    assert (told.person.email, told.group_id, told.at) == (ADA, None, ended.ended_at)


def test_what_ended_can_be_taken_back(db: Database) -> None:
    token = subscribe(db, group_id=1).token
    browser = visit(db)
    page = browser.post(f"/mail/unsubscribe/{token}").text
    assert "Subscribe again" in page

    answers = [browser.post(f"/mail/preferences/{token}/again") for _ in range(2)]

    assert [a.location for a in answers] == [f"/mail/preferences/{token}?said=again"] * 2
    again = subscriber_in(db)
    assert (again.ended_at, again.next_due_at is None) == (None, False)
    told = told_in(db)
    assert [type(message).__name__ for message in told] == ["ConsentWithdrawn", "ConsentRenewed"]
    assert {message.group_id for message in told} == {1}


def test_an_old_link_unsubscribes_nobody_and_says_so_kindly(db: Database) -> None:
    browser = visit(db)

    for answer in (
        browser.get("/mail/unsubscribe/of-long-ago"),
        browser.post("/mail/unsubscribe/of-long-ago"),
    ):
        assert answer.status_code == 200
        assert "No more weekly mail" in answer.text
    assert browser.get("/mail/preferences/of-long-ago").status_code == 404
    assert browser.post("/mail/preferences/of-long-ago/again").status_code == 404
    assert told_in(db) == []


def test_who_ended_it_is_forgotten_a_month_later(db: Database) -> None:
    token = subscribe(db, postcode="").token
    plan(db)
    visit(db).post(f"/mail/unsubscribe/{token}")
    ended_at = subscriber_in(db).ended_at
    assert ended_at is not None
    with db.writing() as session:
        late = ended_at + forgetting.ENDED_KEPT
        assert forgetting.count_outdated(session, late) == {"subscribers of the schedule mail": 1}
        forgetting.forget_ended(session, late)

    assert subscribers_in(db) == []
    assert notices_in(db) == []


def test_programs_that_look_at_links_change_nothing(db: Database) -> None:
    ask(db, "ben@posts.example", postcode="")
    change(db, "ben@posts.example", requested_at=TODAY)
    subscribe(db, postcode="")
    plan(db)
    send(db)
    come(db, "Ada")
    decide(db, draft(db, purpose="invitation"))
    let_leave(db, NOW + timedelta(minutes=2))
    send(db, now=NOW + timedelta(minutes=2))
    before, browser = everything_in(db), visit(db)
    found = set()
    for mail in kept_in(db):
        parts = message_from_bytes(mail.kept.body, policy=default)
        found |= set(
            re.findall(
                r'https://muster\.example(/[^\s"<>]*)',
                mail.text + mail.html + str(parts["List-Unsubscribe"]),
            )
        )

    ours = {html.unescape(path) for path in found if path.startswith("/mail/")}
    for path in ours:
        for method in ("GET", "HEAD"):
            assert browser.open(path, method=method).status_code == 200

    assert {urlsplit(path).path.split("/")[2] for path in ours} == {
        "schedule",
        "preferences",
        "unsubscribe",
    }
    assert any("?mail=" in path for path in ours), "that of the invitation, too"
    assert everything_in(db) == before


def test_the_pages_are_there_with_a_broker_and_in_one_process(db: Database) -> None:
    for settings in ({}, {"amqp_url": "", "smtp_url": ""}):
        assert visit(db, **settings).get("/mail/schedule").status_code == 200
    assert visit(db).get("/mail").status_code == 404


def test_who_ended_it_while_a_form_was_read_stays_ended(db: Database) -> None:
    token = subscribe(db).token
    with db.writing() as session:
        find(session, token)
        ended = update(Subscriber).values(ended_at=NOW, next_due_at=None)
        session.execute(ended.execution_options(synchronize_session=False))
        with pytest.raises(NotThere):
            preferring.keep_preferences(session, token, {}, pause=0, now=NOW)
