"""What the service does with messages: right when they come twice, late, or out of order."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.events.handlers import HANDLERS
from services.events.models import Shift
from shared import consumer, held, wire
from shared.database import Database
from shared.messages import PlacesChanged
from shared.refusals import NotKnownYet
from tests.events.making import NOW, make_shift, told


def places(shift_id: int, *, revision: int, taken: int, waiting: int = 0) -> PlacesChanged:
    return PlacesChanged(
        event_id=1, shift_id=shift_id, places_revision=revision, taken=taken, waiting=waiting
    )


def receive(session: Session, message: PlacesChanged) -> None:
    HANDLERS[PlacesChanged](session, message, NOW)


def totals(session: Session, shift_id: int) -> tuple[int, int, int]:
    columns = select(Shift.taken, Shift.waiting, Shift.places_revision)
    taken, waiting, revision = session.execute(columns.where(Shift.id == shift_id)).one()
    return taken, waiting, revision


def test_the_totals_of_a_shift_follow_the_message(session: Session) -> None:
    shift = make_shift(session)
    receive(session, places(shift.id, revision=5, taken=3, waiting=1))
    assert totals(session, shift.id) == (3, 1, 5)


def test_the_same_message_twice_changes_nothing_more(session: Session) -> None:
    shift = make_shift(session)
    for _ in range(2):
        receive(session, places(shift.id, revision=5, taken=3))
    assert totals(session, shift.id) == (3, 0, 5)


def test_older_totals_never_overwrite_newer_ones(session: Session) -> None:
    shift = make_shift(session)
    receive(session, places(shift.id, revision=7, taken=4))
    receive(session, places(shift.id, revision=6, taken=9))
    assert totals(session, shift.id) == (4, 0, 7)


def test_totals_leave_the_other_shifts_alone(session: Session) -> None:
    one, other = make_shift(session), make_shift(session)
    receive(session, places(one.id, revision=5, taken=3))
    assert totals(session, other.id) == (0, 0, 0)


def test_totals_are_told_to_nobody_again(session: Session) -> None:
    shift = make_shift(session)
    revision = shift.revision
    receive(session, places(shift.id, revision=5, taken=3))
    assert told(session) == []
    assert shift.revision == revision


def test_totals_of_an_unknown_shift_are_not_known_yet(session: Session) -> None:
    with pytest.raises(NotKnownYet):
        receive(session, places(4711, revision=5, taken=3))


def test_totals_of_an_unknown_shift_are_held_and_the_rest_of_the_batch_is_done(
    db: Database,
) -> None:
    with db.writing() as session:
        shift = make_shift(session)
    messages = [places(4711, revision=5, taken=3), places(shift.id, revision=5, taken=3)]
    bodies = [wire.seal(message, now=NOW).body for message in messages]
    consumer.receive(db, HANDLERS, bodies)
    with db.reading() as session:
        assert totals(session, shift.id) == (3, 0, 5)
        (row,) = held.list_held(session)
    assert row.name == PlacesChanged.NAME
