"""Newcomers are welcomed once, at a good hour, and somebody gets in touch or the owners hear."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.notifications import sender
from services.notifications.app import create_app
from services.notifications.models import Newcomer
from services.notifications.operations import erasing, newcomers
from services.notifications.rules.newcomers import NO_PLACE_YET, USUAL_DAY, welcome_hour
from shared import messages
from shared.database import Database
from tests.apps import app_on
from tests.entering import SignedInClient, signed_in

from .making import (
    NOW,
    STARTS,
    cancelled,
    make_event,
    make_group,
    make_settings,
    make_shift,
    placed,
    promoted,
    published,
    receive,
    waitlisted,
)
from .reading import kept_in, make_due, notice_in, notices_in
from .reminding import send_due
from .test_erasing import erased

LONDON = "Europe/London"
BEN = messages.Person(first_name="Ben", email="ben@posts.example", link="")


def first_time(**facts: Any) -> messages.SignupPlaced:
    """Return the message that somebody new has a place."""
    return replace(placed(**facts), first=True)


def welcomed_about(db: Database) -> list[str]:
    """Send what is to be sent; return the places named in all welcomes that left so far."""
    make_due(db)
    sender.fill_mailbox(db, make_settings())
    texts = [mail.text for mail in kept_in(db) if mail.kept.subject.startswith("Welcome")]
    return [place for text in texts for place in ("Market Square", "Guildhall") if place in text]


def console_of(db: Database, *roles: tuple[int, str]) -> SignedInClient:
    app = app_on(create_app, make_settings(public_url="http://127.0.0.1"), db)
    return signed_in(app, db, *(roles or [(1, "organiser")]))


def newcomers_in(db: Database) -> list[Newcomer]:
    with db.reading() as session:
        found = list(session.scalars(select(Newcomer).order_by(Newcomer.id)))
        session.expunge_all()
        return found


def with_contact(db: Database, notices: str, **facts: Any) -> None:
    """Let the group say how its contact hears of sign-ups, and who stands for it."""
    group = make_group(signup_notices=notices, revision=2, **facts)
    receive(db, messages.GroupChanged(group=group))


def test_who_is_new_is_welcomed_the_next_morning_and_only_once(db: Database) -> None:
    with_contact(db, "off", representative_name="Kit Marlow", representative_role="MP")
    receive(db, first_time(), first_time())

    (newcomer,) = newcomers_in(db)
    welcome = notice_in(db, kind="welcome")
    assert (newcomer.state, newcomer.signup_id) == ("open", 9)
    assert welcome.due_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    make_due(db)
    sender.fill_mailbox(db, make_settings())
    (mail,) = [mail for mail in kept_in(db) if mail.kept.subject.startswith("Welcome")]
    assert mail.kept.recipient == "ada@posts.example"
    for words in ("Kit Marlow, MP", "Tobias Quill", USUAL_DAY.split(".")[0], "Market Square"):
        assert words in " ".join(mail.text.split())


def test_who_is_not_new_gets_no_welcome(db: Database) -> None:
    receive(db, placed())
    assert newcomers_in(db) == []
    assert notices_in(db, kind="welcome") == []


def test_who_waits_is_welcomed_when_there_is_a_place(db: Database) -> None:
    receive(db, replace(waitlisted(), first=True))
    assert len(newcomers_in(db)) == 1
    assert welcomed_about(db) == []
    assert notice_in(db, kind="welcome").reason == NO_PLACE_YET

    receive(db, promoted(), promoted())
    assert welcomed_about(db) == ["Market Square"]


def test_a_place_heard_of_before_the_waiting_list_is_a_welcome_too(db: Database) -> None:
    receive(db, promoted(), replace(waitlisted(), first=True))
    assert len(notices_in(db, kind="welcome")) == 1


def test_the_same_person_is_not_new_twice(db: Database) -> None:
    receive(db, first_time(), first_time(id=10))
    assert [newcomer.signup_id for newcomer in newcomers_in(db)] == [9]


def test_another_group_has_newcomers_of_its_own(db: Database) -> None:
    other = make_event(make_shift(id=8), id=4, group=make_group(id=2))
    receive(db, published(other), first_time(), first_time(id=10, shift_id=8, event_id=4))
    assert [newcomer.group_id for newcomer in newcomers_in(db)] == [1, 2]


def test_who_cancels_before_the_welcome_gets_none(db: Database) -> None:
    receive(db, first_time(), cancelled())
    make_due(db)
    sender.fill_mailbox(db, make_settings())
    assert notice_in(db, kind="welcome").state == "superseded"


@pytest.mark.parametrize(
    "now, starts, welcomed",
    [
        # The next morning, on the clock: in summer time it is seven in UTC.
        ("2026-11-20T12:00", "2026-12-05T10:00", "2026-11-21T08:00"),
        ("2026-11-20T02:00", "2026-12-05T10:00", "2026-11-20T08:00"),
        ("2027-03-27T12:00", "2027-04-05T10:00", "2027-03-28T07:00"),
        ("2027-10-30T12:00", "2027-11-05T10:00", "2027-10-31T08:00"),
        # Not within an hour of the confirmation.
        ("2026-11-20T07:30", "2026-12-05T10:00", "2026-11-21T08:00"),
        # The shift begins before that: an hour later, and not at night.
        ("2026-11-20T12:00", "2026-11-20T18:00", "2026-11-20T13:00"),
        ("2026-11-20T12:00", "2026-11-21T09:00", "2026-11-20T13:00"),
        ("2026-11-20T20:30", "2026-11-21T09:00", "2026-11-21T08:00"),
        # It begins before the night is over.
        ("2026-11-20T20:30", "2026-11-21T07:00", "2026-11-20T21:30"),
    ],
)
def test_the_welcome_comes_at_a_good_hour(now: str, starts: str, welcomed: str) -> None:
    at, begins, due = (
        datetime.fromisoformat(f"{each}:00+00:00") for each in (now, starts, welcomed)
    )
    assert welcome_hour(begins, now=at, zone=LONDON) == due


def test_the_welcome_is_about_the_first_of_several_places(db: Database) -> None:
    later = make_shift(id=6, place="Guildhall", starts_at=STARTS + timedelta(hours=3), revision=2)
    receive(db, messages.EventChanged(event=make_event(make_shift(), later, revision=2)))
    receive(db, first_time(), placed(id=10, shift_id=6))

    assert welcomed_about(db) == ["Market Square"]


def test_what_begins_within_the_hour_welcomes_nobody_and_what_comes_later_does(
    db: Database,
) -> None:
    at = STARTS - timedelta(hours=1)
    receive(db, first_time(), now=at)
    assert notice_in(db, kind="welcome").reason == "Their shift begins too soon for a welcome."

    later = make_shift(id=6, revision=2, starts_at=STARTS + timedelta(days=7))
    receive(db, messages.EventChanged(event=make_event(make_shift(), later, revision=2)))
    receive(db, placed(id=10, shift_id=6), now=at)
    welcome = notice_in(db, kind="welcome")
    assert (welcome.state, welcome.signup_id) == ("planned", 10)

    receive(db, placed(id=11, shift_id=5, revision=2), now=at)
    assert notice_in(db, kind="welcome").due_at == welcome.due_at, "it is not lost again"


@pytest.mark.parametrize(
    "notices, kind", [("at_once", "new_signup"), ("daily", "daily_signups"), ("off", "newcomer")]
)
def test_the_contact_hears_who_is_new_in_one_mail(db: Database, notices: str, kind: str) -> None:
    with_contact(db, notices)
    receive(db, first_time())
    make_due(db)
    sender.fill_mailbox(db, make_settings())

    to_contact = [m for m in kept_in(db) if m.kept.recipient == "morwenna@elmbridge.example"]
    (mail,) = to_contact
    notice_in(db, kind=kind, state="sent")
    assert "/organise/notices/groups/1/newcomers" in mail.text
    assert "within 48 hours" in mail.text
    assert "within 48 hours" in mail.html


@pytest.mark.parametrize("notices", ["at_once", "daily"])
def test_of_others_the_contact_is_asked_nothing(db: Database, notices: str) -> None:
    with_contact(db, notices)
    receive(db, placed())
    make_due(db)
    sender.fill_mailbox(db, make_settings())

    for mail in kept_in(db):
        assert "/newcomers" not in mail.text
        assert "/newcomers" not in mail.html


def test_somebody_gets_in_touch_and_takes_it_back(db: Database) -> None:
    receive(db, first_time())
    (newcomer,) = newcomers_in(db)
    console = console_of(db)
    page = f"/organise/notices/newcomers/{newcomer.id}"

    assert "Ada" in console.get("/organise/notices/groups/1/newcomers").text
    assert console.post(f"{page}/done", data={"how": "carrier pigeon"}).status_code == 400
    assert console.post(f"{page}/done", data={"how": "phone"}).status_code == 303
    done = newcomers_in(db)[0]
    assert (done.state, done.done_by, done.done_how) == ("done", "Robin Example", "phone")
    assert console.post(f"{page}/done", data={"how": "mail"}).status_code == 409
    assert "By phone, by Robin Example" in console.get("/organise/notices/groups/1/newcomers").text
    assert console.post(f"{page}/reopen").status_code == 303
    assert newcomers_in(db)[0].state == "open"


def test_who_gets_in_touch_sees_where_and_who_only_looks_does_not(db: Database) -> None:
    receive(db, first_time())
    page = "/organise/notices/groups/1/newcomers"
    wanted = console_of(db).get(page).text
    looked = console_of(db, (1, "viewer")).get(page).text

    assert 'href="mailto:ada@posts.example"' in wanted
    assert "mailto:" not in looked
    assert "ada@posts.example" not in looked
    for shown in (wanted, looked):
        assert "/organise/sign-ups/shifts/5" in shown
        assert "get in touch by" in shown


def test_another_groups_newcomers_are_not_there(db: Database) -> None:
    receive(db, first_time())
    console = console_of(db, (2, "owner"))
    assert console.get("/organise/notices/groups/1/newcomers").status_code == 404
    assert (
        console.post("/organise/notices/newcomers/1/done", data={"how": "phone"}).status_code == 404
    )
    assert newcomers_in(db)[0].state == "open"


def let_wait(db: Database, since: datetime, *hours: float) -> None:
    """Look after so many hours for newcomers who waited too long."""
    for each in hours:
        with db.writing() as session:
            newcomers.tell_late(session, since + timedelta(hours=each))


def own_group(db: Database) -> None:
    """Let somebody own the group."""
    person = messages.Organiser(name="Olive", email="olive@fosse.example")
    told = messages.MembershipChanged(
        organiser_id=4, group_id=1, role="owner", revision=1, person=person
    )
    receive(db, told)


def test_of_all_late_ones_of_a_day_the_owners_get_one_mail(db: Database) -> None:
    own_group(db)
    receive(db, first_time(), replace(first_time(id=10), person=BEN))
    let_wait(db, NOW, 47.9, 48, 48.1, 49)

    late = notice_in(db, kind="newcomer_late")
    assert (late.recipient, late.due_at) == (
        "olive@fosse.example",
        datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
    )
    let_wait(db, NOW, 80, 100)
    assert len(notices_in(db, kind="newcomer_late")) == 1, "each is told once"
    make_due(db)
    sender.fill_mailbox(db, make_settings())
    (mail,) = [mail for mail in kept_in(db) if mail.kept.recipient == "olive@fosse.example"]
    assert "Ada: Winter action day" in mail.text
    assert "Ben: Winter action day" in mail.text


def test_the_mail_to_the_owners_is_forgotten_with_whoever_is_named_in_it(db: Database) -> None:
    own_group(db)
    receive(db, first_time())
    let_wait(db, NOW, 48)
    make_due(db)
    sender.fill_mailbox(db, make_settings())
    assert any("Ada: Winter action day" in mail.text for mail in kept_in(db))

    receive(db, erased())

    assert kept_in(db) == []


def test_who_was_greeted_or_cancelled_meanwhile_is_not_told_of(db: Database) -> None:
    own_group(db)
    receive(db, first_time())
    let_wait(db, NOW, 48)
    with db.writing() as session:
        newcomers.mark_done(session, newcomers_in(db)[0].id, "phone", by="Robin", now=NOW)
    make_due(db)
    sender.fill_mailbox(db, make_settings())
    assert notice_in(db, kind="newcomer_late").state == "superseded"

    receive(db, replace(first_time(id=10), person=BEN))
    receive(db, cancelled(id=10))
    let_wait(db, NOW, 60)
    assert len(notices_in(db, kind="newcomer_late")) == 1


@pytest.mark.parametrize("month, date", [(3, 28), (10, 31)])
def test_owners_are_told_at_eight_when_the_clocks_change(
    db: Database, month: int, date: int
) -> None:
    day = datetime(2027, month, date, tzinfo=UTC)
    receive(db, first_time(), now=day - timedelta(days=2, hours=2))
    let_wait(db, day, -2)
    late = notice_in(db, kind="newcomer_late")
    assert late.due_at is not None
    assert late.due_at.hour == (7 if day.month == 3 else 8)


def test_a_group_says_what_the_day_is_like_and_names_a_buddy(db: Database) -> None:
    console = console_of(db)
    page = "/organise/notices/groups/1/welcome"
    assert USUAL_DAY.split(".")[0] in console.get(page).text
    typed = {"the_day": "We walk.\n\nThen tea.", "buddy_name": "Pat", "buddy_how": "Green hat."}
    assert console.post(page, data={**typed, "seen": "{}"}).status_code == 303
    receive(db, first_time())
    make_due(db)
    sender.fill_mailbox(db, make_settings())

    (mail,) = [mail for mail in kept_in(db) if mail.kept.subject.startswith("Welcome")]
    assert "We walk.\n\nThen tea." in mail.text.replace("\r\n", "\n")
    assert "On the day Pat looks out for you. Green hat." in mail.text
    assert USUAL_DAY[:20] not in mail.text


def test_how_somebody_is_found_is_not_saved_without_a_name(db: Database) -> None:
    console = console_of(db)
    page = "/organise/notices/groups/1/welcome"
    nobody = console.post(page, data={"buddy_how": "Green hat.", "seen": "{}"})

    assert nobody.status_code == 400
    assert '<a href="#field-buddy_name">Say who it is' in nobody.text
    assert 'value="Green hat."' in nobody.text
    assert "Saved." not in nobody.text
    assert 'value="Green hat."' not in console.get(page).text


def test_two_who_change_the_welcome_at_once_see_each_other(db: Database) -> None:
    console = console_of(db)
    page = "/organise/notices/groups/1/welcome"
    seen = {"seen": '{"the_day":"","buddy_name":"","buddy_how":""}'}
    assert console.post(page, data={"buddy_name": "Pat", **seen}).status_code == 303
    assert console.post(page, data={"buddy_how": "Green hat.", **seen}).status_code == 303
    both = console.post(page, data={"buddy_name": "Sam", **seen})

    assert both.status_code == 400
    assert "Somebody else changed" in both.text
    shown = console.get(page).text
    assert 'value="Pat"' in shown
    assert 'value="Green hat."' in shown


def test_who_is_erased_is_no_newcomer_any_more(db: Database) -> None:
    receive(db, first_time())
    with db.reading() as session:
        address = erasing.digest_of(session, "ada@posts.example")
    erased = messages.PersonErased(
        erasure_id="e", signup_ids=(9,), person_ids=(), addresses=(address,)
    )
    receive(db, erased, erased)
    assert newcomers_in(db) == []
    assert notices_in(db, kind="welcome") == []


def test_a_shift_that_has_begun_welcomes_nobody(db: Database) -> None:
    receive(db, first_time(), now=STARTS - timedelta(hours=2))
    welcome = notice_in(db, kind="welcome")
    assert welcome.due_at == STARTS - timedelta(hours=1)
    assert "welcome 9" not in send_due(db, STARTS)
    welcome = notice_in(db, kind="welcome")
    assert (welcome.state, welcome.reason) == (
        "missed",
        "Their shift had begun before this could be sent.",
    )
