"""Who is erased is forgotten here too, and no message that comes late brings them back."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from services.notifications import sender
from services.notifications.models import Base, KeptMail, Notice, Signup, SuppressedAddress
from services.notifications.operations import erasing, outcomes, sending
from services.notifications.rules.replies import Meaning
from shared import addresses, held, messages, wire
from shared.database import Database
from shared.messages import Message
from shared.tables import METADATA, OUTBOX

from . import making
from .making import NOW, STARTS, make_person, make_settings, placed, receive
from .reading import kept_in, notices_in
from .suppressed import held_back

ADDRESS = "ada@posts.example"
DIGEST = addresses.digest(ADDRESS, key="a" * 40)
ERASURE = "5b0f6f3c-6f0a-4c57-9f43-0a8e2a1f7c21"
CANARY = ("Ada", "ada@posts", "/my/abc", "/my/lost")


def erased(**differences: Any) -> messages.PersonErased:
    facts: dict[str, Any] = {
        "erasure_id": ERASURE,
        "person_ids": (5,),
        "signup_ids": (9,),
        "addresses": (DIGEST,),
    }
    return messages.PersonErased(**facts | differences)


def privacy_requested(**differences: Any) -> messages.PrivacyRequested:
    link = messages.PrivacyLink(
        person_id=5,
        group_id=1,
        group_name="Friends of Elmbridge",
        name="Ada Example",
        link="https://muster.example/my/privacy/abc",
    )
    facts: dict[str, Any] = {
        "request_id": ERASURE,
        "expires_at": NOW + timedelta(hours=24),
        "person": messages.PrivacySeeker(first_name="Ada", email=ADDRESS, links=(link,)),
    }
    return messages.PrivacyRequested(**facts | differences)


def link_requested(signup_id: int) -> messages.LinkRequested:
    asked = making.link_requested()
    links = tuple(replace(link, signup_id=signup_id) for link in asked.person.links)
    return replace(asked, person=replace(asked.person, links=links))


def everything_in(db: Database) -> str:
    """Return all that stands in the database, bytes too, but for the outbox's own numbers."""
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


def answers_in(db: Database) -> list[Message]:
    with db.reading() as session:
        told = [wire.unseal(body).message for body in session.scalars(select(OUTBOX.c.body))]
    return [
        message for message in told if isinstance(message, messages.PersonErasedFromNotifications)
    ]


def fill_mailbox(db: Database) -> None:
    while sender.fill_mailbox(db, make_settings()):
        pass


@pytest.fixture
def known(db: Database) -> Database:
    """A database that knows somebody in every way it can: mails, a daily list, asked-for links."""
    daily = making.make_event(group=making.make_group(revision=2, signup_notices="daily"))
    receive(db, making.published(replace(daily, revision=2)))
    receive(db, placed(), link_requested(9), privacy_requested())
    with db.writing() as session:
        session.execute(
            update(Notice)
            .where(Notice.kind == "daily_signups")
            .values(due_at=NOW - timedelta(days=1), state="due")
        )
    fill_mailbox(db)
    with db.writing() as session:
        session.add(SuppressedAddress(email=ADDRESS, reason=f"550 <{ADDRESS}> unknown", since=NOW))
    assert all(part in everything_in(db) for part in CANARY), "they are looked for where they are"
    return db


def test_nothing_of_the_person_is_left(known: Database) -> None:
    receive(known, erased())

    left = everything_in(known)
    assert [part for part in CANARY if part in left] == []


def test_the_answer_names_the_erasure(known: Database) -> None:
    receive(known, erased())

    assert answers_in(known)[-1] == messages.PersonErasedFromNotifications(erasure_id=ERASURE)


def test_hearing_it_again_changes_nothing_and_answers_again(known: Database) -> None:
    receive(known, erased(), erased())

    done = messages.PersonErasedFromNotifications(erasure_id=ERASURE)
    assert answers_in(known).count(done) == 2
    assert [part for part in CANARY if part in everything_in(known)] == []


def test_others_stay(known: Database) -> None:
    ben = make_person(first_name="Ben", email="ben@posts.example")
    receive(known, replace(placed(id=10), person=ben))

    receive(known, erased())

    assert {notice.signup_id for notice in notices_in(known)} == {None, 10}


def test_a_number_that_is_anothers_after_a_restore_is_left_alone(known: Database) -> None:
    receive(known, erased(addresses=(addresses.digest("eve@posts.example", key="a" * 40),)))

    assert "ada@posts" in everything_in(known)


@pytest.mark.parametrize(
    "late",
    [placed(), making.cancelled(), making.repeated(), link_requested(9), privacy_requested()],
    ids=lambda message: type(message).__name__,
)
def test_a_message_that_comes_late_brings_nobody_back(known: Database, late: Message) -> None:
    receive(known, erased())

    receive(known, late)

    assert [part for part in CANARY if part in everything_in(known)] == []


def test_the_same_address_may_come_again_as_somebody_new(known: Database) -> None:
    receive(known, erased())

    receive(known, placed(id=20))

    (confirmation,) = notices_in(known, kind="confirmation")
    assert confirmation.signup_id == 20


