"""What can wait is not sent at night, whenever and however it came to be due then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from services.notifications.models import Notice
from services.notifications.operations import enquiries, mailings, outcomes, sending
from services.notifications.rules import mailings as rules
from services.notifications.rules.replies import Meaning
from shared import messages
from shared.database import Database
from tests.databases import DatabaseOfTests

from .driving import work_off
from .making import NOW, make_event, make_person, make_shift, make_signup, placed, receive
from .post_office import open_post_office
from .reading import notice_in, notices_in
from .reminding import send_due
from .writing import come, draft, let_leave, mailing_in, send

LONDON = "Europe/London"


def local(*parts: int) -> datetime:
    """Return an instant in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    "wanted, leaves",
    [
        # The night in which the clocks go forward: eight in the morning is seven in UTC.
        (local(2027, 3, 27, 20, 30), local(2027, 3, 27, 20, 30)),
        (local(2027, 3, 27, 21, 0), local(2027, 3, 28, 7, 0)),
        (local(2027, 3, 28, 0, 30), local(2027, 3, 28, 7, 0)),
        (local(2027, 3, 28, 6, 59), local(2027, 3, 28, 7, 0)),
        (local(2027, 3, 28, 7, 0), local(2027, 3, 28, 7, 0)),
        (local(2027, 3, 28, 19, 59), local(2027, 3, 28, 19, 59)),
        (local(2027, 3, 28, 20, 0), local(2027, 3, 29, 7, 0)),
        # And back: from one to the other it is eleven hours and one.
        (local(2027, 10, 30, 19, 59), local(2027, 10, 30, 19, 59)),
        (local(2027, 10, 30, 20, 0), local(2027, 10, 31, 8, 0)),
        (local(2027, 10, 31, 0, 30), local(2027, 10, 31, 8, 0)),
        (local(2027, 10, 31, 7, 30), local(2027, 10, 31, 8, 0)),
        (local(2027, 10, 31, 20, 59), local(2027, 10, 31, 20, 59)),
    ],
)
def test_nothing_leaves_in_the_quiet_hours(wanted: datetime, leaves: datetime) -> None:
    now = wanted - timedelta(days=3)
    assert rules.decide_hour(wanted, now=now, zone=LONDON) == leaves


def test_what_is_sent_at_night_waits_for_the_morning() -> None:
    night = local(2026, 11, 20, 20, 59, 30)
    assert rules.decide_hour(None, now=night, zone=LONDON) == local(2026, 11, 21, 8, 0)


def test_what_was_held_up_until_the_night_leaves_in_the_morning(db: DatabaseOfTests) -> None:
    come(db, "Ada")
    send(db, draft(db))
    let_leave(db, NOW + timedelta(minutes=2))
    with open_post_office() as office:
        db.set_clock(local(2026, 11, 20, 22, 30))
        for _ in range(2):
            work_off(db, office)
        (held,) = notices_in(db, kind="mailing")
        assert (held.state, held.attempts) == ("due", 0)
        assert held.due_at == local(2026, 11, 21, 8, 0)
        assert held.reason == "It is night; this leaves in the morning."
        assert "What to bring" not in [mail["Subject"] for mail in office.mails()]

        db.set_clock(local(2026, 11, 21, 8, 0))
        work_off(db, office)

    (sent,) = notices_in(db, kind="mailing", state="sent")
    assert sent.recipient == "ada@posts.example"


NIGHT = local(2026, 11, 20, 23, 0)
MORNING = local(2026, 11, 21, 8, 0)


@pytest.mark.parametrize(
    "starts, leaves",
    [
        (local(2026, 11, 20, 22, 0), MORNING),
        (local(2026, 11, 20, 23, 30), NIGHT),
        (local(2026, 11, 21, 9, 59), NIGHT),
        (local(2026, 11, 21, 10, 0), MORNING),
    ],
    ids=["begun", "at night", "in the early morning", "later"],
)
def test_a_mailing_about_an_early_shift_does_not_wait(starts: datetime, leaves: datetime) -> None:
    assert rules.leaves_at(NIGHT, LONDON, [starts]) == leaves


