"""The weekly mail of what is out of reach by now: moved away, or no longer wished for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.notifications.operations.subscribers import preferring
from shared import messages
from shared.database import Database
from shared.messages import ShiftFacts

from .making import STARTS, make_event, make_group, make_shift, published, receive
from .reading import kept_in, notice_in, notices_in
from .subscribing import THURSDAY, plan, send, subscribe, subscriber_in

MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
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


def keep(db: Database, token: str, *, pause: int = 0, now: datetime, **wishes: Any) -> None:
    """Keep what a subscriber chooses, and for how many weeks they have a rest first."""
    with db.writing() as session:
        preferring.keep_preferences(session, token, wishes, pause=pause, now=now)


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


def test_who_takes_a_rest_before_the_mail_leaves_gets_none(db: Database) -> None:
    receive(db, in_lincoln(revision=2))
    token = subscribe(db, postcode=LINCOLN).token
    plan(db)
    keep(db, token, pause=8, now=THURSDAY + MINUTE)

    send(db, now=THURSDAY + 2 * MINUTE)

    notice = notice_in(db, kind="schedule")
    assert (notice.state, notice.reason) == (
        "superseded",
        "They chose to have a rest before this was sent.",
    )


@pytest.mark.parametrize("has_left", [False, True])
def test_a_mail_that_a_rest_kept_back_is_made_up_for_after_it(db: Database, has_left: bool) -> None:
    receive(db, in_lincoln(revision=2))
    token = subscribe(db, postcode=LINCOLN).token
    plan(db)
    if has_left:
        send(db)
    keep(db, token, pause=1, now=THURSDAY + MINUTE)
    send(db, now=THURSDAY + 2 * MINUTE)

    plan(db, now=THURSDAY + 2 * WEEK)

    assert subscriber_in(db).outcome == ("silent" if has_left else "planned")
    assert notices_in(db, kind="schedule")[-1].details["is_first"] is True


def test_who_had_a_rest_gets_the_mail_after_it(db: Database) -> None:
    receive(db, in_lincoln(revision=2))
    token = subscribe(db, postcode=LINCOLN).token
    keep(db, token, pause=1, now=THURSDAY - MINUTE)
    due = subscriber_in(db).next_due_at
    assert due == THURSDAY + WEEK

    plan(db, now=due)
    send(db, now=due)

    assert notice_in(db, kind="schedule").state == "sent"


@pytest.mark.parametrize(
    "wishes",
    [
        {"kinds": ["fundraising"]},
        {"group_id": 2},
        {"postcode": "ST4 1AA", "latitude": 53.0, "longitude": -2.18},
    ],
    ids=["kind", "group", "place"],
)
def test_what_is_not_wished_for_any_more_is_not_sent(db: Database, wishes: dict[str, Any]) -> None:
    other = messages.GroupChanged(group=make_group(id=2, name="Fosse Neighbours"))
    receive(db, other, in_lincoln(revision=2))
    token = subscribe(db, postcode=LINCOLN).token
    plan(db)
    send(db)
    garden = make_event(late_shift(id=6), id=4, title="Garden day")
    receive(db, in_london(revision=3), published(garden), now=THURSDAY + DAY)
    plan(db, now=THURSDAY + WEEK)
    keep(db, token, now=THURSDAY + WEEK + MINUTE, **wishes)

    send(db, now=THURSDAY + WEEK + 2 * MINUTE)

    notice = notices_in(db, kind="schedule")[-1]
    assert (notice.state, notice.reason) == (
        "superseded",
        "Nothing of what was new is left to tell.",
    )


def test_what_is_still_wished_for_is_sent_without_the_rest(db: Database) -> None:
    lesson = make_event(late_shift(id=6), id=4, title="Garden lesson", kind="lesson")
    receive(db, in_lincoln(revision=2), published(lesson))
    token = subscribe(db, postcode=LINCOLN).token
    plan(db)
    keep(db, token, kinds=["lesson"], miles=25, now=THURSDAY + MINUTE)

    send(db, now=THURSDAY + 2 * MINUTE)

    assert "Garden lesson" in kept_in(db)[0].text
    assert "Winter action day" not in kept_in(db)[0].text


def test_what_moved_away_before_the_mail_left_is_not_in_it(db: Database) -> None:
    receive(db, in_lincoln(revision=2))
    subscribe(db, postcode=LINCOLN)
    plan(db)
    receive(db, in_london(revision=3), now=THURSDAY)

    send(db)

    assert notice_in(db, kind="schedule").state == "superseded"
