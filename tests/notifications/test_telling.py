"""What of a change is told to whom: the way to meet and a kept address only to who has a place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from services.notifications.models import Event, Group, Shift
from shared import wire
from shared.database import Database
from shared.messages import EventFacts, EventMessage, ShiftBefore, SignupMoved

from .driving import work_off
from .making import make_event, make_shift, moved, placed, published, receive, waitlisted
from .post_office import open_post_office
from .reading import notice_in, notices_in

GOLDEN = Path(__file__).parents[1] / "shared" / "golden"
ROOM = "https://meet.example/room"
WITH_PLACE, WAITING = 9, 10


def moved_from(event: EventFacts, **before: str) -> list[SignupMoved]:
    """Return what both hear when their shift was `before`, and is now as `event` says."""
    (shift,) = event.shifts
    was = ShiftBefore(
        **{
            **{name: getattr(shift, name) for name in ("place", "address", "postcode")},
            **{"starts_at": shift.starts_at, "ends_at": shift.ends_at},
            **{"mode": event.mode, "online_url": event.online_url, **before},
        }
    )
    return [
        replace(moved(id=WITH_PLACE), before=was),
        replace(moved(id=WAITING, state="waiting"), before=was),
    ]


def mails_about(db: Database, event: EventFacts, **before: str) -> dict[int, str]:
    """Let both sign up and the shift change; return what each was told, by sign-up."""
    with open_post_office() as office:
        receive(db, placed(id=WITH_PLACE), waitlisted(id=WAITING))
        work_off(db, office)
        office.received.clear()
        receive(db, published(event), *moved_from(event, **before))
        work_off(db, office)
        sent = {notice.message_id: notice.signup_id for notice in notices_in(db, kind="changed")}
        return {
            signup: str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
            for number, signup in sent.items()
            for mail in office.mails()
            if str(number) in mail["Message-ID"] and signup is not None
        }


def test_a_new_link_is_told_to_who_has_a_place_only(db: Database) -> None:
    event = make_event(revision=2, mode="online", online_url=ROOM)

    told = mails_about(db, event, online_url="https://meet.example/other")

    assert list(told) == [WITH_PLACE]
    assert ROOM in told[WITH_PLACE]
    assert notice_in(db, kind="changed", signup_id=WAITING).state == "superseded"


def test_a_day_that_goes_online_is_told_to_all_and_its_link_to_who_has_a_place(
    db: Database,
) -> None:
    event = make_event(revision=2, mode="online", online_url=ROOM)

    told = mails_about(db, event, mode="in_person", online_url="")

    for text in told.values():
        assert "This is online now: please do not go anywhere." in text
    assert ROOM in told[WITH_PLACE]
    assert ROOM not in told[WAITING]


def test_a_kept_address_that_changes_is_told_to_who_has_a_place_only(db: Database) -> None:
    event = make_event(make_shift(revision=2), revision=2, address_shown="signed_up")

    told = mails_about(db, event, address="Round the back")

    assert list(told) == [WITH_PLACE]
    assert "The place was: Market Square, Round the back, LN2 1AB" in told[WITH_PLACE]
    assert "By the clock tower" in told[WITH_PLACE]


def test_of_a_new_place_the_waiting_list_hears_without_the_kept_address(db: Database) -> None:
    event = make_event(make_shift(revision=2), revision=2, address_shown="signed_up")

    told = mails_about(db, event, place="Station Forecourt", address="Platform 1")

    assert "The place was: Station Forecourt, LN2\r\n" in told[WAITING]
    for words in ("Platform 1", "By the clock tower", "1AB"):
        assert words not in told[WAITING]


def test_a_change_told_before_ways_to_meet_were_kept_says_nothing_of_them(db: Database) -> None:
    event = make_event(revision=2, mode="online", online_url=ROOM)
    receive(db, placed(), published(event), moved())

    with open_post_office() as office:
        work_off(db, office)

    text = office.mails()[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "The place was: Station Forecourt" in text
    assert "online now" not in text


@pytest.mark.parametrize("name", ["event.published.v1+planning", "event.changed.v1+planning"])
def test_all_that_mails_say_of_an_event_is_kept(db: Database, name: str) -> None:
    message = wire.unseal((GOLDEN / f"{name}.json").read_bytes()).message
    assert isinstance(message, EventMessage)

    receive(db, message)

    facts = message.event
    with db.reading() as session:
        kept = session.get_one(Event, facts.id)
        for word in ("bring", "accessibility", "mode", "online_url", "address_shown"):
            assert getattr(kept, word) == getattr(facts, word)
        for shift in facts.shifts:
            found = session.get_one(Shift, shift.id)
            assert (found.work, found.needs) == (shift.work, shift.needs)
        assert session.get_one(Group, facts.group.id).reply_email == facts.group.reply_email
