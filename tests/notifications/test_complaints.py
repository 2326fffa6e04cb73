"""Who complains has ended the weekly mail, too, and can have it again by a button in a mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.notifications.operations import bounces, suppressing
from services.notifications.operations.subscribers import asking, preferring
from shared import messages
from shared.database import Database
from shared.refusals import NotThere

from .making import NOW, make_person, published, receive, waitlisted
from .reading import notice_in, notices_in
from .returned import complained, path_of
from .subscribing import ADA, THURSDAY, ask, plan, send, subscribe, subscriber_in
from .test_bounces import covers_of
from .test_schedule_mail import event
from .test_subscribing import told_in, visit

Begin = Callable[[Database], None]
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


def complain(db: Database, *, kind: str = "schedule", by: str = "provider") -> None:
    """Report a complaint about the one mail of a kind, an hour after the weekly one."""
    path = path_of(notice_in(db, kind=kind))
    with db.writing() as session:
        report = complained(f"{by}@muster.example", mail_from=path)
        bounces.keep_mail(session, report, now=THURSDAY + HOUR)


def have_a_mail(db: Database) -> None:
    """Let Ada subscribe, and have her first weekly mail."""
    subscribe(db, postcode="", group_id=1)
    plan(db)
    send(db)
    assert notice_in(db, kind="schedule").state == "sent"


def withdrawn_in(db: Database) -> list[messages.ConsentWithdrawn]:
    return [told for told in told_in(db) if isinstance(told, messages.ConsentWithdrawn)]


def test_a_complaint_ends_the_weekly_mail_and_is_told_like_an_end(db: Database) -> None:
    have_a_mail(db)

    complain(db)

    ended = subscriber_in(db)
    assert (ended.ended_at, ended.next_due_at) == (THURSDAY + HOUR, None)
    (told,) = withdrawn_in(db)
    assert (told.person.email, told.group_id, told.at) == (ADA, 1, THURSDAY + HOUR)
    assert plan(db, now=THURSDAY + WEEK) == 0


def test_a_complaint_about_another_mail_ends_it_too_however_the_address_is_spelled(
    db: Database,
) -> None:
    subscribe(db)
    signup = waitlisted()
    person = make_person(email="ADA@Posts.example")
    receive(db, messages.SignupWaitlisted(signup=signup.signup, person=person, ahead=2))
    send(db)

    complain(db, kind="waiting")

    assert subscriber_in(db).next_due_at is None
    assert len(withdrawn_in(db)) == 1


def test_who_complained_before_the_button_was_asked_for_the_last_time(db: Database) -> None:
    ask(db)
    send(db)

    complain(db, kind="schedule_confirm")

    token = subscriber_in(db).token
    with db.writing() as session, pytest.raises(NotThere):
        asking.confirm(session, token, now=NOW + HOUR)


def test_a_complaint_of_who_has_no_weekly_mail_ends_nothing(db: Database) -> None:
    receive(db, waitlisted())
    send(db)

    complain(db, kind="waiting")

    assert withdrawn_in(db) == []
    assert covers_of(db) == ["asks"]


def begin_by_the_form(db: Database) -> None:
    subscribe(db, postcode="", now=THURSDAY + 2 * HOUR)


def take_it_back(db: Database) -> None:
    token = subscriber_in(db).token
    with db.writing() as session:
        preferring.begin_again(session, token, now=THURSDAY + 2 * HOUR)


@pytest.mark.parametrize("begin", [begin_by_the_form, take_it_back])
def test_a_button_in_a_mail_lets_the_mails_come_again(db: Database, begin: Begin) -> None:
    have_a_mail(db)
    complain(db)
    assert covers_of(db) == ["asks"]

    begin(db)

    assert covers_of(db) == []
    receive_news(db)
    plan(db, now=THURSDAY + WEEK)
    send(db, now=THURSDAY + WEEK)
    assert [notice.state for notice in notices_in(db, kind="schedule")] == ["sent", "sent"]


def receive_news(db: Database) -> None:
    """Hear of another event, so that there is something to tell."""
    receive(db, published(event(40, "Garden day")), now=THURSDAY + 2 * HOUR)


@pytest.mark.parametrize("begin", [begin_by_the_form, take_it_back])
def test_no_button_lifts_what_a_bounce_holds_back(db: Database, begin: Begin) -> None:
    have_a_mail(db)
    complain(db)
    with db.writing() as session:
        suppressing.suppress(session, ADA, "all", "5.1.1", now=THURSDAY)

    begin(db)

    assert covers_of(db) == ["all"]


def test_who_complained_is_asked_once_a_month_at_most(db: Database) -> None:
    have_a_mail(db)
    complain(db)

    for days in range(6):
        ask(db, now=THURSDAY + timedelta(days=days, hours=2))

    asked = notices_in(db, kind="schedule_confirm")
    assert len(asked) == 2, "at first, and once since"


def test_a_form_alone_and_a_look_at_the_button_lift_nothing(db: Database) -> None:
    have_a_mail(db)
    complain(db)

    ask(db, now=THURSDAY + 2 * HOUR)
    visit(db).get(f"/mail/schedule/confirm/{subscriber_in(db).token}")

    assert covers_of(db) == ["asks"]


def test_a_second_report_of_one_mail_ends_nothing_that_began_since(db: Database) -> None:
    have_a_mail(db)
    complain(db)
    take_it_back(db)

    complain(db, by="mirror")

    assert subscriber_in(db).next_due_at is not None
    assert covers_of(db) == []
    assert len(withdrawn_in(db)) == 1


def test_a_report_that_names_no_mail_of_ours_ends_nothing(db: Database) -> None:
    have_a_mail(db)
    with db.writing() as session:
        bounces.keep_mail(session, complained(), now=NOW)

    assert subscriber_in(db).next_due_at is not None
