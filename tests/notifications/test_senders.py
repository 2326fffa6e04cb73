"""Several senders at once, the loop around them, and the local mailbox."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from services.notifications import chores, sender
from services.notifications.mail.letters import Letter
from services.notifications.models import KeptMail, Notice
from services.notifications.operations import outcomes, reading, sending
from services.notifications.operations.sending import Batch, Begun, Way
from shared.database import Database
from shared.messages import GroupChanged
from tests.eventually import eventually

from .driving import work_off
from .making import make_group, make_settings, placed, receive, waitlisted
from .post_office import open_post_office
from .reading import kept_in, make_due, notice_in, notices_in

MANY = 120


@contextmanager
def running_senders(db: Database, number: int, **settings: object) -> Iterator[threading.Event]:
    """Run senders in threads; give the event that nudges them."""
    stop, nudge = threading.Event(), threading.Event()
    threads = [
        threading.Thread(target=sender.run, args=(make_settings(**settings), db, stop, nudge))
        for _ in range(number)
    ]
    for thread in threads:
        thread.start()
    try:
        yield nudge
    finally:
        stop.set()
        nudge.set()
        for thread in threads:
            thread.join(20)


def all_sent(db: Database) -> bool:
    return {notice.state for notice in notices_in(db)} == {"sent"}


def copies_of_each(db: Database) -> Counter[str]:
    """Let three senders work off many notices; count the mails of each Message-ID."""
    receive(db, *(placed(id=number) for number in range(1, MANY + 1)))
    with open_post_office() as office:
        with running_senders(db, 3, smtp_url=office.url):
            eventually(lambda: all_sent(db), timeout=30)
        return Counter(mail["Message-ID"] for mail in office.mails())


def test_three_senders_send_each_notice_once(db: Database) -> None:
    counted = copies_of_each(db)

    assert len(counted) == MANY
    assert set(counted.values()) == {1}


def test_without_the_claim_one_notice_is_sent_by_everybody(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switches the guard off, to show that the test before would see its failure."""
    receive(db, placed())
    notice, claim = notice_in(db), UUID(int=0)

    def claim_what_others_have(_session: Session, way: Way, **_: object) -> Batch:
        return Batch(claim, [notice.id] if way.stream == "mail" else [])

    def begin_anyway(
        session: Session, _batch: Batch, waiting: Sequence[int], *, now: datetime, **_: object
    ) -> Begun:
        if not waiting:
            return Begun()
        sending_now = {"state": "sending", "claim": claim, "due_at": None, "began_at": now}
        session.execute(update(Notice).values(**sending_now, lease_until=now + sending.hours.LEASE))
        letter = reading.read_letter(session, waiting[0], claim, now=now)
        return Begun([letter] if isinstance(letter, Letter) else [])

    monkeypatch.setattr(sending, "claim_due", claim_what_others_have)
    monkeypatch.setattr(sending, "begin_next", begin_anyway)
    with open_post_office() as office, ThreadPoolExecutor(3) as threads:
        office.holds_body_after = 0
        for _ in range(3):
            threads.submit(work_off, db, office, timeout=20)
        eventually(lambda: len(office.received) == 3)
        office.may_go_on.set()

    assert {mail["Message-ID"] for mail in office.mails()} == {
        f"<{notice.message_id}@muster.example>"
    }


def test_a_nudge_sends_at_once(db: Database) -> None:
    with open_post_office() as office, running_senders(db, 1, smtp_url=office.url) as nudge:
        receive(db, placed())
        nudge.set()

        eventually(lambda: len(office.received) == 1, timeout=5)
        eventually(lambda: all_sent(db), timeout=5)


def test_without_a_mail_server_mail_is_kept_in_the_mailbox(db: Database) -> None:
    with running_senders(db, 2):
        receive(db, *(placed(id=number) for number in range(1, 31)))
        eventually(lambda: all_sent(db))

    assert len(kept_in(db)) == 30


def test_a_mail_is_kept_in_the_transaction_that_marks_it_sent(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(db, placed())
    with monkeypatch.context() as broken:
        broken.setattr(outcomes, "KEEP_MAIL", None)
        with pytest.raises(ArgumentError):
            sender.fill_mailbox(db, make_settings())
    assert notice_in(db).state == "due"

    sender.fill_mailbox(db, make_settings())

    assert notice_in(db).state == "sent"
    assert len(kept_in(db)) == 1


def test_a_notice_that_cannot_be_read_fails_alone(db: Database) -> None:
    receive(db, placed(id=1), placed(id=2))
    with db.writing() as session:
        damaged = update(Notice).where(Notice.signup_id == 1)
        session.execute(damaged.values(details={"until": "tea time"}))

    sender.fill_mailbox(db, make_settings())

    unread, read = notices_in(db)
    assert (unread.state, read.state) == ("failed", "sent")
    assert unread.reason == (
        "What the mail is about could not be read; the log of the sender says why."
    )
    assert len(kept_in(db)) == 1


def test_a_contacts_daily_list_tells_what_is_new_once(db: Database) -> None:
    receive(db, GroupChanged(group=make_group(revision=2, signup_notices="daily")))
    receive(db, placed(id=1), waitlisted(id=2))
    make_due(db)

    sender.fill_mailbox(db, make_settings())

    (listed,) = (mail for mail in kept_in(db) if mail.kept.recipient.startswith("morwenna"))
    assert listed.kept.subject == "New sign-ups: 2"
    assert "- Ada, has a place" in listed.text
    assert "- Ada, is waiting" in listed.text


def test_a_daily_list_is_not_sent_after_the_group_turned_it_off(db: Database) -> None:
    receive(db, GroupChanged(group=make_group(revision=2, signup_notices="daily")), placed())
    receive(db, GroupChanged(group=make_group(revision=3, signup_notices="off")))
    make_due(db)

    sender.fill_mailbox(db, make_settings())

    assert notice_in(db, kind="daily_signups").state == "superseded"


def test_kept_mails_are_forgotten_after_seven_days(db: Database) -> None:
    receive(db, placed(id=1), placed(id=2))
    sender.fill_mailbox(db, make_settings())
    forget: Callable[..., None] = {c.name: c.run for c in chores.CHORES}["empty the old mailbox"]

    with db.writing() as session:
        now = db.now(session)
        old = notices_in(db, signup_id=1)[0].id
        session.execute(
            update(KeptMail)
            .where(KeptMail.notice_id == old)
            .values(kept_at=now - timedelta(days=7, seconds=1))
        )
        forget(session, now)

    assert len(kept_in(db)) == 1
