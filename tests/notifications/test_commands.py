"""What ops type about notices."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

from click.testing import CliRunner, Result
from sqlalchemy import select, update

from services.notifications.commands import notices
from services.notifications.models import Channel, Event, Signup
from services.notifications.operations import channels
from shared import messages
from shared.database import Database
from shared.messages import ReminderFacts
from tests.databases import DatabaseOfTests

from .driving import work_off
from .making import TODAY, make_event, make_shift, placed, receive
from .post_office import open_post_office
from .reading import notices_in


def types(muster: CliRunner, *words: str) -> Result:
    return muster.invoke(notices, words, catch_exceptions=False)


def test_notices_are_listed_without_addresses(db: Database, muster: CliRunner) -> None:
    receive(db, placed(id=1), placed(id=2))

    listed = types(muster, "list", "--signup", "2", "--json")

    (row,) = json.loads(listed.output)
    assert (row["signup_id"], row["state"]) == (2, "due")
    assert "@" not in types(muster, "list").output


def test_an_empty_list_says_so(muster: CliRunner) -> None:
    assert types(muster, "list", "--state", "failed").output == "There are no such notices.\n"


def test_a_failed_notice_is_tried_again(db: DatabaseOfTests, muster: CliRunner) -> None:
    db.set_clock(TODAY)
    receive(db, placed())
    with open_post_office(body=["554 5.7.1 spam"]) as office:
        work_off(db, office)
    assert "554" in types(muster, "show", "1").output

    retried = types(muster, "retry", "1", "--json")

    assert json.loads(retried.output)["state"] == "due"


def test_whoever_runs_this_ends_the_pause_of_a_channel(db: Database, muster: CliRunner) -> None:
    receive(db, placed())
    with db.writing() as session:
        channels.pause(session, "mail", "The password is wrong.", now=db.now(session))

    # Even if the notice named needs no retry: it waits for the channel.
    types(muster, "retry", "1")

    with db.reading() as session:
        assert session.scalars(select(Channel)).all() == []


def test_a_notice_on_its_way_is_not_tried_twice(db: Database, muster: CliRunner) -> None:
    receive(db, placed())

    refused = types(muster, "retry", "1")

    assert refused.exit_code == 1
    assert "was sent, or is on its way" in refused.output


def test_a_notice_that_is_not_there_is_named(muster: CliRunner) -> None:
    assert "There is nothing with that number." in types(muster, "show", "7").output


def test_reminders_are_planned_for_those_who_signed_up_before_there_were_any(
    db: Database, muster: CliRunner
) -> None:
    with db.reading() as session:
        now = db.now(session)
    starts = now + timedelta(days=9)
    shift = make_shift(revision=2, starts_at=starts, ends_at=starts + timedelta(hours=1))
    rule = (ReminderFacts(minutes_before=3 * 24 * 60),)
    receive(db, messages.EventChanged(event=make_event(shift, revision=2)), placed(), now=now)
    # As the upgrade leaves it.
    with db.writing() as session:
        session.execute(update(Signup).values(placed_at=None))
        session.execute(update(Event).values(reminders=[dataclasses.asdict(each) for each in rule]))

    for _ in range(2):
        assert "The reminders of 1 events are planned." in types(muster, "plan-reminders").output
        assert len(notices_in(db, kind="reminder", state="planned")) == 1
