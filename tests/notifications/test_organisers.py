"""Mails to organisers: made once, sent in time or not at all, and their keys forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from services.notifications import sender
from services.notifications.chores import CHORES
from services.notifications.models import Notice
from services.notifications.operations import ledger, releasing
from services.notifications.schemas import NoticeShown
from shared import wire
from shared.database import Database
from shared.messages import Message, SignInRequested

from .driving import work_off
from .making import NOW, make_settings, receive
from .post_office import DROP, open_post_office
from .reading import kept_in, let_lease_run_out, notice_in, notices_in

GOLDEN = Path(__file__).parents[1] / "shared" / "golden"
QUARTER = timedelta(minutes=15)
NAMES = {
    "sign_in": "sign_in.requested.v1",
    "organiser_invited": "organiser.invited.v1",
    "group_requested": "group.requested.v1",
    "group_approved": "group.approved.v1",
    "group_declined": "group.declined.v1",
    "co_host_asked": "co_host.asked.v1",
}


def sample(kind: str) -> Message:
    """Return the golden sample of the message that makes this kind of notice."""
    return wire.unseal((GOLDEN / f"{NAMES[kind]}.json").read_bytes()).message


def asked(db: Database, *, ends_in: timedelta = QUARTER) -> SignInRequested:
    """Return the message of somebody who asked to sign in a moment ago."""
    message = sample("sign_in")
    assert isinstance(message, SignInRequested)
    return replace(message, expires_at=now_of(db) + ends_in)


def now_of(db: Database) -> datetime:
    with db.reading() as session:
        return db.now(session)


def ask(db: Database, *, ends_in: timedelta = QUARTER) -> None:
    """Let the service hear of somebody who asked to sign in a moment ago."""
    receive(db, asked(db, ends_in=ends_in), now=now_of(db))


def let_time_pass(db: Database, *, minutes: int = 16) -> None:
    """Let every link expire, as if so many minutes had gone by."""
    with db.writing() as session:
        notice = session.scalars(select(Notice)).one()
        assert notice.expires_at is not None
        session.execute(
            update(Notice).values(expires_at=notice.expires_at - timedelta(minutes=minutes))
        )


def sweep(db: Database) -> None:
    with db.writing() as session:
        releasing.forget_keys(session, db.now(session))


def assert_forgotten(db: Database, state: str) -> None:
    notice = notice_in(db)
    assert (notice.state, notice.details, notice.expires_at) == (state, {}, None)


@pytest.mark.parametrize("kind", NAMES)
def test_a_message_to_organisers_heard_twice_makes_one_mail(db: Database, kind: str) -> None:
    message = sample(kind)

    receive(db, message, message)
    with open_post_office() as office:
        work_off(db, office)
        receive(db, message)
        work_off(db, office)

    (mail,) = office.mails()
    assert mail["To"] == "robin@residents.example"
    assert notice_in(db).kind == kind


def test_each_administrator_hears_of_a_group_that_asks(db: Database) -> None:
    message = sample("group_requested")

    receive(db, message, replace(message, organiser_id=2), message)  # type: ignore[call-arg]

    assert len(notices_in(db, kind="group_requested")) == 2


def test_a_group_asked_once_more_is_told_once_more(db: Database) -> None:
    message = sample("co_host_asked")

    again = NOW + timedelta(days=30)
    receive(db, message, replace(message, asked_at=again))  # type: ignore[call-arg]

    assert len(notices_in(db, kind="co_host_asked")) == 2


def test_the_link_and_code_are_mailed_and_then_forgotten(db: Database) -> None:
    ask(db)
    assert notice_in(db).details["code"] == "042137"

    with open_post_office() as office:
        work_off(db, office)

    (mail,) = office.mails()
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "https://muster.example/sign-in/link/abc" in text
    assert "042137" in text
    assert_forgotten(db, "sent")


def test_the_link_and_code_are_forgotten_in_the_local_mailbox_too(db: Database) -> None:
    ask(db)

    sender.fill_mailbox(db, make_settings())

    assert "042137" in kept_in(db)[0].text
    assert_forgotten(db, "sent")


def test_other_mails_keep_what_they_said(db: Database) -> None:
    receive(db, sample("group_declined"))

    with open_post_office() as office:
        work_off(db, office)

    notice = notice_in(db)
    assert (notice.state, notice.details["reason"]) == (
        *("sent", "There is a group for Anytown already."),
    )


def test_a_link_that_expired_is_not_sent(db: Database) -> None:
    ask(db)
    let_time_pass(db)

    with open_post_office() as office:
        work_off(db, office)

    assert office.received == []
    assert_forgotten(db, "missed")
    assert "expired" in notice_in(db).reason


def test_a_link_heard_of_too_late_is_never_kept(db: Database) -> None:
    ask(db, ends_in=timedelta(seconds=-1))

    assert_forgotten(db, "missed")


def test_a_link_that_waits_for_the_mail_server_is_forgotten_when_it_expires(db: Database) -> None:
    ask(db)
    with open_post_office(connect=[DROP]) as office:
        work_off(db, office)
    assert notice_in(db).state == "deferred"
    sweep(db)
    assert notice_in(db).details["code"] == "042137"

    let_time_pass(db)
    sweep(db)

    assert_forgotten(db, "missed")


def test_the_sweep_is_a_chore() -> None:
    assert releasing.forget_keys in [chore.run for chore in CHORES]


@pytest.mark.parametrize(
    "stage,answer,state",
    [
        ("rcpt", "550 5.1.1 unknown", "failed"),
        ("body", "554 5.7.1 spam", "failed"),
        ("body", DROP, "uncertain"),
    ],
)
def test_a_link_that_could_not_be_sent_is_forgotten_and_not_tried_again(
    db: Database, stage: str, answer: str, state: str
) -> None:
    ask(db)

    with open_post_office(**{stage: [answer]}) as office:
        work_off(db, office)

    assert_forgotten(db, state)
    assert notice_in(db).due_at is None
    with pytest.raises(ledger.NothingToRetry), db.writing() as session:
        ledger.retry_notice(session, notice_in(db).id, now=db.now(session))


def test_a_link_that_a_dead_sender_may_have_sent_is_forgotten(db: Database) -> None:
    ask(db)
    with held(db):
        let_lease_run_out(db)
        assert_forgotten(db, "uncertain")

    # The sender was only slow: what it knows in the end still counts.
    assert_forgotten(db, "sent")


def test_a_link_that_expires_while_it_is_being_sent_counts_as_sent(db: Database) -> None:
    ask(db)
    with held(db):
        let_time_pass(db)
        sweep(db)
        assert notice_in(db).state == "sending"

    assert_forgotten(db, "sent")


@contextmanager
def held(db: Database) -> Iterator[None]:
    """Keep a sender waiting for the mail server's last answer."""
    with open_post_office() as office, ThreadPoolExecutor(1) as thread:
        office.holds_body_after = 0
        done = thread.submit(work_off, db, office, timeout=20, stop=threading.Event())
        assert office.at_body.wait(10)
        try:
            yield
        finally:
            office.may_go_on.set()
            done.result(20)


def test_programs_see_neither_link_nor_code(db: Database) -> None:
    ask(db)

    shown = str(NoticeShown().dump(notice_in(db)))

    assert "robin@residents.example" in shown
    assert "042137" not in shown
    assert "sign-in/link" not in shown
