"""The weekly mail from its planning to the mailbox: to whom, what it says, and never twice."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from services.notifications import planner
from services.notifications.models import ScheduleRun
from services.notifications.operations import ledger, sending_again
from services.notifications.operations.notices import make_notice
from services.notifications.operations.schedule import planning, runs
from services.notifications.operations.subscribers import preferring
from services.notifications.rules import hours
from shared import messages
from shared.database import Database
from shared.refusals import Refusal

from .making import (
    NOW,
    STARTS,
    TODAY,
    make_event,
    make_group,
    make_settings,
    make_shift,
    published,
    receive,
)
from .reading import kept_in, notice_in, notices_in
from .subscribing import ADA, THURSDAY, ask, change, plan, send, subscribe, subscriber_in

WEEK = timedelta(days=7)
LONDON = ZoneInfo("Europe/London")


def event(number: int, title: str, *, days: int = 40, **facts: Any) -> messages.EventFacts:
    """Return another event in Lincoln, some weeks ahead."""
    starts = STARTS + timedelta(days=days, minutes=number)
    at = {"starts_at": starts, "ends_at": starts + timedelta(hours=2)}
    shift = make_shift(id=number, latitude=53.23, longitude=-0.54, **at)
    return make_event(shift, id=number, title=title, **facts)


def text_of_newest(db: Database) -> str:
    """Return the text of the newest mail, each stretch of white space as one space."""
    return " ".join(kept_in(db)[0].text.split())


def run_in(db: Database) -> dict[str, int]:
    """Return what the newest run has counted."""
    with db.reading() as session:
        run = session.scalars(select(ScheduleRun).order_by(ScheduleRun.day.desc()).limit(1)).one()
        return {name: getattr(run, name) for name in ("planned", "silent", "spared", "sent")}


def test_the_first_mail_has_all_that_is_on_and_later_ones_what_is_new(db: Database) -> None:
    subscribe(db, postcode="")
    assert plan(db) == 1
    send(db)

    assert kept_in(db)[0].kept.subject == "Coming up: Winter action day"
    assert "all that is coming up" in text_of_newest(db)
    receive(db, published(event(40, "Garden day")), now=THURSDAY + timedelta(days=1))
    assert plan(db, now=THURSDAY + WEEK) == 1
    send(db, now=THURSDAY + WEEK)
    assert kept_in(db)[0].kept.subject == "Coming up: Garden day"
    newest = text_of_newest(db)
    assert "NEW Garden day" in newest
    assert "STILL COMING UP Winter action day" in newest


def test_nothing_new_nothing_sent_and_that_is_noted(db: Database) -> None:
    subscribe(db, postcode="")
    plan(db)

    assert plan(db, now=THURSDAY + WEEK) == 1

    assert len(notices_in(db, kind="schedule")) == 1
    noted = subscriber_in(db)
    assert (noted.outcome, noted.looked_at) == ("silent", THURSDAY + WEEK)
    assert noted.next_due_at == THURSDAY + 2 * WEEK
    assert run_in(db) == {"planned": 0, "silent": 1, "spared": 0, "sent": 0}


def test_changes_come_with_what_was_before(db: Database) -> None:
    receive(db, published(event(40, "Garden day")))
    subscribe(db, postcode="")
    plan(db)
    moved = make_shift(revision=2, place="Castle Green", starts_at=STARTS + timedelta(hours=1))
    off = messages.EventCancelled(
        event=event(40, "Garden day", revision=2, status="cancelled"), reason=""
    )
    receive(db, messages.EventChanged(event=make_event(moved, revision=2)), off, now=THURSDAY)
    plan(db, now=THURSDAY + WEEK)
    send(db, now=THURSDAY + WEEK)

    said = text_of_newest(db)
    assert "CHANGED Winter action day Now: Saturday 5 December 2026, 11:00" in said
    assert "Castle Green, LN2 1AB" in said
    assert "Before: Saturday 5 December 2026, 10:00 to 12:00 (UK time), Market Square" in said
    assert re.search(r"Garden day CANCELLED: \w+ 14 January 2027", said)


def test_what_is_hidden_from_the_public_is_hidden_here(db: Database) -> None:
    hidden = event(
        40,
        "Garden day",
        address_shown="signed_up",
        mode="both",
        online_url="https://meet.example/x",
    )
    receive(db, published(hidden))
    subscribe(db, postcode="LN2 1AB")
    plan(db)
    send(db)

    said = text_of_newest(db)
    assert "Market Square, LN2, and online, about 2 miles" in said
    assert "meet.example" not in said
    assert "clock tower" not in said


def test_a_group_signs_the_mail_about_its_own_events(db: Database) -> None:
    other = make_group(id=2, name="Fosse Neighbours")
    receive(db, published(event(40, "Garden day", group=other)))
    subscribe(db, postcode="", group_id=2)
    plan(db)
    send(db)

    (mail,) = [mail for mail in kept_in(db) if "Coming up" in mail.kept.subject]
    headers = dict(mail.headers)
    assert headers["From"] == "Fosse Neighbours <noreply@muster.example>"
    assert "Winter action day" not in mail.text


def test_one_click_is_offered_where_the_rfc_allows_it(db: Database) -> None:
    token = subscribe(db, postcode="").token
    plan(db)
    send(db)

    headers = dict(kept_in(db)[0].headers)
    assert headers["List-Unsubscribe"] == f"<https://muster.example/mail/unsubscribe/{token}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    raw = kept_in(db)[0].kept.body
    assert (
        f"List-Unsubscribe: <https://muster.example/mail/unsubscribe/{token}>\r\n".encode() in raw
    )


def test_without_https_a_page_unsubscribes(db: Database) -> None:
    subscribe(db, postcode="")
    plan(db)
    send(db, public_url="http://192.0.2.7:8000")

    headers = dict(kept_in(db)[0].headers)
    assert headers["List-Unsubscribe"].startswith("<http://192.0.2.7:8000/mail/unsubscribe/")
    assert "List-Unsubscribe-Post" not in headers


def test_other_mails_have_no_such_header(db: Database) -> None:
    subscribe(db)
    send(db)

    assert "List-Unsubscribe" not in dict(kept_in(db)[0].headers)


def test_who_ended_it_before_it_left_gets_none(db: Database) -> None:
    token = subscribe(db, postcode="").token
    plan(db)
    with db.writing() as session:
        preferring.unsubscribe(session, token, now=THURSDAY)
    send(db)

    notice = notice_in(db, kind="schedule")
    assert (notice.state, notice.reason) == (
        "superseded",
        "They unsubscribed before this was sent.",
    )


def test_what_was_called_off_before_the_mail_left_is_not_in_it(db: Database) -> None:
    subscribe(db, postcode="")
    plan(db)
    off = make_event(revision=2, status="cancelled")
    receive(db, messages.EventCancelled(event=off, reason=""))
    send(db)

    assert notice_in(db, kind="schedule").state == "superseded"


def test_who_was_asked_often_enough_is_spared_and_hears_it_a_week_later(db: Database) -> None:
    subscribe(db, postcode="")
    with db.writing() as session:
        for number in range(3):
            make_notice(session, "mailing", f"mailing/{number}", 0, now=THURSDAY, recipient=ADA)

    plan(db)

    spared = notice_in(db, kind="schedule")
    assert (spared.state, spared.due_at, spared.details) == ("suppressed", None, {})
    assert "Asked 3 times within a week" in spared.reason
    assert run_in(db)["spared"] == 1
    assert subscriber_in(db).considered_until is None


def test_nobody_sends_a_mail_to_who_was_spared(db: Database) -> None:
    subscribe(db, postcode="")
    with db.writing() as session:
        for number in range(3):
            make_notice(session, "mailing", f"mailing/{number}", 0, now=THURSDAY, recipient=ADA)
    plan(db)
    spared = notice_in(db, kind="schedule").id

    for again in (sending_again.send_again, ledger.retry_notice):
        with db.writing() as session, pytest.raises(Refusal):
            again(session, spared, now=THURSDAY)

    assert notice_in(db, kind="schedule").state == "suppressed"


def test_last_weeks_mail_is_none_of_this_weeks(db: Database) -> None:
    """Even where one a week is the limit: a mail leaves a little after it was planned."""
    db.info["settings"] = make_settings(database_url=db.url, asks_per_week=1)
    subscribe(db, postcode="")
    with db.writing() as session:
        sent_at = THURSDAY - WEEK + timedelta(minutes=20)
        state = {"state": "sent", "due_at": None, "sent_at": sent_at}
        make_notice(session, "schedule", "subscriber/1", 7, now=NOW, recipient=ADA, **state)

    plan(db)

    assert subscriber_in(db).outcome == "planned"


def test_nobody_is_planned_twice(db: Database) -> None:
    subscribe(db, postcode="")

    assert [plan(db), plan(db), plan(db, now=THURSDAY + timedelta(hours=3))] == [1, 0, 0]


def test_who_changes_their_day_gets_no_second_mail_on_one_day(db: Database) -> None:
    token = subscribe(db, postcode="").token
    plan(db)
    wishes = {"weekday": THURSDAY.weekday(), "hour": 20, "miles": 25}
    with db.writing() as session:
        preferring.keep_preferences(session, token, wishes, pause=0, now=THURSDAY)

    due = subscriber_in(db).next_due_at
    assert due is not None
    assert due == (THURSDAY + WEEK).replace(hour=20)


def test_other_wishes_bring_all_that_they_mean(db: Database) -> None:
    far = event(40, "Garden day")
    receive(db, published(far))
    token = subscribe(db, postcode="ST4 1AA").token
    plan(db)
    assert subscriber_in(db).outcome == "silent"
    lincoln = {"postcode": "LN2 1AB", "latitude": 53.2, "longitude": -0.5}
    with db.writing() as session:
        preferring.keep_preferences(session, token, lincoln, pause=0, now=THURSDAY)

    plan(db, now=THURSDAY + WEEK)

    assert subscriber_in(db).outcome == "planned"


def test_who_was_away_longer_than_news_are_kept_hears_of_all(db: Database) -> None:
    subscribe(db, postcode="")
    change(db, considered_until=THURSDAY - timedelta(days=61))

    plan(db)

    assert notice_in(db, kind="schedule").details["is_first"] is True


def test_news_of_the_last_minute_come_with_the_next_mail(db: Database) -> None:
    """A transaction that began before the planning may commit after it."""
    subscribe(db, postcode="")
    plan(db)
    receive(db, published(event(40, "Garden day")), now=THURSDAY + WEEK - timedelta(seconds=30))

    plan(db, now=THURSDAY + WEEK)
    assert subscriber_in(db).outcome == "silent"
    plan(db, now=THURSDAY + 2 * WEEK)
    assert subscriber_in(db).outcome == "planned"


@pytest.mark.parametrize(
    "change_of_clocks", [datetime(2027, 3, 28), datetime(2027, 10, 31)], ids=["spring", "autumn"]
)
def test_over_the_change_of_clocks_it_comes_at_the_same_hour(
    db: Database, change_of_clocks: datetime
) -> None:
    begins = (change_of_clocks - timedelta(days=8)).replace(tzinfo=UTC)
    subscribe(db, postcode="", now=begins)
    looked = []
    moment = begins
    while moment < begins + timedelta(days=16):
        moment += timedelta(minutes=30)
        if plan(db, now=moment):
            looked.append(moment.astimezone(LONDON).replace(tzinfo=None))

    assert len(looked) >= 2
    assert {(at.weekday(), at.hour, at.minute) for at in looked} == {(3, 17, 0)}


def test_a_batch_is_bounded_and_the_next_goes_on_after_it(db: Database) -> None:
    for number in range(7):
        subscribe(db, f"p{number}@posts.example", postcode="")

    assert [plan(db, limit=3) for _ in range(4)] == [3, 3, 1, 0]

    assert len({notice.recipient for notice in notices_in(db, kind="schedule")}) == 7
    send(db)
    with db.writing() as session:
        runs.count_sent(session, THURSDAY)
    assert run_in(db) == {"planned": 7, "silent": 0, "spared": 0, "sent": 7}


def test_the_planner_waits_for_senders_that_are_behind(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hours, "QUIET_FROM", time.max)
    monkeypatch.setattr(hours, "QUIET_UNTIL", time.min)
    monkeypatch.setattr(planning, "MOST_WAITING", 1)
    due = TODAY - timedelta(hours=1)
    soon = make_shift(starts_at=due + WEEK, ends_at=due + WEEK + timedelta(hours=1), revision=2)
    receive(db, published(make_event(soon, revision=2)))
    subscribe(db, postcode="")
    change(db, next_due_at=due)
    assert planner.plan_what_finds_room(db)
    subscribe(db, "ben@posts.example", postcode="")
    change(db, "ben@posts.example", next_due_at=due)

    assert planner.plan_what_finds_room(db), "it looks again soon"
    assert subscriber_in(db, "ben@posts.example").looked_at is None
    send(db, now=TODAY + timedelta(minutes=1))
    assert planner.plan_what_finds_room(db)
    assert subscriber_in(db, "ben@posts.example").outcome == "planned"


def test_at_night_the_planner_waits_for_the_morning(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hours, "QUIET_FROM", time.min)
    subscribe(db, postcode="")
    change(db, next_due_at=NOW)

    assert not planner.plan_what_finds_room(db)
    assert notices_in(db, kind="schedule") == []


def test_no_name_of_somebody_who_did_not_confirm_is_repeated(db: Database) -> None:
    ask(db, postcode="win.example")
    send(db)

    mail = message_from_bytes(kept_in(db)[0].kept.body, policy=default)
    assert not re.search(r"\bAda\b", str(mail))
    assert "win.example" not in str(mail)


def test_many_planners_share_a_run_and_nobody_gets_two(db: Database) -> None:
    for number in range(60):
        subscribe(db, f"p{number}@posts.example", postcode="")

    def work() -> int:
        looked = 0
        while batch := plan(db, limit=3):
            looked += batch
        return looked

    with ThreadPoolExecutor(4) as threads:
        looked = [threads.submit(work) for _ in range(4)]
        assert sum(each.result() for each in looked) == 60

    while plan(db):
        pass
    recipients = [notice.recipient for notice in notices_in(db, kind="schedule")]
    assert len(recipients) == len(set(recipients)) == 60
    assert run_in(db)["planned"] == 60
