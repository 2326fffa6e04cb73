"""The pages on which organisers write to many."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update
from werkzeug.test import TestResponse

from services.notifications import sender
from services.notifications.app import create_app
from services.notifications.models import Notice, Shift
from services.notifications.operations import mailings
from services.notifications.rules.mailings import MOST_PRACTICAL
from shared import messages, times
from shared.database import Database
from tests.apps import app_on
from tests.entering import SignedInClient, signed_in

from .making import make_event, make_settings, make_shift, published, receive
from .reading import kept_in, notices_in
from .subscribing import subscribe
from .writing import TYPED, come, draft, mailing_in, send

LONDON = "Europe/London"
NEW = "/organise/notices/events/3/mailings/new"


def console_of(db: Database, *roles: tuple[int, str], **who: Any) -> SignedInClient:
    db.info["settings"] = make_settings(public_url="http://127.0.0.1")
    app = app_on(create_app, db.info["settings"], db)
    return signed_in(app, db, *(roles or [(1, "organiser")]), **who)


def page_of(number: int, part: str = "") -> str:
    return f"/organise/notices/mailings/{number}{part}"


def test_a_mailing_is_written_looked_at_and_sent(db: Database) -> None:
    come(db, "Ada", "Ben")
    console = console_of(db)
    assert "All of the event" in console.get(NEW).text
    answer = console.post(NEW, data=TYPED)
    page = console.get(answer.location).text

    assert "<strong>2</strong> people" in page
    assert "And a coat." in page, "as text"
    assert "A pen." in console.get(f"{answer.location.partition('?')[0]}/preview.html").text
    sent = console.post(f"{answer.location.partition('?')[0]}/send", data={"when": "now"})
    assert sent.status_code == 303
    shown = console.get(sent.location).text
    assert "It leaves" in shown
    assert "Robin Example lets it leave." in shown
    assert "To be sent by" in shown
    assert "Sent by" not in shown, "not yet"


def test_the_preview_of_an_invitation_shows_how_it_can_be_ended_and_ends_nobodys(
    db: Database,
) -> None:
    subscribe(db)
    number = draft(db, purpose="invitation")

    shown = console_of(db).get(page_of(number, "/preview.html")).text

    assert "because you asked at 127.0.0.1 to hear of other days" in shown
    assert 'href="http://127.0.0.1/mail/schedule"' in shown
    assert "/mail/unsubscribe/" not in shown


def test_the_preview_can_do_nothing_but_look_well(db: Database) -> None:
    number = draft(db, words="<script>alert(1)</script>")
    answer = console_of(db).get(page_of(number, "/preview.html"))
    assert "<script>alert" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_link_to_the_form_chooses_the_shift_and_the_waiting_list(db: Database) -> None:
    receive(db, published(make_event(make_shift(), make_shift(id=6), revision=2)))
    page = console_of(db).get(f"{NEW}?shift=6&audience=waiting").text
    assert re.search(r'<option value="6" selected', page)
    assert re.search(r'value="waiting" checked', page)


def test_who_does_not_get_it_is_named_with_the_reason(db: Database) -> None:
    for name in ("ada", "ben"):
        subscribe(db, f"{name}@posts.example")
    for number in range(3):
        event_id = 30 + number
        receive(db, published(make_event(make_shift(id=50 + number), id=event_id)))
        come(db, "Ada", shift_id=50 + number, event_id=event_id, first_id=500 + number)
        with db.writing() as session:
            now = db.now(session)
        other = draft(db, event_id=event_id, purpose="invitation")
        send(db, other, now=now)
        with db.writing() as session:
            mailings.leave_due(session, now.replace(year=now.year + 1))
    come(db, "Ada", "Ben")
    number = draft(db, purpose="invitation")

    page = console_of(db).get(page_of(number)).text
    assert "Not sent to 1" in page
    assert re.search(r"<li>Ada: .*more would be too much", page)
    assert "Send to 1 person" in page
    assert "more than 3 times a week" in page


def test_a_time_to_come_is_taken_on_the_events_clock(db: Database) -> None:
    come(db, "Ada")
    console = console_of(db)
    number = draft(db)
    with db.reading() as session:
        tomorrow = db.now(session) + timedelta(days=1)
    for typed, sentence in (
        ("", "Enter the day and the time."),
        ("soon", "Enter a date and time"),
        ("2020-01-01T10:00", "Choose a time to come"),
    ):
        form = {"when": "later", "send_at": typed}
        answer = console.post(page_of(number, "/send"), data=form)
        assert answer.status_code == 400
        assert sentence in answer.text
    form = {"when": "later", "send_at": f"{tomorrow:%Y-%m-%d}T23:30"}
    answer = console.post(page_of(number, "/send"), data=form)
    sent = mailing_in(db, number)
    assert answer.status_code == 303
    assert sent.send_at is not None
    morning = (tomorrow + timedelta(days=1)).date()
    assert f"{times.local(sent.send_at, LONDON):%Y-%m-%d %H:%M}" == f"{morning} 08:00"


def test_what_cannot_be_sent_says_why_beside_the_form(db: Database) -> None:
    console = console_of(db)
    nobody = console.post(page_of(draft(db), "/send"), data={"when": "now"})
    assert nobody.status_code == 400
    assert "Nobody would get this" in nobody.text

    come(db, "Ada")
    for _ in range(MOST_PRACTICAL):
        assert console.post(page_of(draft(db), "/send"), data={"when": "now"}).status_code == 303
    fourth = console.post(page_of(draft(db), "/send"), data={"when": "now"})
    assert "had its three practical mailings" in fourth.text


def test_who_gets_it_stands_before_the_button_that_sends_it(db: Database) -> None:
    come(db, "Ada")
    page = console_of(db).get(page_of(draft(db, audience="all"))).text

    places = [page.index(words) for words in ("Who gets it", "Send it", "Delete the draft")]
    assert places == sorted(places)
    assert "Those who come and those who wait, all of the event" in page


def test_what_nobody_would_get_says_why_and_can_only_be_tried(db: Database) -> None:
    console = console_of(db)
    empty = console.get(page_of(draft(db))).text
    come(db, "Ada")
    unasked = console.get(page_of(draft(db, purpose="invitation"))).text

    assert "Nobody has a place at the moment." in empty
    assert "All whom it is meant for are left out" in unasked
    for page in (empty, unasked):
        assert "It cannot be sent while nobody would get it." in page
        assert "Send to" not in page
        assert "Send a test to me" in page


def test_two_who_change_a_draft_at_once_see_each_other(db: Database) -> None:
    console = console_of(db)
    number = draft(db)
    seen = re.search(r'name="seen" value="([^"]+)"', console.get(page_of(number, "/edit")).text)
    assert seen
    form = {**TYPED, "seen": seen[1].replace("&#34;", '"')}

    def edit(**typed: str) -> TestResponse:
        return console.post(page_of(number, "/edit"), data={**form, **typed})

    assert edit(subject="Bring a coat").status_code == 303
    assert edit(words="A pencil.").status_code == 303
    both = edit(subject="Bring a hat")
    assert both.status_code == 400
    assert "Bring a coat" in both.text
    assert "Bring a hat" in both.text
    kept = mailing_in(db, number)
    assert (kept.subject, kept.words) == ("Bring a coat", "A pencil.")


def test_a_test_goes_to_whoever_asks_for_it(db: Database) -> None:
    number = draft(db)
    console = console_of(db, organiser_id=7)
    assert console.post(page_of(number, "/test")).status_code == 409
    receive(
        db,
        messages.MembershipChanged(
            **{"organiser_id": 7, "group_id": 1, "role": "organiser", "revision": 1},
            person=messages.Organiser(name="Robin Example", email="robin@fosse.example"),
        ),
    )
    assert console.post(page_of(number, "/test")).status_code == 303
    sender.fill_mailbox(db, make_settings())
    assert [mail.kept.recipient for mail in kept_in(db)] == ["robin@fosse.example"]


def test_the_page_shows_how_far_it_has_come_and_can_stop_the_rest(db: Database) -> None:
    come(db, "Ada", "Ben")
    number = draft(db)
    console = console_of(db)
    console.post(page_of(number, "/send"), data={"when": "now"})
    with db.writing() as session:
        now = db.now(session)
        mailings.leave_due(session, now.replace(year=now.year + 1))
        session.execute(update(Notice).where(Notice.kind == "mailing").values(due_at=now))
    page = console.get(page_of(number))
    told = console.get(page_of(number, "/progress.json")).get_json()

    assert page.headers["Refresh"]
    assert "Stop the rest" in page.text
    assert told == {"busy": True, "done": 0, "total": 2, "words": "0 sent, 2 to go."}
    assert console.post(page_of(number, "/stop")).status_code == 303
    stopped = console.get(page_of(number))
    assert "Refresh" not in stopped.headers
    assert "No longer true" in stopped.text
    assert len(notices_in(db, kind="mailing", state="superseded")) == 2


def test_the_page_says_when_the_rest_goes_on_that_waits_for_the_morning(db: Database) -> None:
    come(db, "Ada", "Ben")
    number = draft(db)
    console = console_of(db)
    console.post(page_of(number, "/send"), data={"when": "now"})
    morning = datetime(2091, 7, 2, 7, 0, tzinfo=UTC)
    with db.writing() as session:
        mailings.leave_due(session, morning)

    told = console.get(page_of(number, "/progress.json")).get_json()
    page = console.get(page_of(number)).text

    assert "<dt>Left</dt><dd>Monday 2 July 2091, 08:00</dd>" in page
    assert "/organise/notices?kind=mailing&amp;event_id=3" in page
    assert told["words"] == "0 sent, 2 to go. It goes on Monday 2 July 2091, 08:00."
    assert told["words"] in page
    assert "Being sent" in page


def test_the_preview_has_the_groups_colour(db: Database) -> None:
    console = console_of(db)
    assert console.post("/organise/notices/groups/1/look", data={"colour": "#005a9c"}).location
    assert "#005a9c" in console.get(page_of(draft(db), "/preview.html")).text


def test_a_placeholder_is_refused_since_nothing_would_come_in_its_place(db: Database) -> None:
    console = console_of(db)
    typed = TYPED | {"subject": "For {place}", "words": "Hello,\n\nbring {first_name} along."}
    page = console.post(NEW, data=typed)

    assert page.status_code == 400
    assert "{place} would stand in the mail as it is." in page.text
    assert "Line 3: {first_name} would stand in the mail as it is." in page.text


def test_viewers_look_and_do_nothing(db: Database) -> None:
    come(db, "Ada")
    number = draft(db)
    console = console_of(db, (1, "viewer"))
    assert "Send it" not in console.get(page_of(number)).text
    for part in ("/send", "/stop", "/test", "/delete", "/edit"):
        assert console.post(page_of(number, part)).status_code == 403


def test_another_groups_mailings_are_not_there(db: Database) -> None:
    number = draft(db)
    console = console_of(db, (2, "owner"))
    for path in (NEW, page_of(number), page_of(number, "/preview.html"), page_of(number, "/edit")):
        assert console.get(path).status_code == 404
    for part in ("/send", "/stop", "/test", "/delete", "/edit"):
        assert console.post(page_of(number, part)).status_code == 404
    assert "Mailings" in console_of(db).get("/organise/notices/groups/1/mailings").text


def test_who_has_no_event_to_write_about_is_led_to_make_one(db: Database) -> None:
    with db.writing() as session:
        session.execute(update(Shift).values(cancelled=True))

    page = console_of(db).get("/organise/notices/groups/1/mailings").text

    assert "The group has no event ahead" in page
    assert 'href="/organise/groups/1/events/new"' in page


def test_a_draft_can_be_thrown_away(db: Database) -> None:
    number = draft(db)
    console = console_of(db)
    answer = console.post(page_of(number, "/delete"))
    assert "The draft is gone." in console.get(answer.location).text
    assert console.get(page_of(number)).status_code == 404


def test_shifts_at_the_same_hour_are_told_apart_by_their_towns(db: Database) -> None:
    newark = make_shift(revision=2, place="Market Place", address="Town Hall, Newark")
    derby = make_shift(id=6, place="Market Place", address="Guildhall, Derby")
    receive(db, published(make_event(newark, derby, revision=2)))
    console = console_of(db)

    page = console.get(NEW).text

    assert re.search(r'value="5"[^>]*>Market Place, Newark: ', page)
    assert re.search(r'value="6"[^>]*>Market Place, Derby: ', page)
    draft_of_one = console.post(NEW, data=TYPED | {"shift_id": "6"}).location
    assert "Market Place, Derby: " in console.get(draft_of_one).text
