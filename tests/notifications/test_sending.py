"""From a due notice to what became of it, against a mail server that follows a script."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from services.notifications import delivering, sender
from services.notifications.models import Notice
from services.notifications.operations import channels, ledger, sending
from shared import wire
from shared.database import Database
from shared.messages import EventCancelled, Message, NoticeFailed, NoticeSent
from shared.tables import OUTBOX
from tests.eventually import eventually

from .driving import open_line, work_off
from .making import (
    cancelled,
    closed,
    link_requested,
    make_event,
    make_settings,
    make_shift,
    moved,
    placed,
    promoted,
    published,
    receive,
    waitlisted,
)
from .post_office import DROP, open_post_office
from .reading import let_lease_run_out, make_due, notice_in, notices_in, states_in

SIGNING_IN = {
    "recipient": "kim@posts.example",
    "details": {"name": "Kim", "link": "https://muster.example/in", "code": "042137"},
    "expires_at": datetime(2099, 1, 1, tzinfo=UTC),
}


def test_a_due_notice_arrives_and_is_marked_sent(db: Database) -> None:
    receive(db, placed())

    with open_post_office() as office:
        work_off(db, office)

    notice = notice_in(db)
    (mail,) = office.mails()
    assert (notice.state, notice.recipient, notice.attempts) == ("sent", "ada@posts.example", 1)
    assert mail["Message-ID"] == f"<{notice.message_id}@muster.example>"
    assert mail["To"] == "ada@posts.example"


def test_fifty_mails_leave_over_one_connection(db: Database) -> None:
    receive(db, *(placed(id=number) for number in range(1, 51)))

    with open_post_office() as office:
        work_off(db, office)

    assert (len(office.received), office.connections) == (50, 1)


def test_one_refused_mail_does_not_stop_the_next(db: Database) -> None:
    receive(db, placed(id=1), placed(id=2), placed(id=3))

    with open_post_office(rcpt=["550 5.7.1 no"], body=["451 4.0.0 later"]) as office:
        work_off(db, office)

    assert [notice.state for notice in notices_in(db)] == ["failed", "deferred", "sent"]
    assert office.connections == 1


def test_a_server_that_is_away_puts_all_off_after_one_try(db: Database) -> None:
    receive(db, *(placed(id=number) for number in range(1, 6)))

    with open_post_office(connect=[DROP, DROP]) as office:
        work_off(db, office)

    assert {notice.state for notice in notices_in(db)} == {"deferred"}
    assert {notice.attempts for notice in notices_in(db)} == {1}
    assert office.connections == 1


def told_in(db: Database) -> list[Message]:
    """Return what was told the other services."""
    with db.reading() as session:
        bodies = session.scalars(select(OUTBOX.c.body).order_by(OUTBOX.c.id))
        return [wire.unseal(body).message for body in bodies]


@pytest.mark.parametrize(
    "script, bounced, reason",
    [
        ({"rcpt": ["550 5.1.1 unknown"]}, True, "The address does not exist; please call."),
        ({"body": ["554 5.7.1 <x@y>"]}, False, "Their mail server refused it; please call."),
    ],
)
def test_only_a_mail_to_a_sign_up_that_never_arrives_is_told(
    db: Database, script: dict[str, list[str]], bounced: bool, reason: str
) -> None:
    receive(db, published(), placed())
    with open_post_office(**script) as office:
        work_off(db, office)

    failed = [told for told in told_in(db) if isinstance(told, NoticeFailed)]
    assert [(told.signup_id, told.kind) for told in failed] == [(9, "confirmation")]
    assert (failed[0].bounced, failed[0].reason) == (bounced, reason)


def test_a_mail_to_a_sign_up_that_was_taken_is_told_and_no_other(db: Database) -> None:
    receive(db, published(), placed(), link_requested())
    with open_post_office() as office:
        work_off(db, office)

    notice = notice_in(db, kind="confirmation")
    assert notice_in(db, kind="links").state == "sent"
    (sent,) = told_in(db)
    assert isinstance(sent, NoticeSent)
    assert (sent.notice_id, sent.signup_id, sent.kind) == (notice.id, 9, "confirmation")


def test_a_bounced_address_gets_nothing_more_until_somebody_retries(db: Database) -> None:
    receive(db, waitlisted())
    with open_post_office(rcpt=["550 5.1.1 unknown"]) as office:
        work_off(db, office)
        receive(db, promoted())
        work_off(db, office)
    assert states_in(db) == {"waiting/1": "failed", "promoted/2": "suppressed"}
    notice = notice_in(db, kind="promoted")
    assert "bounced" in notice.reason
    told = [(m.notice_id, m.bounced) for m in told_in(db) if isinstance(m, NoticeFailed)]
    assert (notice.id, True) in told, "whoever expects them hears that this did not arrive either"

    with db.writing() as session:
        ledger.retry_notice(session, notice.id, now=db.now(session))
    with open_post_office() as office:
        work_off(db, office)

    assert notice_in(db, kind="promoted").state == "sent"


def test_a_refused_mail_does_not_suppress_its_address(db: Database) -> None:
    receive(db, waitlisted())
    with open_post_office(body=["554 5.7.1 spam"]) as office:
        work_off(db, office)
        receive(db, promoted())
        work_off(db, office)

    assert states_in(db)["promoted/2"] == "sent"


def test_a_refused_password_pauses_the_channel_and_rows_wait(db: Database) -> None:
    receive(db, placed(id=1), placed(id=2))
    with open_post_office(auth=["535 5.7.8 wrong"] * 9) as office:
        url = office.url.replace("127.0.0.1", "muster:wrong@127.0.0.1")
        with open_line(url) as line:
            for _ in range(3):
                sender.work_off(db, make_settings(), line, threading.Event())

    assert [(n.state, n.attempts) for n in notices_in(db)] == [("due", 0), ("due", 0)]
    assert office.connections == 1
    with db.reading() as session:
        mail = channels.list_channels(session, now=db.now(session))[0]
        assert mail.is_paused
        assert mail.trouble is not None
        assert "535" in mail.trouble.reason
        assert mail.waiting == 2


def test_an_uncertain_mail_is_sent_once_more_with_the_same_message_id(db: Database) -> None:
    receive(db, placed())

    with open_post_office(body=[DROP, DROP]) as office:
        for _ in range(3):
            work_off(db, office)
            make_due(db)

    first, second = office.mails()
    assert first["Message-ID"] == second["Message-ID"]
    assert (notice_in(db).state, notice_in(db).due_at) == ("uncertain", None)


def test_a_kept_connection_that_was_closed_is_opened_again(db: Database) -> None:
    answers = ["250 ok", "421 4.4.2 idle too long"]
    with open_post_office(mail=answers) as office, open_line(office.url) as line:
        for number in (1, 2):
            receive(db, placed(id=number))
            sender.work_off(db, make_settings(), line, threading.Event())

    assert {notice.state for notice in notices_in(db)} == {"sent"}
    assert office.connections == 2


def test_a_mail_that_cannot_be_written_fails_alone(db: Database) -> None:
    bad = placed(id=1)
    receive(db, replace(bad, person=replace(bad.person, email="nobody")), placed(id=2))

    with open_post_office() as office:
        work_off(db, office)

    assert [notice.state for notice in notices_in(db)] == ["failed", "sent"]


@pytest.mark.parametrize(
    "story,states",
    [
        ([placed(), cancelled()], {"confirmation/1": "superseded", "cancelled/3": "sent"}),
        ([waitlisted(), promoted()], {"waiting/1": "superseded", "promoted/2": "sent"}),
        ([placed(), closed()], {"confirmation/1": "superseded", "closed/4": "sent"}),
        ([placed(), moved()], {"confirmation/1": "sent", "changed/2": "sent"}),
        ([link_requested()], {"links/0": "sent"}),
    ],
)
def test_what_is_no_longer_true_is_not_sent(
    db: Database, story: list[object], states: dict[str, str]
) -> None:
    receive(db, *story)  # type: ignore[arg-type]

    with open_post_office() as office:
        work_off(db, office)

    assert states_in(db) == states
    assert len(office.received) == list(states.values()).count("sent")


def test_a_cancelled_event_keeps_confirmations_back(db: Database) -> None:
    receive(db, placed())
    receive(db, EventCancelled(event=make_event(revision=2, status="cancelled"), reason="Snow"))

    with open_post_office() as office:
        work_off(db, office)

    assert notice_in(db).state == "superseded"


def test_news_of_a_shift_that_is_over_is_missed(db: Database) -> None:
    past = make_shift().starts_at - timedelta(days=400)
    shift = make_shift(id=6, starts_at=past, ends_at=past)
    receive(db, published(make_event(shift, revision=2)), placed(shift_id=6))

    with open_post_office() as office:
        work_off(db, office)

    assert notice_in(db).state == "missed"


def test_many_edits_make_one_mail_about_all_of_them(db: Database) -> None:
    start = make_shift(place="Station Forecourt")
    receive(db, placed(), moved(start, revision=2), moved(make_shift(place="Pier"), revision=3))

    with open_post_office() as office:
        work_off(db, office)

    assert states_in(db) == {
        "confirmation/1": "sent",
        "changed/2": "superseded",
        "changed/3": "sent",
    }
    text = office.mails()[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "The place was: Station Forecourt" in text


def test_a_change_that_was_taken_back_is_not_told(db: Database) -> None:
    receive(db, placed(), moved(make_shift()))

    with open_post_office() as office:
        work_off(db, office)

    assert states_in(db)["changed/2"] == "superseded"


def test_a_change_waits_until_edits_have_settled(db: Database) -> None:
    with db.reading() as session:
        now = db.now(session)
    receive(db, placed(), moved(), now=now)

    with open_post_office() as office:
        work_off(db, office, change_notice_wait=600)

    assert states_in(db) == {"confirmation/1": "sent", "changed/2": "planned"}


def test_a_dead_sender_leaves_one_mail_in_doubt_and_the_rest_due(db: Database) -> None:
    receive(db, placed(id=1), placed(id=2), placed(id=3))
    with open_post_office() as office, ThreadPoolExecutor(1) as thread:
        office.holds_body_after = 0
        thread.submit(work_off, db, office, timeout=20)
        assert office.at_body.wait(10)

        let_lease_run_out(db)

        assert [notice.state for notice in notices_in(db)] == ["uncertain", "due", "due"]
        office.may_go_on.set()
    # The sender was only slow: what it knows in the end still counts.
    assert [notice.state for notice in notices_in(db)] == ["sent", "due", "due"]


def states_after_a_death_in_the_second_mail(db: Database, *, delay: float = 0) -> list[str]:
    """Let a sender die while the second mail is said; the first shows how quick the server is."""
    with open_post_office() as office, ThreadPoolExecutor(1) as thread:
        office.delay, office.holds_body_after = delay, 1
        thread.submit(work_off, db, office, timeout=20)
        assert office.at_body.wait(10)

        let_lease_run_out(db)

        states = [notice.state for notice in notices_in(db)]
        office.may_go_on.set()
    return states


def test_what_was_begun_at_once_is_in_doubt_together_and_what_may_come_once_alone(
    db: Database,
) -> None:
    receive(db, *(placed(id=number) for number in range(1, 16)))
    states = states_after_a_death_in_the_second_mail(db)
    doubtful = states.count("uncertain")
    assert states == ["sent"] + doubtful * ["uncertain"] + (14 - doubtful) * ["due"]
    assert 1 <= doubtful <= 10


@pytest.mark.parametrize("kind,begun", [("confirmation", 3), ("sign_in", 1)])
def test_several_are_begun_at_once_if_they_may_come_twice(
    db: Database, kind: str, begun: int
) -> None:
    receive(db, *(placed(id=number) for number in range(1, 6)))
    with db.writing() as session:
        session.execute(update(Notice).values(kind=kind, **SIGNING_IN))
    with db.writing() as session:
        now = db.now(session)
        batch = sending.claim_due(session, sending.Way(), now=now)
        found = sending.begin_next(session, batch, batch.notice_ids, at_once=3, now=now)

    assert [letter.notice.id for letter in found.letters] == batch.notice_ids[:begun]
    assert list(found.waiting) == batch.notice_ids[begun:]
    in_talk = [notice.id for notice in notices_in(db) if notice.began_at is not None]
    assert in_talk == batch.notice_ids[:begun]


def test_what_was_in_doubt_once_is_begun_alone(db: Database) -> None:
    receive(db, *(placed(id=number) for number in range(1, 5)))
    with db.writing() as session:
        session.execute(update(Notice).where(Notice.signup_id == 2).values(doubts=1))
    begun = []
    with db.writing() as session:
        now = db.now(session)
        batch = sending.claim_due(session, sending.Way(), now=now)
        waiting = batch.notice_ids
        while waiting:
            found = sending.begin_next(session, batch, waiting, at_once=3, now=now)
            begun.append([letter.notice.signup_id for letter in found.letters])
            waiting = list(found.waiting)

    assert begun == [[1], [2], [3, 4]]


def test_after_a_bounce_the_address_gets_none_of_what_was_begun_with_it(db: Database) -> None:
    receive(db, *(placed(id=number) for number in range(1, 4)))
    with open_post_office(rcpt=["250 2.1.5 ok", "550 5.1.1 unknown"]) as office:
        work_off(db, office)

    assert [notice.state for notice in notices_in(db)] == ["sent", "failed", "suppressed"]
    assert len(office.received) == 1


def test_of_kinds_that_come_at_most_once_one_is_in_doubt(db: Database) -> None:
    receive(db, *(placed(id=number) for number in range(1, 6)))
    with db.writing() as session:
        session.execute(update(Notice).values(kind="sign_in", **SIGNING_IN))
    states = states_after_a_death_in_the_second_mail(db)
    assert states == ["sent", "uncertain", "due", "due", "due"]


def test_a_slow_server_has_one_mail_at_a_time_begun(db: Database) -> None:
    receive(db, *(placed(id=number) for number in range(1, 5)))
    states = states_after_a_death_in_the_second_mail(db, delay=0.05)
    assert states == ["sent", "uncertain", "due", "due"]


def test_what_was_begun_and_not_said_in_time_is_read_anew(db: Database) -> None:
    receive(db, *(placed(id=number) for number in range(1, 5)))
    with open_post_office() as office, ThreadPoolExecutor(1) as thread:
        office.holds_body_after = 1
        turn = thread.submit(work_off, db, office, timeout=20)
        assert office.at_body.wait(10)
        # Meanwhile the third of them cancels; the second takes long.
        receive(db, cancelled(id=3))
        eventually(lambda: time.monotonic() - office.arrived[-1] > delivering.FRESH)
        office.may_go_on.set()
        turn.result(20)

    confirmations = [notice for notice in notices_in(db) if notice.kind == "confirmation"]
    assert [each.state for each in confirmations] == ["sent", "sent", "superseded", "sent"]
    assert [each.attempts for each in confirmations] == [1, 1, 0, 1]


def test_a_stopped_sender_finishes_one_mail_and_gives_the_rest_back(db: Database) -> None:
    receive(db, placed(id=1), placed(id=2), placed(id=3))
    stop = threading.Event()
    with open_post_office() as office, ThreadPoolExecutor(1) as thread:
        office.holds_body_after = 0
        thread.submit(work_off, db, office, stop=stop, timeout=20)
        assert office.at_body.wait(10)
        stop.set()
        office.may_go_on.set()

    assert [notice.state for notice in notices_in(db)] == ["sent", "due", "due"]


def test_a_busy_database_does_not_make_a_sent_mail_forgotten(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    receive(db, placed(id=1), placed(id=2))
    with open_post_office() as office, ThreadPoolExecutor(1) as thread:
        office.holds_body_after = 0
        thread.submit(work_off, db, office, timeout=20)
        assert office.at_body.wait(10)
        with db.writing() as session:
            session.execute(update(Notice).values(attempts=Notice.attempts))
            office.may_go_on.set()
            eventually(lambda: "the database is away" in caplog.text)

    assert [notice.state for notice in notices_in(db)] == ["sent", "sent"]
    assert len(office.received) == 2