@pytest.mark.parametrize("purpose, waits", [("practical", False), ("invitation", True)])
def test_only_what_is_practical_leaves_at_night(db: Database, purpose: str, waits: bool) -> None:
    early(db, starts_at=local(2026, 11, 21, 7, 0))
    number = draft(db, purpose=purpose)
    with db.reading() as session:
        mailing = mailings.find_mailing(session, number)
        leaves = mailings.hour_of(session, mailing, None, now=NIGHT)
    assert leaves == (MORNING if waits else NIGHT + rules.UNDO)


def test_who_has_a_later_shift_gets_it_in_the_morning(db: Database) -> None:
    early(db, starts_at=local(2026, 11, 21, 7, 0))
    come(db, "Ben", shift_id=6, first_id=200)
    send(db, draft(db), now=NIGHT)
    at = NIGHT + timedelta(minutes=2)
    let_leave(db, at)

    assert send_bulk(db, at) == ["ada@posts.example"]
    (held,) = notices_in(db, kind="mailing", state="due")
    assert (held.signup_id, held.due_at) == (200, MORNING)
    assert send_bulk(db, MORNING) == ["ben@posts.example"]


@pytest.mark.parametrize("hours_late, arrives", [(3, True), (5, False)])
def test_what_is_practical_does_not_come_after_the_shift(
    db: Database, hours_late: int, arrives: bool
) -> None:
    starts = local(2026, 11, 20, 14, 0)
    early(db, starts_at=starts)
    send(db, draft(db), now=starts - timedelta(hours=2))
    let_leave(db, starts - timedelta(hours=1))

    assert bool(send_bulk(db, starts - timedelta(hours=2) + timedelta(hours=hours_late))) is arrives
    (notice,) = notices_in(db, kind="mailing")
    assert notice.state == ("sent" if arrives else "missed")


def test_what_is_written_after_the_shift_arrives(db: Database) -> None:
    early(db, starts_at=local(2026, 11, 20, 10, 0))
    number = draft(db)
    send(db, number, now=local(2026, 11, 20, 13, 0))
    let_leave(db, local(2026, 11, 20, 13, 2))

    assert send_bulk(db, local(2026, 11, 20, 13, 3)) == ["ada@posts.example"]
    assert mailing_in(db, number).left_at == local(2026, 11, 20, 13, 2)


def early(db: Database, *, starts_at: datetime) -> None:
    """Let Ada have a place in a shift of two hours; another is two weeks later."""
    ends_at = starts_at + timedelta(hours=2)
    first = make_shift(revision=2, starts_at=starts_at, ends_at=ends_at, closes_at=starts_at)
    event = make_event(first, make_shift(id=6, revision=2), revision=2)
    receive(db, messages.EventChanged(event=event))
    come(db, "Ada", shift_revision=2)


def send_bulk(db: Database, now: datetime) -> list[str]:
    """Send the mailings that are due; return to whom."""
    with db.writing() as session:
        batch = sending.claim_due(session, sending.Way(stream="bulk"), now=now)
        begun = [sending.begin(session, each, batch.claim, now=now) for each in batch.notice_ids]
        letters = [letter for letter in begun if letter is not None]
        for letter in letters:
            taken = outcomes.Outcome(
                notice_id=letter.notice.id, claim=batch.claim, meaning=Meaning.TAKEN
            )
            outcomes.record(session, taken, now=now)
    return [letter.recipient for letter in letters]


def closed(**differences: Any) -> messages.SignupClosed:
    signup = make_signup(revision=5, state="closed", **differences)
    told = {"state_before": "placed", "reason": "Snow."}
    return messages.SignupClosed(signup=signup, person=make_person(), **told)


