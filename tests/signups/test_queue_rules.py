"""When a place that comes free is given how, and until when an offer lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.signups.rules import queue

LONDON = "Europe/London"
STARTS = datetime(2026, 12, 5, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "left, mode",
    [
        (timedelta(hours=49), "at_once"),
        (timedelta(hours=48, seconds=1), "at_once"),
        (timedelta(hours=48), "offers"),
        (timedelta(hours=4), "offers"),
        (timedelta(hours=3, minutes=59), "late"),
        (timedelta(seconds=1), "late"),
        (timedelta(0), "over"),
    ],
)
def test_the_time_left_decides(left: timedelta, mode: str) -> None:
    assert queue.mode_of("by_time", STARTS, now=STARTS - left) == mode


@pytest.mark.parametrize("promotion", ["at_once", "offers", "by_hand"])
def test_the_organiser_may_decide_otherwise_until_it_begins(promotion: str) -> None:
    assert queue.mode_of(promotion, STARTS, now=STARTS - timedelta(hours=1)) == promotion
    assert queue.mode_of(promotion, STARTS, now=STARTS) == "over"


@pytest.mark.parametrize(
    "mode, wish, turn",
    [
        ("at_once", "usual", "placed"),
        ("at_once", "ask", "offered"),
        ("offers", "usual", "offered"),
        ("offers", "place", "placed"),
        ("offers", "not_on_the_day", "offered"),
    ],
)
def test_the_wish_counts_more_than_the_hour(mode: str, wish: str, turn: str) -> None:
    assert queue.turn_of(mode, wish) == turn


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "now, starts, until",
    [
        # A quarter of twelve hours.
        ("2026-12-05T08:00", "2026-12-05T20:00", "2026-12-05T11:00"),
        # Never less than an hour.
        ("2026-12-05T12:00", "2026-12-05T15:00", "2026-12-05T13:00"),
        # Never more than twelve, and the clock stands still from nine to eight.
        ("2026-12-01T18:00", "2026-12-04T18:00", "2026-12-02T17:00"),
        # Made in the night it begins at eight.
        ("2026-12-02T02:00", "2026-12-02T22:00", "2026-12-02T13:00"),
        # In summer by summer's clocks: eight is seven in UTC.
        ("2027-07-02T01:00", "2027-07-02T21:00", "2027-07-02T12:00"),
        # Through the night in which clocks go forward.
        ("2027-03-27T20:00", "2027-03-28T20:00", "2027-03-28T12:00"),
        # And back.
        ("2027-10-30T19:00", "2027-10-31T19:00", "2027-10-31T13:00"),
        # Never past the start.
        ("2026-12-05T20:30", "2026-12-06T08:15", "2026-12-06T08:15"),
    ],
)
def test_an_offer_lasts_a_quarter_of_the_time_left_awake(now: str, starts: str, until: str) -> None:
    assert queue.offer_until(utc(starts), LONDON, now=utc(now)) == utc(until)


def test_the_day_of_a_shift_is_its_own_zones() -> None:
    starts = utc("2027-07-03T09:00")

    assert queue.is_on_the_day(starts, LONDON, now=utc("2027-07-02T23:30"))
    assert not queue.is_on_the_day(starts, LONDON, now=utc("2027-07-02T22:30"))


def test_a_fifth_may_be_held_and_at_least_one() -> None:
    assert [queue.most_held(capacity) for capacity in (1, 4, 5, 9, 10, 100)] == [1, 1, 1, 1, 2, 20]