def test_an_address_that_does_not_exist_stays_known_without_being_kept(known: Database) -> None:
    receive(known, erased())

    with known.reading() as session:
        assert held_back(session, ADDRESS.upper())
        assert not held_back(session, "ben@posts.example")
        (row,) = session.scalars(select(SuppressedAddress))
        assert "posts.example" not in row.email + row.reason


def test_messages_that_could_not_be_digested_go_too(db: Database) -> None:
    of_ben = replace(placed(id=10), person=make_person(first_name="Ben", email="ben@posts.example"))
    with db.writing() as session:
        for message in (placed(), privacy_requested(), of_ben):
            body = wire.seal(message, now=NOW).body
            held.hold(session, body, RuntimeError("a bug"), now=NOW)

    receive(db, erased())

    with db.reading() as session:
        assert [row.name for row in held.list_held(session)] == ["signup.placed.v1"]
        assert b"ben@posts" in held.get_held(session, held.list_held(session)[0].id).body


def test_a_message_read_in_the_very_moment_is_found_by_the_chore(known: Database) -> None:
    receive(known, erased())
    with known.writing() as session:
        row = {"event_id": 3, "shift_id": 5, "state": "placed", "party": 1, "first_name": "Ada"}
        session.add(
            Signup(
                id=9,
                revision=1,
                email=ADDRESS,
                link="https://muster.example/my/abc",
                had_place=True,
                calendar_uid=uuid.uuid4(),
                calendar_sequence=0,
                **row,
            )
        )

    with known.writing() as session:
        erasing.forget_who_slipped_in(session, NOW + timedelta(minutes=1))

    assert [part for part in CANARY if part in everything_in(known)] == []


@pytest.mark.parametrize("meaning", list(Meaning), ids=lambda meaning: meaning.name)
def test_an_erasure_while_a_mail_is_on_its_way_stops_no_sender(
    db: Database, meaning: Meaning
) -> None:
    receive(db, placed())
    with db.writing() as session:
        batch = sending.claim_due(session, sending.Way(), now=db.now(session))
        (notice_id,) = batch.notice_ids
        assert sending.begin(session, notice_id, batch.claim, now=db.now(session))
    receive(db, erased())

    outcome = outcomes.Outcome(
        notice_id=notice_id,
        claim=batch.claim,
        meaning=meaning,
        reason=f"550 <{ADDRESS}>",
        recipient=ADDRESS,
        subject="Hello Ada",
        kept=b"Hello Ada" if meaning is Meaning.TAKEN else None,
    )
    with db.writing() as session:
        outcomes.record(session, outcome, now=db.now(session))

    with db.reading() as session:
        assert session.scalars(select(KeptMail)).all() == []
        assert session.scalars(select(SuppressedAddress)).all() == []


# The mail with the links


def test_the_mail_has_a_link_for_each_group(db: Database) -> None:
    with db.reading() as session:
        now = db.now(session)
    receive(db, privacy_requested(expires_at=now + timedelta(hours=24)), now=now)

    fill_mailbox(db)

    (mail,) = kept_in(db)
    assert mail.kept.subject == "What is kept of you"
    for part in (mail.text, mail.html):
        assert "https://muster.example/my/privacy/abc" in part
        assert "Friends of Elmbridge" in part
        assert "knows you as Ada Example" in part
    (notice,) = notices_in(db)
    assert (notice.state, notice.details) == ("sent", {}), "the key is not kept"


def test_links_heard_of_too_late_are_not_sent(db: Database) -> None:
    receive(db, privacy_requested(expires_at=NOW))

    (notice,) = notices_in(db)
    assert (notice.state, notice.details) == ("missed", {})


# By their age


@pytest.mark.parametrize("days,left", [(89, 3), (91, 0)])
def test_what_was_sent_is_forgotten_ninety_days_after_the_shift(
    db: Database, days: int, left: int
) -> None:
    receive(db, placed(), making.link_requested(), privacy_requested())
    fill_mailbox(db)
    now = STARTS + timedelta(hours=2, days=days)
    with db.writing() as session:
        session.execute(update(Notice).values(created_at=STARTS))
        counted = erasing.count_outdated(session, now)
        erasing.forget_outdated(session, now)

    assert len(notices_in(db)) == left
    assert counted == (
        {"sign-ups with their notices": 0, "other notices": 0}
        if left
        else {"sign-ups with their notices": 1, "other notices": 2}
    )


def test_what_stays_uncertain_is_forgotten_too(db: Database) -> None:
    receive(db, making.link_requested())
    with db.writing() as session:
        session.execute(update(Notice).values(state="uncertain", due_at=None))
        erasing.forget_outdated(session, NOW + timedelta(days=400))

    assert notices_in(db) == []


def test_a_notice_that_waits_is_not_forgotten(db: Database) -> None:
    receive(db, making.link_requested())

    with db.writing() as session:
        erasing.forget_outdated(session, NOW + timedelta(days=400))

    assert len(notices_in(db)) == 1