@pytest.mark.parametrize("ahead, waits", [(24, True), (23.9, False)])
def test_what_a_server_put_off_until_the_night_waits_for_the_morning(
    db: Database, ahead: float, waits: bool
) -> None:
    shift = make_shift(revision=2, starts_at=NIGHT + timedelta(hours=ahead))
    receive(db, messages.EventChanged(event=make_event(shift, revision=2)), placed())
    send_due(db, NOW)
    by_day = local(2026, 11, 20, 20, 50)
    receive(db, closed(), now=by_day)
    put_off(db, by_day, until=NIGHT)

    said = send_due(db, NIGHT)

    notice = notice_in(db, kind="closed")
    assert said == ([] if waits else ["closed 9"])
    assert (notice.state, notice.due_at) == (("due", MORNING) if waits else ("sent", None))
    if waits:
        assert notice.reason == "It is night; this leaves in the morning."
        assert send_due(db, MORNING) == ["closed 9"]


def test_a_change_of_what_was_to_begin_soon_is_told_at_night(db: Database) -> None:
    soon = NIGHT + timedelta(hours=12)
    was = make_shift(revision=2, starts_at=soon, ends_at=soon + timedelta(hours=1))
    receive(db, messages.EventChanged(event=make_event(was, revision=2)), placed())
    send_due(db, NOW)
    now = make_shift(revision=3)
    before = messages.ShiftBefore(
        **{n: getattr(was, n) for n in ("place", "address", "postcode", "starts_at", "ends_at")}
    )
    moved = messages.SignupMoved(
        signup=make_signup(revision=3, shift_revision=3), person=make_person(), before=before
    )
    receive(db, messages.EventChanged(event=make_event(now, revision=3)), moved, now=NIGHT)

    assert send_due(db, NIGHT + timedelta(minutes=10)) == ["changed 9"]


def put_off(db: Database, now: datetime, *, until: datetime) -> None:
    """Let the mail server take nothing now; the next try is at `until`."""
    with db.writing() as session:
        batch = sending.claim_due(session, sending.Way(), now=now)
        (notice_id,) = batch.notice_ids
        sending.begin(session, notice_id, batch.claim, now=now)
        later = outcomes.Outcome(notice_id=notice_id, claim=batch.claim, meaning=Meaning.LATER)
        outcomes.record(session, later, now=until - timedelta(minutes=1))


def test_the_contact_is_asked_to_get_in_touch_in_the_morning(db: Database) -> None:
    receive(db, replace(placed(), first=True), now=NIGHT)
    assert send_due(db, NIGHT) == ["confirmation 9"]

    newcomer = notice_in(db, kind="newcomer")
    assert (newcomer.state, newcomer.due_at) == ("due", MORNING)
    assert "newcomer 9" in send_due(db, MORNING)


def test_an_enquiry_of_the_night_comes_in_the_morning(db: Database) -> None:
    with db.writing() as session:
        asked = enquiries.find_asked(session, group_id=1)
        typed = {"name": "Eve", "email": "eve@posts.example", "words": "May I come?", "website": ""}
        typed["form_token"] = enquiries.sign_form(session, asked, now=NIGHT)
        enquiries.ask(session, asked, typed, ip="192.0.2.1", now=NIGHT + timedelta(minutes=1))

    assert send_due(db, NIGHT + timedelta(minutes=1)) == []
    assert notice_in(db, kind="enquiry").due_at == MORNING
    assert send_due(db, MORNING) == ["enquiry None"]


def test_what_cannot_be_read_at_night_fails_alone(db: Database) -> None:
    receive(db, placed(), closed(), now=NIGHT)
    with db.writing() as session:
        unreadable = {"state": "due", "due_at": NIGHT, "details": {"before": {"place": ""}}}
        session.execute(update(Notice).where(Notice.kind == "closed").values(unreadable))
    come(db, "Ben", first_id=100)

    assert "confirmation 100" in send_due(db, NIGHT)
    assert notice_in(db, kind="closed").state == "failed"
