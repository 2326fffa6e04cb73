"""The weekly mail of many changes, of what was undone since, and of who begins anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.notifications.operations.subscribers import preferring
from shared import messages
from shared.database import Database

from .making import STARTS, make_event, make_shift, receive
from .reading import kept_in, notice_in, notices_in
from .subscribing import THURSDAY, plan, send, subscribe, subscriber_in

MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7)


def moved(*, days: int = 0, revision: int) -> messages.EventChanged:
    """Return the message that the event's shift is so many days later than it was at first."""
    starts = STARTS + timedelta(days=days)
    at = {"starts_at": starts, "ends_at": starts + timedelta(hours=2)}
    shift = make_shift(revision=revision, **at)
    return messages.EventChanged(event=make_event(shift, revision=revision))


def test_a_slip_put_right_is_no_reason_for_a_mail(db: Database) -> None:
    subscribe(db, postcode="")
    plan(db)
    receive(db, moved(days=1, revision=2), now=THURSDAY + MINUTE)
    receive(db, moved(revision=3), now=THURSDAY + 3 * MINUTE)

    plan(db, now=THURSDAY + WEEK)

    assert subscriber_in(db).outcome == "silent"
    assert len(notices_in(db, kind="schedule")) == 1


def test_who_heard_of_the_move_hears_that_it_is_back(db: Database) -> None:
    subscribe(db, postcode="")
    receive(db, moved(days=1, revision=2))
    plan(db)
    send(db)
    receive(db, moved(revision=3), now=THURSDAY + MINUTE)

    plan(db, now=THURSDAY + WEEK)
    send(db, now=THURSDAY + WEEK)

    said = " ".join(kept_in(db)[0].text.split())
    assert "Now: Saturday 5 December 2026" in said
    assert "Before: Sunday 6 December 2026" in said


def test_a_slip_put_right_before_the_mail_leaves_is_not_in_it(db: Database) -> None:
    subscribe(db, postcode="")
    plan(db)
    send(db)
    receive(db, moved(days=1, revision=2), now=THURSDAY + MINUTE)
    plan(db, now=THURSDAY + WEEK)
    assert subscriber_in(db).outcome == "planned"
    receive(db, moved(revision=3), now=THURSDAY + WEEK)

    send(db, now=THURSDAY + WEEK)

    assert notice_in(db, kind="schedule", state="superseded").reason.startswith("Nothing of what")


def many(*hours: int, revision: int) -> messages.EventChanged:
    """Return the message that an event has a shift on each of so many days, so many hours late."""
    shifts = []
    for day, late in enumerate(hours):
        starts = STARTS + timedelta(days=day, hours=late)
        at = {"starts_at": starts, "ends_at": starts + timedelta(hours=2), "closes_at": starts}
        shifts.append(make_shift(id=100 + day, revision=revision, **at))
    event = make_event(*shifts, id=8, revision=revision, title="Doorsteps")
    return messages.EventChanged(event=event)


def test_of_an_event_with_many_shifts_three_are_named_when_it_is_called_off(db: Database) -> None:
    published = many(*[0] * 30, revision=1)
    receive(db, published)
    subscribe(db, postcode="")
    plan(db)
    send(db)
    off = replace(published.event, revision=2, status="cancelled")
    receive(db, messages.EventCancelled(event=off, reason=""), now=THURSDAY + MINUTE)

    plan(db, now=THURSDAY + WEEK)
    send(db, now=THURSDAY + WEEK)

    mail = kept_in(db)[0]
    assert mail.kept.subject == "Changed: Doorsteps"
    assert mail.text.count("CANCELLED") == mail.text.count("/events/8") == 3
    assert mail.text.count("and 27 more times") == 1


def test_of_many_changes_the_last_that_is_left_says_how_many_more_there_are(db: Database) -> None:
    receive(db, many(0, 0, 0, 0, 0, revision=1))
    subscribe(db, postcode="")
    plan(db)
    send(db)
    receive(db, many(1, 1, 1, 1, 1, revision=2), now=THURSDAY + MINUTE)
    plan(db, now=THURSDAY + WEEK)
    receive(db, many(1, 1, 0, 1, 1, revision=3), now=THURSDAY + WEEK)

    send(db, now=THURSDAY + WEEK)

    said = " ".join(kept_in(db)[0].text.split())
    assert said.count("Now:") == 2
    assert said.index("and 2 more times") > said.rindex("Now:")


def test_who_begins_anew_on_the_day_of_a_mail_has_their_first_one_a_week_later(
    db: Database,
) -> None:
    token = subscribe(db, postcode="").token
    plan(db)
    send(db)
    with db.writing() as session:
        preferring.unsubscribe(session, token, now=THURSDAY + 30 * MINUTE)

    subscribe(db, postcode="", hour=20, now=THURSDAY + 35 * MINUTE)

    begun = subscriber_in(db)
    assert begun.next_due_at == THURSDAY + WEEK + 180 * MINUTE
    assert plan(db, now=THURSDAY + 180 * MINUTE) == 0
    plan(db, now=begun.next_due_at)
    first = notices_in(db, kind="schedule")[-1]
    assert (first.state, first.details["is_first"]) == ("due", True)


def test_who_begins_anew_with_another_day_has_their_first_mail_on_it(db: Database) -> None:
    token = subscribe(db, postcode="").token
    plan(db)
    with db.writing() as session:
        preferring.unsubscribe(session, token, now=THURSDAY + MINUTE)
    tomorrow = THURSDAY + timedelta(days=1)

    subscribe(db, postcode="", weekday=tomorrow.weekday(), now=THURSDAY + 2 * MINUTE)
    plan(db, now=tomorrow)

    assert [each.details["is_first"] for each in notices_in(db, kind="schedule")] == [True, True]


def test_somebody_new_need_not_wait(db: Database) -> None:
    assert subscribe(db, postcode="", now=THURSDAY - MINUTE).next_due_at == THURSDAY
