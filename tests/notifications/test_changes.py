"""News of a change: one mail for many edits, at an hour at which it may come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.notifications.operations import sending
from shared import messages
from shared.database import Database
from shared.messages import ShiftFacts

from .making import (
    NOW,
    STARTS,
    cancelled,
    closed,
    make_event,
    make_person,
    make_settings,
    make_shift,
    make_signup,
    placed,
    promoted,
    receive,
    waitlisted,
)
from .reading import notice_in, notices_in

WAIT, SHORT = timedelta(minutes=10), timedelta(minutes=2)
NIGHT = datetime(2026, 11, 20, 23, tzinfo=UTC)


@pytest.fixture
def waits(db: Database) -> Database:
    """Return a database in which edits have ten minutes to come to rest, and Ada has a place."""
    db.info["settings"] = make_settings(database_url=db.url, change_notice_wait=600)
    receive(db, placed())
    return db


def move(db: Database, revision: int, to: ShiftFacts, was: ShiftFacts, *, now: datetime) -> None:
    """Let the shift be `to` where it `was` otherwise, as both services tell it."""
    facts = make_event(to, revision=revision)
    before = messages.ShiftBefore(
        **{n: getattr(was, n) for n in ("place", "address", "postcode", "starts_at", "ends_at")}
    )
    signup = make_signup(revision=revision, shift_revision=to.revision)
    told = messages.SignupMoved(signup=signup, person=make_person(), before=before)
    receive(db, messages.EventChanged(event=facts), told, now=now)


def at(hours: float, revision: int, **differences: Any) -> ShiftFacts:
    """Return the shift so many hours later."""
    starts = STARTS + timedelta(hours=hours)
    ends = starts + timedelta(hours=2)
    return make_shift(revision=revision, starts_at=starts, ends_at=ends, **differences)


def send(db: Database, now: datetime) -> list[Any]:
    """Send the changes that are due; return what their letters say."""
    with db.writing() as session:
        batch = sending.claim_due(session, sending.Way(settle=WAIT), now=now)
        letters = [sending.begin(session, i, batch.claim, now=now) for i in batch.notice_ids]
        return [
            (letter.about.changes, letter.about.asks_again)
            for letter in letters
            if letter and letter.about and letter.notice.kind == "changed"
        ]


def test_many_edits_are_one_mail_that_says_all_that_changed(waits: Database) -> None:
    move(waits, 2, at(1, 2), at(0, 1), now=NOW)
    move(waits, 3, at(1, 3, place="Hall"), at(1, 2), now=NOW + timedelta(minutes=5))
    assert send(waits, NOW + timedelta(minutes=14)) == []
    assert send(waits, NOW + timedelta(minutes=15)) == [(["time", "place"], False)]
    assert notice_in(waits, kind="changed", state="superseded").revision == 2


def test_what_is_back_as_it_was_is_told_to_nobody(waits: Database) -> None:
    move(waits, 2, at(1, 2), at(0, 1), now=NOW)
    move(waits, 3, at(0, 3), at(1, 2), now=NOW + timedelta(minutes=5))
    assert send(waits, NOW + timedelta(minutes=15)) == []
    assert {n.state for n in notices_in(waits, kind="changed")} == {"superseded"}


def test_small_moves_that_add_up_ask_whether_one_still_comes(waits: Database) -> None:
    move(waits, 2, at(1.5, 2), at(0, 1), now=NOW)
    move(waits, 3, at(3, 3), at(1.5, 2), now=NOW)
    assert send(waits, NOW + WAIT) == [(["time"], True)]


def test_what_changes_at_night_is_told_in_the_morning(waits: Database) -> None:
    move(waits, 2, at(1, 2), at(0, 1), now=NIGHT)
    morning = datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert notice_in(waits, kind="changed").due_at == morning
    assert send(waits, NIGHT + WAIT) == []
    assert send(waits, morning + WAIT) == [(["time"], False)]


@pytest.mark.parametrize(
    "clock, waits_for_morning",
    [("20:49", False), ("20:50", True), ("07:49", True), ("07:50", False)],
)
def test_the_wait_for_more_edits_counts_too(
    waits: Database, clock: str, waits_for_morning: bool
) -> None:
    now = datetime.fromisoformat(f"2026-11-20T{clock}:00+00:00")
    move(waits, 2, at(1, 2), at(0, 1), now=now)
    assert (notice_in(waits, kind="changed").due_at != now) is waits_for_morning


@pytest.mark.parametrize("hours, at_once", [(23.9, True), (24.1, False)])
def test_a_change_of_the_next_day_is_told_at_night_too(
    waits: Database, hours: float, at_once: bool
) -> None:
    night = datetime(2026, 12, 4, 23, tzinfo=UTC)
    starts = night + timedelta(hours=hours)
    soon = make_shift(revision=2, starts_at=starts, ends_at=starts + WAIT)
    later = make_shift(revision=3, starts_at=starts + timedelta(9), ends_at=starts + timedelta(10))
    receive(waits, messages.EventChanged(event=make_event(soon, revision=2)), now=NOW)
    # From soon to much later: who would set out must hear of it in time.
    move(waits, 3, later, soon, now=night)
    assert bool(send(waits, night + SHORT)) is at_once


def test_a_quick_change_tells_what_still_waited_too(waits: Database) -> None:
    night = datetime(2026, 12, 4, 9, tzinfo=UTC)
    move(waits, 2, at(1, 2), at(0, 1), now=night)
    move(waits, 3, at(1, 3, place="Hall"), at(1, 2), now=night + timedelta(hours=3))
    assert send(waits, night + timedelta(hours=3) + SHORT) == [(["time", "place"], False)]


def test_edits_of_the_last_day_rest_for_two_minutes(waits: Database) -> None:
    now = STARTS - timedelta(hours=3)
    move(waits, 2, at(1, 2), at(0, 1), now=now)
    move(waits, 3, at(1, 3, place="Hall"), at(1, 2), now=now + timedelta(minutes=1))
    assert send(waits, now + SHORT) == [], "a later change says it"
    assert send(waits, now + timedelta(minutes=1) + SHORT) == [(["time", "place"], False)]


def lapsed(**differences: Any) -> messages.SignupLapsed:
    signup = make_signup(state="lapsed", **differences)
    return messages.SignupLapsed(signup=signup, person=make_person(), why="offer")


@pytest.mark.parametrize("told", [closed, lapsed])
@pytest.mark.parametrize("hours, waits_for_morning", [(24, True), (23.9, False)])
def test_what_others_did_at_night_is_told_in_the_morning_unless_the_day_is_near(
    db: Database, told: Any, hours: float, waits_for_morning: bool
) -> None:
    shift = make_shift(revision=2, starts_at=NIGHT + timedelta(hours=hours))
    receive(db, messages.EventChanged(event=make_event(shift, revision=2)), waitlisted())

    receive(db, told(revision=5), now=NIGHT)

    morning = datetime(2026, 11, 21, 8, tzinfo=UTC)
    notice = notice_in(db, revision=5)
    assert (notice.due_at, notice.state) == (
        (morning, "planned") if waits_for_morning else (NIGHT, "due")
    )


@pytest.mark.parametrize("told", [cancelled, promoted])
def test_what_somebody_did_or_longs_for_is_told_at_once_at_night_too(
    db: Database, told: Any
) -> None:
    receive(db, waitlisted(), told(revision=5), now=NIGHT)
    assert notice_in(db, revision=5).due_at == NIGHT
