"""The ledger: each notice's story, sending again, and the figures of an event."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text, update

from services.notifications.app import create_app
from services.notifications.models import Channel, Notice, Try
from services.notifications.operations import channels, erasing, notices, sending_again
from services.notifications.operations.subscribers import preferring
from services.notifications.rules import kinds, states
from shared import times
from shared.database import Database
from shared.refusals import Refusal
from tests.apps import app_on
from tests.entering import NETWORK, give_token, signed_in, with_token

from .driving import work_off
from .making import (
    NOW,
    cancelled,
    link_requested,
    make_event,
    make_group,
    make_settings,
    make_shift,
    moved,
    placed,
    published,
    receive,
    waitlisted,
)
from .post_office import DROP, open_post_office
from .reading import let_lease_run_out, make_due, notice_in, notices_in
from .subscribing import ask, send, subscribe
from .writing import come, draft, let_leave
from .writing import send as decide

SOON = NOW + timedelta(minutes=2)


def as_role(db: Database, role: str = "organiser", *, group_id: int = 1) -> FlaskClient:
    app = app_on(create_app, make_settings(public_url="http://127.0.0.1"), db)
    return signed_in(app, db, (group_id, role))


def as_program(db: Database, rights: str = "read write", *, group_id: int = 1) -> FlaskClient:
    app = app_on(create_app, make_settings(), db)
    token = f"muster_{rights.replace(' ', '-')}-of-{group_id}"
    return with_token(app, give_token(db, token, group_id=group_id, rights=rights))


def send_all(db: Database, **script: list[str]) -> None:
    with open_post_office(**script) as office:
        work_off(db, office)


def test_every_notice_says_which_event_and_group_it_concerns(db: Database) -> None:
    receive(db, published(make_event(group=make_group(revision=2, signup_notices="at_once"))))
    receive(db, placed(), moved(), link_requested())

    concerned = {n.kind: (n.event_id, n.group_id) for n in notices_in(db)}

    assert concerned == {
        **dict.fromkeys(("confirmation", "new_signup", "changed"), (3, 1)),
        "links": (None, None),
    }


def test_the_ledger_says_what_a_notice_of_no_sign_up_is_about(db: Database) -> None:
    receive(db, placed())
    of_group = as_role(db)
    with db.writing() as session:
        session.execute(update(Notice).values(signup_id=None, kind="enquiry"))
    about_event = of_group.get("/organise/notices").text
    with db.writing() as session:
        session.execute(update(Notice).values(event_id=None))
    about_group = of_group.get("/organise/notices").text

    assert '<td data-label="About">Winter action day</td>' in about_event
    assert '<td data-label="About">Friends of Elmbridge</td>' in about_group


def test_a_notice_of_an_older_version_gets_its_group_afterwards(db: Database) -> None:
    receive(db, placed(), link_requested())
    with db.writing() as session:
        session.execute(update(Notice).values(event_id=None, group_id=None))
        notices.name_owners(session, db.now(session))

    assert notice_in(db, kind="confirmation").event_id == 3
    assert notice_in(db, kind="confirmation").group_id == 1
    assert notice_in(db, kind="links").group_id is None


def test_a_story_tells_each_try_and_what_the_server_said(db: Database) -> None:
    receive(db, placed())
    send_all(db, rcpt=["451 4.7.1 greylisted, come back"])
    make_due(db)
    send_all(db, body=[DROP])
    let_lease_run_out(db)

    page = as_role(db).get("/organise/notices/1").text

    told = [page.index(words) for words in ("Prepared", "greylisted", "nobody knows whether")]
    assert told == sorted(told)
    assert "Tried again then" in page
    assert "ada@posts.example" in page


def test_a_story_ends_with_its_sending(db: Database) -> None:
    receive(db, placed())
    send_all(db)

    page = as_role(db).get("/organise/notices/1").text

    assert "<strong>Sent</strong>" in page


def test_a_sender_that_died_is_part_of_the_story(db: Database) -> None:
    receive(db, placed())
    with db.writing() as session:
        now = db.now(session)
        session.execute(
            update(Notice).values(
                state="sending", due_at=None, began_at=now, lease_until=now, attempts=1
            )
        )
    let_lease_run_out(db)

    with db.reading() as session:
        (tried,) = session.scalars(select(Try))
        assert tried.answer == "The sender stopped while sending."


def test_tries_are_erased_with_their_notice(db: Database) -> None:
    receive(db, placed())
    send_all(db, rcpt=["451 4.7.1 later"])
    with db.writing() as session:
        erasing.delete_signups(session, [9])

    with db.reading() as session:
        assert session.scalars(select(Try)).all() == []


def test_what_failed_is_tried_again_with_its_message_id(db: Database) -> None:
    receive(db, placed())
    send_all(db, rcpt=["550 5.1.1 unknown"])
    before = notice_in(db)

    answer = as_role(db).post("/organise/notices/1/send-again")
    send_all(db)

    assert answer.location == "/organise/notices/1?again=1"
    after = notice_in(db)
    assert (after.state, after.message_id) == ("sent", before.message_id)


def test_what_was_sent_is_sent_again_as_a_new_mail_that_is_true_by_then(db: Database) -> None:
    receive(db, placed())
    send_all(db)
    answer = as_role(db).post("/organise/notices/1/send-again")
    with open_post_office() as office:
        work_off(db, office)
        (mail,) = office.mails()

    first, second = notices_in(db)
    assert answer.location == "/organise/notices/2?again=1"
    assert (first.state, second.state) == ("sent", "sent")
    assert first.message_id != second.message_id
    assert str(second.message_id) in mail["Message-ID"]
    assert second.key == f"{first.key}:again-1"


def test_sent_again_is_not_sent_when_it_is_no_longer_true(db: Database) -> None:
    receive(db, placed())
    send_all(db)
    as_role(db).post("/organise/notices/1/send-again")
    receive(db, cancelled())
    send_all(db)

    assert [n.state for n in notices_in(db, kind="confirmation")] == ["sent", "superseded"]


def test_asking_twice_sends_once(db: Database) -> None:
    receive(db, placed())
    send_all(db)
    browser = as_role(db)

    answers = [browser.post("/organise/notices/1/send-again").status_code for _ in range(2)]

    assert answers == [303, 409]
    assert len(notices_in(db)) == 2


@pytest.mark.parametrize("state", states.STATES)
def test_what_can_be_sent_again_is_decided_by_kind_and_state(state: str) -> None:
    for kind in kinds.KINDS:
        notice = Notice(kind=kind, state=state, reason="", expires_at=None)

        refused = bool(sending_again.refusal_of(notice))

        never = kind in kinds.WITH_KEY
        once = kind in (*kinds.AT_MOST_ONCE, *kinds.ASKS, "schedule_confirm")
        expected = {
            "sent": never or once,
            "suppressed": never or kind in kinds.ASKS,
            **dict.fromkeys(("failed", "deferred", "uncertain"), never),
        }.get(state, True)
        assert refused == expected, kind


def test_a_change_sent_again_tells_the_same_change(db: Database) -> None:
    receive(db, placed(), moved())
    make_due(db)
    send_all(db)
    changed = notice_in(db, kind="changed")
    as_role(db).post(f"/organise/notices/{changed.id}/send-again")
    with open_post_office() as office:
        work_off(db, office)
        (mail,) = office.mails()

    assert "Station Forecourt" in mail.get_body(("plain",)).get_content()


def test_a_mail_is_sent_again_three_times_a_day_and_no_more(db: Database) -> None:
    receive(db, placed())
    send_all(db)
    organiser = as_role(db)
    for _ in range(3):
        assert organiser.post("/organise/notices/1/send-again").status_code == 303
        send_all(db)

    # Of a copy as of the first: it is the same mail.
    for notice_id in (1, 4):
        refused = organiser.post(f"/organise/notices/{notice_id}/send-again")
        assert refused.status_code == 409
        assert "please call them instead" in refused.text
    assert len(notices_in(db, kind="confirmation")) == 4

    with db.writing() as session:
        a_day_ago = db.now(session) - timedelta(days=1)
        session.execute(update(Notice).values(created_at=a_day_ago))
    assert organiser.post("/organise/notices/1/send-again").status_code == 303


def test_a_copy_that_was_put_off_is_tried_at_once(db: Database) -> None:
    receive(db, placed())
    send_all(db)
    organiser = as_role(db)
    organiser.post("/organise/notices/1/send-again")
    send_all(db, rcpt=["451 4.7.1 greylisted, come back"])
    assert notice_in(db, id=2).state == "deferred"

    # Of the first it is said that it is on its way: as the copy.
    assert organiser.post("/organise/notices/1/send-again").status_code == 409
    assert organiser.post("/organise/notices/2/send-again").status_code == 303

    assert notice_in(db, id=2).state == "due"


@pytest.mark.parametrize("end", ["failed", "uncertain"])
def test_a_mail_that_is_refused_or_in_doubt_is_tried_three_times_a_day(
    db: Database, end: str
) -> None:
    receive(db, placed())
    with db.writing() as session:
        now = db.now(session)
        session.execute(update(Notice).values(state=end, due_at=None))
        meaning = "never" if end == "failed" else "unknown"
        tried = [{"notice_id": 1, "at": now, "meaning": meaning, "answer": ""}] * 2
        session.execute(insert(Try), tried)

    organiser = as_role(db)
    assert organiser.post("/organise/notices/1/send-again").status_code == 303
    with db.writing() as session:
        session.execute(update(Notice).values(state=end, due_at=None))
        session.execute(insert(Try), tried[:1])

    assert organiser.post("/organise/notices/1/send-again").status_code == 409
    assert "please call them instead" in organiser.get("/organise/notices/1").text


def test_an_organiser_does_not_end_the_pause_of_a_channel(db: Database) -> None:
    receive(db, placed())
    send_all(db, rcpt=["550 5.1.1 unknown"])
    with db.writing() as session:
        channels.pause(session, "mail", "The password is wrong.", now=db.now(session))

    assert as_role(db).post("/organise/notices/1/send-again").status_code == 303

    with db.reading() as session:
        (trouble,) = session.scalars(select(Channel)).all()
    assert trouble.reason == "The password is wrong."


def test_programs_send_again_with_the_right_to_write(db: Database) -> None:
    receive(db, placed())
    send_all(db)

    assert as_program(db, "read").post("/api/notices/1/send-again").status_code == 403
    assert as_program(db, group_id=2).post("/api/notices/1/send-again").status_code == 404
    answer = as_program(db).post("/api/notices/1/send-again")
    assert (answer.status_code, answer.get_json()["id"]) == (200, 2)
    refused = as_program(db).post("/api/notices/1/send-again")
    assert refused.status_code == 409
    assert "This mail is on its way already." in refused.text


def test_a_reminder_in_some_days_says_when_it_goes_out_and_nothing_of_being_sent_again(
    db: Database,
) -> None:
    receive(db, placed())
    with db.writing() as session:
        due_at = db.now(session) + timedelta(days=11)
        session.execute(update(Notice).values(kind="reminder", state="planned", due_at=due_at))
    organiser = as_role(db)

    shown = organiser.get("/organise/notices/1").text
    refused = organiser.post("/organise/notices/1/send-again")

    assert f"It is planned for {times.day(due_at, 'Europe/London')}" in shown
    assert "There is nothing to send again." in shown
    assert "on its way already" not in shown
    assert refused.status_code == 409
    assert "goes out by itself when its time comes" in refused.text


def test_the_story_and_the_facts_name_the_same_state(db: Database) -> None:
    receive(db, placed())

    page = as_role(db).get("/organise/notices/1").text

    assert re.findall(r'<span class="state[^>]*>([^<]+)<', page) == ["Due", "Due"]


def test_a_sign_ups_page_has_what_is_planned_at_the_end(db: Database) -> None:
    receive(db, waitlisted(), placed(revision=2), cancelled(revision=3))
    with db.writing() as session:
        now = db.now(session)
        for kind, hours in (("waiting", -1), ("cancelled", -2), ("confirmation", 4)):
            sent = {"state": "sent", "sent_at": now + timedelta(hours=hours), "due_at": None}
            waits = {"state": "planned", "due_at": now + timedelta(hours=hours)}
            values: Any = sent if hours < 0 else waits
            session.execute(update(Notice).values(**values).where(Notice.kind == kind))

    page = as_role(db).get("/organise/notices/sign-ups/9").text

    told = [
        page.index(word) for word in (">Sign-up cancelled<", ">Waiting list<", ">Confirmation<")
    ]
    assert told == sorted(told)


def test_a_sign_ups_page_tells_what_was_said_and_what_is_planned(db: Database) -> None:
    receive(db, waitlisted())
    send_all(db)
    receive(db, placed(revision=2), moved(revision=3))

    page = as_role(db, "viewer").get("/organise/notices/sign-ups/9").text

    said = [page.index(word) for word in (">Waiting list<", ">Confirmation<", ">Change<")]
    assert said == sorted(said)
    assert "What Ada was told" in page
    assert "planned from" in page


def fill_event(db: Database) -> None:
    """Leave notices that were sent, failed, or are planned, and others of another event.

    Of an invitation one person had not asked for such mails, and one unsubscribed while it left.
    """
    receive(db, placed(id=1), placed(id=2))
    send_all(db, rcpt=["250 ok", "550 5.1.1 unknown"])
    other = make_event(make_shift(id=50), id=30)
    receive(db, published(other), placed(id=4, event_id=30, shift_id=50))
    token = subscribe(db, "cleo@posts.example").token
    come(db, "Cleo", first_id=6)
    decide(db, draft(db, purpose="invitation"))
    let_leave(db, SOON)
    with db.writing() as session:
        preferring.unsubscribe(session, token, now=SOON)
    send(db, now=SOON)
    receive(db, placed(id=5))


def test_the_figures_of_an_event_count_how_its_mails_ended(db: Database) -> None:
    fill_event(db)

    answer = as_program(db, "read").get("/api/notices/events/3").get_json()

    counts = {name: n for name, n in answer["total"]["counts"].items() if n}
    assert counts == {"sent": 2, "failed": 1, "unsubscribed": 1, "suppressed": 1, "planned": 1}
    assert answer["total"]["all"] == 6
    assert [each["kind"] for each in answer["kinds"]] == ["confirmation", "mailing"]


def test_the_figures_are_a_page_and_a_csv_file(db: Database) -> None:
    fill_event(db)
    browser = as_role(db, "viewer")

    page = browser.get("/organise/notices/events/3").text
    rows = csv.DictReader(io.StringIO(browser.get("/organise/notices/events/3/figures.csv").text))

    assert "<strong>2</strong> of 6 sent" in page
    assert '<a href="/organise/events/3">' in page
    assert [(row["kind"], row["sent"], row["failed"], row["all"]) for row in rows] == [
        ("confirmation", "2", "1", "4"),
        ("mailing", "0", "0", "2"),
        ("all", "2", "1", "6"),
    ]


@pytest.mark.parametrize(
    "path",
    ["/organise/notices/1", "/organise/notices/sign-ups/9", "/organise/notices/events/3"],
)
def test_another_groups_things_are_not_there(db: Database, path: str) -> None:
    receive(db, placed())

    assert as_role(db, group_id=2).get(path).status_code == 404
    assert as_role(db).get(f"{path}7").status_code == 404
    assert as_role(db).get(path).status_code == 200


FILTERS: list[dict[str, Any]] = [
    {},
    {"kind": "confirmation"},
    {"state": "due"},
    {"who": "Ada"},
    {"who": "ada@posts.example"},
    {"event_id": "3"},
    {"since": "2020-01-01", "until": "2099-01-01"},
]


@pytest.mark.parametrize("filters", FILTERS)
def test_pages_follow_each_other_without_gap_or_repetition(
    db: Database, filters: dict[str, Any]
) -> None:
    receive(db, *(placed(id=number) for number in range(1, 121)))
    program = as_program(db, "read")
    found: list[int] = []
    before: dict[str, Any] = {}
    while True:
        page = program.get("/api/notices", query_string=filters | before).get_json()
        found += [notice["id"] for notice in page["notices"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}

    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found) == 120


@pytest.mark.parametrize("wrong", ["since=x", "until=2026-13-01", "event_id=x", "before=0"])
def test_a_wrong_filter_is_refused(db: Database, wrong: str) -> None:
    assert as_program(db, "read").get(f"/api/notices?{wrong}").status_code == 400
    assert as_role(db).get(f"/organise/notices?{wrong}").status_code == 400


def test_no_name_that_is_looked_for_breaks_the_ledger(db: Database) -> None:
    browser = as_role(db)

    for who in ("%", "'; DROP TABLE notices", "@", "a@", "\\", "İ"):
        assert browser.get("/organise/notices", query_string={"who": who}).status_code == 200


def test_only_the_events_of_ones_groups_can_be_chosen(db: Database) -> None:
    theirs = make_event(make_shift(id=50), id=30, title="Other", group=make_group(id=2))
    receive(db, published(theirs))

    page = as_role(db).get("/organise/notices").text

    assert "Winter action day</option>" in page
    assert "Other</option>" not in page


def test_what_refuses_is_a_sentence(db: Database) -> None:
    receive(db, placed())
    with db.writing() as session, pytest.raises(Refusal, match="on its way"):
        sending_again.send_again(session, 1, now=db.now(session))


def test_who_gets_the_weekly_mail_is_seen_by_the_network_alone(db: Database) -> None:
    receive(db, published(), placed())
    ask(db, "quiet@posts.example", group_id=1)
    notice = notice_in(db, kind="schedule_confirm")
    assert notice.group_id == 1

    of_group = as_role(db)
    assert "quiet@posts.example" not in of_group.get("/organise/notices").text
    assert of_group.get(f"/organise/notices/{notice.id}").status_code == 404

    of_network = as_role(db, "administrator", group_id=NETWORK)
    assert "quiet@posts.example" in of_network.get("/organise/notices").text
    assert of_network.get(f"/organise/notices/{notice.id}").status_code == 200


def test_the_newest_of_a_group_are_found_by_an_index(db: Database) -> None:
    receive(db, placed())
    table = Notice.__table__
    query = select(table.c.id).where(table.c.group_id == 1).order_by(table.c.id.desc()).limit(51)
    explain = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"

    with db.writing() as session:
        (one,) = session.execute(select(table)).mappings()
        session.execute(
            insert(table),
            [
                {**one, "id": n, "key": f"copy {n}", "group_id": 1 if n % 300 == 0 else None}
                for n in range(100, 6100)
            ],
        )
        session.execute(text("ANALYZE"))
        asked = query.compile(db.engine, compile_kwargs={"literal_binds": True})
        plan = " ".join(str(row) for row in session.execute(text(f"{explain} {asked}")))

    assert "ix_notices_group_id" in plan
