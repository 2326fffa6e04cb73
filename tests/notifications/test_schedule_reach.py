"""The weekly mail of what is out of reach by now: moved away, or no longer wished for."""

from __future__ import annotations

from datetime import timedelta

from shared import messages
from shared.database import Database
from shared.messages import ShiftFacts

from .making import STARTS, make_event, make_shift, published, receive
from .reading import kept_in, notices_in
from .subscribing import THURSDAY, plan, send, subscribe, subscriber_in

DAY, WEEK = timedelta(days=1), timedelta(days=7)
LINCOLN = "LN2 1AB"


def late_shift(**differences: object) -> ShiftFacts:
    """Return a shift in Lincoln, six weeks ahead."""
    starts = STARTS + 4 * WEEK
    at = {"starts_at": starts, "ends_at": starts + timedelta(hours=2), "closes_at": starts}
    return make_shift(**at | {"latitude": 53.23, "longitude": -0.54} | differences)


def in_lincoln(*, revision: int) -> messages.EventChanged:
    """Return the message that the event is in Lincoln."""
    return messages.EventChanged(event=make_event(late_shift(revision=revision), revision=revision))


def in_london(*, revision: int) -> messages.EventChanged:
    """Return the message that the event is more than a hundred miles away."""
    far = {"latitude": 51.5, "longitude": -0.12, "postcode": "SW1A 1AA", "place": "Whitehall"}
    shift = late_shift(revision=revision, **far)
    return messages.EventChanged(event=make_event(shift, revision=revision))


def test_who_subscribes_after_it_moved_away_hears_nothing_of_it(db: Database) -> None:
    receive(db, in_lincoln(revision=2), in_london(revision=3))
    subscribe(db, postcode=LINCOLN)

    plan(db)

    assert subscriber_in(db).outcome == "silent"
    assert notices_in(db, kind="schedule") == []


def test_who_knew_of_it_hears_once_that_it_moved_away(db: Database) -> None:
    receive(db, in_lincoln(revision=2))
    subscribe(db, postcode=LINCOLN)
    plan(db)
    send(db)
    receive(db, in_london(revision=3), now=THURSDAY + DAY)
    plan(db, now=THURSDAY + WEEK)
    send(db, now=THURSDAY + WEEK)
    garden = make_event(late_shift(id=6), id=4, title="Garden day")
    receive(db, published(garden), now=THURSDAY + WEEK + DAY)
    plan(db, now=THURSDAY + 2 * WEEK)
    send(db, now=THURSDAY + 2 * WEEK)

    third, second = (mail.text for mail in kept_in(db)[:2])
    assert "CHANGED" in second
    assert "Whitehall, SW1A 1AA, about 122 miles" in second
    assert "Garden day" in third
    assert "Whitehall" not in third
