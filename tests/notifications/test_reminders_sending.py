"""Reminders: sent once, one mail for the places of a day, or not sent and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from services.notifications.mail.composing import compose
from services.notifications.models import KeptMail, Notice
from services.notifications.operations import erasing, outcomes, releasing, reminding, sending
from services.notifications.rules import reminding as rules
from services.notifications.rules.replies import Meaning
from shared import messages, wire
from shared.database import Database
from shared.messages import ReminderFacts
from shared.tables import OUTBOX

from .making import (
    NOW,
    STARTS,
    make_person,
    make_settings,
    make_shift,
    make_signup,
    moved,
    placed,
    receive,
)
from .reading import notice_in, notices_in
from .reminding import EVENING, MORNING, WAIT, changed, ended, planned, send_due

SPELLINGS = {5: "ada@posts.example", 6: "Ada@posts.example", 7: "ADA@Posts.Example"}


def give_three_shifts(
    db: Database, spellings: Mapping[int, str] | None = None, **person: str
) -> None:
    """Let one person have a place on three shifts of two events on one day, told and sent.

    `spellings` say how the address was typed at each of them.
    """
    shifts = [
        make_shift(
            id=number,
            place=f"Place {number}",
            starts_at=STARTS + timedelta(hours=2 * (number - 5)),
            ends_at=STARTS + timedelta(hours=2 * (number - 5) + 1),
        )
        for number in (5, 6, 7)
    ]
    receive(db, changed(*shifts[:2], revision=3))
    receive(db, changed(shifts[2], id=4, contact_email="ida@elsewhere.example"))
    for number, event_id in ((5, 3), (6, 3), (7, 4)):
        of = make_signup(id=number, shift_id=number, event_id=event_id)
        typed = {"email": spellings[number]} if spellings else {}
        receive(db, messages.SignupPlaced(signup=of, person=make_person(**person | typed)))
    with db.writing() as session:
        session.execute(
            update(Notice).where(Notice.kind != "reminder").values(state="failed", due_at=None)
        )


def test_places_of_one_day_share_one_mail(reminds: Database) -> None:
    give_three_shifts(reminds)
    assert send_due(reminds, EVENING) == ["reminder [5, 6, 7]"]
    assert ended(reminds) == [rules.TOLD_TOGETHER] * 2
    assert notice_in(reminds, kind="reminder", state="sent").signup_id == 5
    assert send_due(reminds, EVENING + WAIT) == []
    # The next one is that of the day itself.
    assert send_due(reminds, MORNING) == ["reminder [5, 6, 7]"]


def test_who_was_typed_in_other_letters_is_one_person_with_one_mail(reminds: Database) -> None:
    give_three_shifts(reminds, SPELLINGS)
    assert send_due(reminds, EVENING) == ["reminder [5, 6, 7]"]


def test_signups_hears_that_each_place_of_the_mail_was_told(reminds: Database) -> None:
    give_three_shifts(reminds)
    send_due(reminds, EVENING)
    with reminds.reading() as session:
        told = [wire.unseal(body).message for body in session.scalars(select(OUTBOX.c.body))]
    sent = [message.signup_id for message in told if isinstance(message, messages.NoticeSent)]
    assert sorted(sent) == [5, 6, 7]


def test_people_who_share_an_address_are_reminded_each(reminds: Database) -> None:
    receive(reminds, placed())
    partner = messages.SignupPlaced(
        signup=make_signup(id=10), person=make_person(first_name="Grace")
    )
    receive(reminds, partner)
    sent = send_due(reminds, EVENING)
    assert [each for each in sent if "reminder" in each] == ["reminder [9]", "reminder [10]"]


def test_a_place_that_was_given_up_is_not_in_the_mail_of_the_others(reminds: Database) -> None:
    give_three_shifts(reminds)
    gone = make_signup(id=5, shift_id=5, revision=2, state="cancelled")
    receive(reminds, messages.SignupCancelled(signup=gone, person=make_person()))
    assert "reminder [6, 7]" in send_due(reminds, EVENING)


def test_when_the_mail_has_to_wait_all_its_places_do(reminds: Database) -> None:
    give_three_shifts(reminds)
    _end_first(reminds, EVENING, Meaning.LATER)
    waiting = notices_in(reminds, kind="reminder", state="deferred")
    assert [(n.signup_id, n.attempts) for n in waiting] == [(5, 1), (6, 1), (7, 1)]
    assert send_due(reminds, EVENING + WAIT) == ["reminder [5, 6, 7]"]


def test_the_places_said_in_a_mail_are_done_with_it_whoever_claims_them(
    reminds: Database,
) -> None:
    give_three_shifts(reminds)
    _end_first(reminds, EVENING, Meaning.TAKEN)
    assert ended(reminds) == [rules.TOLD_TOGETHER] * 2
    assert notices_in(reminds, kind="reminder", state="sending") == []


def test_other_hours_leave_alone_what_waits_for_its_next_try(reminds: Database) -> None:
    give_three_shifts(reminds)
    _end_first(reminds, EVENING, Meaning.LATER)
    evening_alone = (ReminderFacts(days_before=1, at="18:00"),)
    shifts = [make_shift(id=n, revision=2, starts_at=STARTS, ends_at=STARTS + WAIT) for n in (5, 6)]
    receive(reminds, changed(*shifts, revision=4, reminders=evening_alone), now=EVENING + WAIT)
    waiting = notices_in(reminds, kind="reminder", state="deferred")
    assert [n.signup_id for n in waiting] == [5, 6, 7]


@pytest.mark.parametrize(
    "meaning, state", [(Meaning.UNKNOWN, "uncertain"), (Meaning.NEVER, "failed")]
)
def test_what_became_of_the_mail_became_of_all_its_places(
    reminds: Database, meaning: Meaning, state: str
) -> None:
    give_three_shifts(reminds)
    _end_first(reminds, EVENING, meaning)
    assert [n.signup_id for n in notices_in(reminds, kind="reminder", state=state)] == [5, 6, 7]
    assert send_due(reminds, EVENING + timedelta(minutes=30)) == []


def _end_first(db: Database, now: datetime, meaning: Meaning) -> None:
    """Let the first mail that is due end so."""
    with db.writing() as session:
        batch = sending.claim_due(session, sending.Way(), now=now, limit=1)
        (notice_id,) = batch.notice_ids
        assert sending.begin(session, notice_id, batch.claim, now=now)
        outcome = outcomes.Outcome(
            notice_id=notice_id, claim=batch.claim, meaning=meaning, reason="So it is."
        )
        outcomes.record(session, outcome, now=now)


def test_a_sender_that_dies_while_sending_leaves_all_places_of_the_mail_in_doubt(
    reminds: Database,
) -> None:
    give_three_shifts(reminds)
    with reminds.writing() as session:
        batch = sending.claim_due(session, sending.Way(), now=EVENING, limit=1)
        assert sending.begin(session, batch.notice_ids[0], batch.claim, now=EVENING)
    with reminds.writing() as session:
        releasing.sweep_leases(session, EVENING + timedelta(minutes=3))
    assert len(notices_in(reminds, kind="reminder", state="uncertain")) == 3
    assert send_due(reminds, EVENING + timedelta(minutes=30)) == []


def test_two_senders_with_places_of_one_person_write_one_mail(reminds: Database) -> None:
    give_three_shifts(reminds)
    with reminds.writing() as session:
        first = sending.claim_due(session, sending.Way(), now=EVENING, limit=1)
        second = sending.claim_due(session, sending.Way(), now=EVENING, limit=5)
        assert len(second.notice_ids) == 2
    with reminds.writing() as session:
        letter = sending.begin(session, second.notice_ids[0], second.claim, now=EVENING)
        assert letter is not None
        assert [about.signup.id for about in letter.together] == [5, 6, 7]
    with reminds.writing() as session:
        assert sending.begin(session, first.notice_ids[0], first.claim, now=EVENING) is None
        assert sending.begin(session, second.notice_ids[1], second.claim, now=EVENING) is None
    assert {n.told_in for n in notices_in(reminds, kind="reminder", state="sending")} == {
        None,
        second.notice_ids[0],
    }


def test_forgetting_one_place_forgets_the_mail_that_told_of_all(reminds: Database) -> None:
    give_three_shifts(reminds)
    with reminds.writing() as session:
        batch = sending.claim_due(session, sending.Way(), now=EVENING)
        leader = batch.notice_ids[0]
        assert sending.begin(session, leader, batch.claim, now=EVENING)
        kept = outcomes.Outcome(
            notice_id=leader, claim=batch.claim, meaning=Meaning.TAKEN, subject="S", kept=b"M"
        )
        outcomes.record(session, kept, now=EVENING)
        erasing.delete_signups(session, [7])
        assert session.scalars(select(KeptMail)).all() == []
    assert {n.signup_id for n in notices_in(reminds, kind="reminder")} == {5, 6}


def test_a_reminder_is_missed_rather_than_sent_late(reminds: Database) -> None:
    receive(reminds, placed())
    send_due(reminds, NOW)
    assert send_due(reminds, EVENING + timedelta(minutes=91)) == []
    assert ended(reminds, "missed") == [rules.MISSED]


def test_the_late_ones_are_given_up_without_a_sender(reminds: Database) -> None:
    receive(reminds, placed())
    for minutes, missed in ((90, []), (91, [rules.MISSED])):
        with reminds.writing() as session:
            reminding.give_up_late(session, EVENING + timedelta(minutes=minutes))
        assert ended(reminds, "missed") == missed
    assert planned(reminds) == [MORNING]


def test_a_reminder_of_an_hour_that_is_no_more_is_not_sent(reminds: Database) -> None:
    """As when it was claimed while the shift was moved."""
    receive(reminds, placed())
    send_due(reminds, NOW)
    with reminds.writing() as session:
        batch = sending.claim_due(session, sending.Way(), now=EVENING)
    later = make_shift(revision=2, starts_at=STARTS + WAIT * 200, ends_at=STARTS + WAIT * 210)
    receive(reminds, changed(later, revision=3), now=EVENING)
    with reminds.writing() as session:
        assert sending.begin(session, batch.notice_ids[0], batch.claim, now=EVENING) is None
    assert rules.NO_LONGER in ended(reminds)


@pytest.mark.parametrize(
    "starts, clock, words",
    [
        ("2027-03-27T10:00Z", "10:00", "Saturday 27 March 2027"),
        ("2027-03-28T09:00Z", "10:00", "Sunday 28 March 2027"),
        ("2027-03-29T09:00Z", "10:00", "Monday 29 March 2027"),
        ("2027-10-30T09:00Z", "10:00", "Saturday 30 October 2027"),
        ("2027-10-31T10:00Z", "10:00", "Sunday 31 October 2027"),
        ("2027-11-01T10:00Z", "10:00", "Monday 1 November 2027"),
    ],
)
def test_the_mail_says_the_hour_that_clocks_show_when_these_are_changed(
    reminds: Database, starts: str, clock: str, words: str
) -> None:
    begins = datetime.fromisoformat(starts)
    shift = make_shift(revision=2, starts_at=begins, ends_at=begins + timedelta(hours=2))
    receive(reminds, changed(shift, revision=3), placed())
    send_due(reminds, NOW)
    before, on_the_day = [at for at in planned(reminds) if at]
    for now, soon in ((before, "Tomorrow"), (on_the_day, "Today")):
        with reminds.writing() as session:
            batch = sending.claim_due(session, sending.Way(), now=now)
            (notice_id,) = batch.notice_ids
            letter = sending.begin(session, notice_id, batch.claim, now=now)
            assert letter is not None
            mail = compose(letter, make_settings())
        assert mail.subject == f"{soon}: Winter action day, {words}"
        assert f"{words}, {clock} to 12:00 (UK time)".encode() in mail.body.replace(b"=\r\n", b"")


def test_a_move_is_told_and_the_reminder_follows_it(reminds: Database) -> None:
    receive(reminds, placed())
    later = make_shift(revision=2, starts_at=STARTS + timedelta(1), ends_at=STARTS + timedelta(1.1))
    receive(reminds, changed(later, revision=3), moved(make_shift(), shift_revision=2))
    assert planned(reminds) == [EVENING + timedelta(days=1), MORNING + timedelta(days=1)]
    assert send_due(reminds, NOW + WAIT) == ["confirmation 9", "changed 9"]


def test_what_was_said_in_another_mail_is_not_planned_again(reminds: Database) -> None:
    two_hours_before = (ReminderFacts(minutes_before=120),)
    afternoon = STARTS + timedelta(hours=6)
    late = make_shift(id=6, starts_at=afternoon, ends_at=afternoon + timedelta(hours=1))
    receive(reminds, changed(make_shift(), late, revision=3, reminders=two_hours_before))
    receive(reminds, placed(), placed(id=10, shift_id=6))
    assert "reminder [9, 10]" in send_due(reminds, MORNING)
    both = (*two_hours_before, ReminderFacts(days_before=1, at="18:00"))
    receive(reminds, changed(make_shift(), late, revision=4, reminders=both), now=MORNING + WAIT)
    assert planned(reminds) == []
