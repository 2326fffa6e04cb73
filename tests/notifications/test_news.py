"""What is noted as news when it is heard: once, in whatever order and however often it comes."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select

from services.notifications.models import News, ShiftPlaces
from services.notifications.operations import news
from shared import messages
from shared.database import Database
from shared.messages import PlacesChanged

from .making import NOW, STARTS, make_event, make_shift, published, receive
from .subscribing import news_in


def changed(*shifts: messages.ShiftFacts, **facts: Any) -> messages.EventChanged:
    return messages.EventChanged(event=make_event(*shifts, **{"revision": 2} | facts))


def cancelled() -> messages.EventCancelled:
    event = make_event(revision=3, status="cancelled")
    return messages.EventCancelled(event=event, reason="Snow is forecast.")


def places(taken: int, revision: int) -> PlacesChanged:
    return PlacesChanged(event_id=3, shift_id=5, places_revision=revision, taken=taken, waiting=0)


MOVED = changed(make_shift(revision=2, place="Castle Green"))


def test_a_published_shift_is_new_once(db: Database) -> None:
    receive(db, published(), published())

    assert news_in(db) == [(5, "new")]


def test_a_shift_that_is_added_is_new(db: Database) -> None:
    receive(db, changed(make_shift(), make_shift(id=6)))

    assert news_in(db) == [(5, "new"), (6, "new")]


def test_a_moved_shift_is_news_with_what_was_before(db: Database) -> None:
    receive(db, MOVED, MOVED, published())

    assert news_in(db) == [(5, "new"), (5, "moved")]
    with db.reading() as session:
        before = session.scalars(select(News.before).where(News.kind == "moved")).one()
    assert (before["place"], before["starts_at"]) == ("Market Square", STARTS.isoformat())


def test_other_words_are_no_news(db: Database) -> None:
    receive(db, changed(title="Winter action day, with soup"))

    assert news_in(db) == [(5, "new")]


@pytest.mark.parametrize(
    "message",
    [cancelled(), changed(make_shift(revision=2, cancelled=True))],
    ids=["the event", "the shift"],
)
def test_what_is_called_off_is_news_and_so_is_that_it_is_on_again(
    db: Database, message: Any
) -> None:
    receive(db, message, message)
    assert news_in(db) == [(5, "new"), (5, "cancelled")]

    receive(db, changed(make_shift(revision=3), revision=4))
    assert news_in(db) == [(5, "new"), (5, "cancelled"), (5, "new")]


def test_whatever_comes_first_the_sum_is_the_same(db: Database) -> None:
    later = changed(make_shift(revision=3, place="Station"), revision=3)
    for order in permutations((published(), MOVED, later)):
        with db.writing() as session:
            attempt = session.begin_nested()
            session.execute(News.__table__.delete())
            for message in order:
                news.keep_event(session, message.event, now=NOW)
            found = session.scalars(select(News).order_by(News.id)).all()
            # Who hears of it since before the first sees one move, from where it was.
            assert {piece.kind for piece in found} == {"moved"}
            assert found[0].before["place"] == "Market Square"
            attempt.rollback()


def test_a_full_shift_that_has_places_again_is_news(db: Database) -> None:
    receive(db, places(10, 1), places(9, 2))

    assert news_in(db) == [(5, "new"), (5, "reopened")]


@pytest.mark.parametrize(
    "heard",
    [
        [places(9, 1), places(8, 2)],
        [places(9, 2), places(10, 1)],
        [places(10, 1), places(10, 2)],
        [places(9, 1), places(10, 2)],
    ],
    ids=["was not full", "an older one comes late", "stays full", "becomes full"],
)
def test_other_numbers_are_no_news(db: Database, heard: list[PlacesChanged]) -> None:
    receive(db, *heard, *heard)

    assert news_in(db) == [(5, "new")]


def test_the_newest_number_counts_in_whatever_order_they_come(db: Database) -> None:
    receive(db, places(9, 2), places(10, 1))

    with db.reading() as session:
        assert session.scalars(select(ShiftPlaces.taken)).one() == 9


def test_places_may_be_heard_of_before_their_shift(db: Database) -> None:
    soon = PlacesChanged(event_id=8, shift_id=80, places_revision=1, taken=10, waiting=0)
    receive(db, soon, published(make_event(make_shift(id=80), id=8)))

    with db.reading() as session:
        assert session.get_one(ShiftPlaces, 80).taken == 10


def test_more_places_of_a_full_shift_are_news(db: Database) -> None:
    receive(db, places(10, 1), changed(make_shift(revision=2, capacity=12)))

    assert news_in(db) == [(5, "new"), (5, "reopened")]


def test_what_has_begun_is_no_news(db: Database) -> None:
    receive(db, places(10, 1), places(9, 2), MOVED, now=STARTS)

    assert news_in(db) == [(5, "new")]


def test_old_news_are_forgotten(db: Database) -> None:
    receive(db, MOVED, now=NOW + timedelta(days=5))
    with db.writing() as session:
        news.forget_old(session, NOW + news.KEPT + timedelta(hours=1))

    assert news_in(db) == [(5, "moved")]
