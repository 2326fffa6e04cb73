"""The life of an event and of a group, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from services.events import operations, rules
from shared.messages import EventCancelled, EventChanged, EventPublished, GroupChanged
from shared.refusals import NotThere
from tests.events.making import (
    AFTERWARDS,
    LATER,
    NOW,
    forget_told,
    make_draft,
    make_event,
    make_group,
    told,
    typed_shift,
)


def test_a_new_group_is_told_of(session: Session) -> None:
    group = make_group(session, name="Fosse Neighbours")
    (message,) = told(session)
    assert isinstance(message, GroupChanged)
    assert message.group.id == group.id
    assert message.group.name == "Fosse Neighbours"
    assert message.group.revision == group.revision == int(NOW.timestamp() * 1000)


def test_a_changed_group_is_told_of_with_a_newer_revision(session: Session) -> None:
    group = make_group(session)
    before = group.revision
    operations.change_group(session, group.id, {"signup_notices": "off"}, now=NOW)
    message = told(session)[-1]
    assert isinstance(message, GroupChanged)
    assert message.group.signup_notices == "off"
    assert message.group.revision == before + 1


def test_a_group_that_stays_as_it_was_is_not_told_of(session: Session) -> None:
    group = make_group(session)
    forget_told(session)
    operations.change_group(session, group.id, {"name": group.name}, now=LATER)
    assert told(session) == []


def test_a_draft_is_told_to_nobody(session: Session) -> None:
    group = make_group(session)
    forget_told(session)
    event = make_draft(session, group_id=group.id)
    operations.change_event(session, event.id, {"title": "Out in Newark"}, now=LATER)
    assert (event.title, event.status, event.published_at) == ("Out in Newark", "draft", None)
    assert told(session) == []


def test_an_event_without_a_contact_gets_its_group_s(session: Session) -> None:
    event = make_draft(session, contact_name="", contact_email="")
    assert (event.contact_name, event.contact_email) == ("Robin Example", "robin@fosse.example")


def test_a_contact_that_is_emptied_becomes_the_group_s(session: Session) -> None:
    event = make_event(session)
    operations.change_event(session, event.id, {"contact_name": ""}, now=LATER)
    assert event.contact_name == "Robin Example"


def test_an_event_of_an_unknown_group_is_not_there(session: Session) -> None:
    with pytest.raises(NotThere):
        make_draft(session, group_id=4711)


def test_publishing_tells_the_whole_event(session: Session) -> None:
    event = make_draft(session, shifts=[typed_shift(), typed_shift(capacity=None)])
    forget_told(session)
    operations.publish_event(session, event.id, now=LATER)
    (message,) = told(session)
    assert isinstance(message, EventPublished)
    assert message.event.status == "published"
    assert message.event.revision == event.revision == int(LATER.timestamp() * 1000)
    assert message.event.group.id == event.group_id
    assert [shift.capacity for shift in message.event.shifts] == [10, None]
    assert [shift.id for shift in message.event.shifts] == [s.id for s in event.shifts]
    assert message.event.shifts[0].starts_at == event.shifts[0].starts_at
    assert message.event.shifts[0].closes_at == event.shifts[0].starts_at


def test_publishing_twice_tells_once(session: Session) -> None:
    event = make_event(session)
    with pytest.raises(rules.EventIsAlreadyPublished):
        operations.publish_event(session, event.id, now=LATER)
    assert told(session) == []


def test_an_event_without_a_shift_stays_a_draft(session: Session) -> None:
    event = make_draft(session, shifts=[])
    with pytest.raises(rules.EventIsNotReady):
        operations.publish_event(session, event.id, now=LATER)
    assert event.status == "draft"


def test_a_changed_event_is_told_with_a_newer_revision_and_its_shifts_as_they_were(
    session: Session,
) -> None:
    event = make_event(session)
    shift_revision = event.shifts[0].revision
    operations.change_event(session, event.id, {"title": "Out in Newark"}, now=LATER)
    (message,) = told(session)
    assert isinstance(message, EventChanged)
    assert message.event.title == "Out in Newark"
    assert message.event.revision == int(LATER.timestamp() * 1000)
    assert message.event.shifts[0].revision == shift_revision


def test_a_revision_grows_even_when_the_clock_does_not(session: Session) -> None:
    event = make_event(session)
    before = event.revision
    operations.change_event(session, event.id, {"title": "Out in Newark"}, now=NOW)
    operations.change_event(session, event.id, {"title": "Out in Derby"}, now=NOW)
    assert event.revision == before + 2


def test_a_change_that_changes_nothing_is_not_told_of(session: Session) -> None:
    event = make_event(session)
    before = event.revision
    operations.change_event(session, event.id, {"title": event.title}, now=LATER)
    assert told(session) == []
    assert event.revision == before


def test_a_finished_event_stays_as_it_was(session: Session) -> None:
    event = make_event(session)
    with pytest.raises(rules.EventIsOver):
        operations.change_event(session, event.id, {"title": "Rewritten"}, now=AFTERWARDS)
    with pytest.raises(rules.EventIsOver):
        operations.cancel_event(session, event.id, reason="", now=AFTERWARDS)
    assert told(session) == []


def test_cancelling_tells_the_reason(session: Session) -> None:
    event = make_event(session)
    operations.cancel_event(session, event.id, reason="There is a storm.", now=LATER)
    (message,) = told(session)
    assert isinstance(message, EventCancelled)
    assert (message.reason, message.event.status) == ("There is a storm.", "cancelled")
    assert message.event.revision == int(LATER.timestamp() * 1000)


def test_cancelling_twice_tells_once(session: Session) -> None:
    event = make_event(session)
    operations.cancel_event(session, event.id, reason="", now=LATER)
    with pytest.raises(rules.EventWasAlreadyCancelled):
        operations.cancel_event(session, event.id, reason="again", now=LATER)
    assert len(told(session)) == 1
    assert event.cancel_reason == ""


def test_a_cancelled_draft_is_told_to_nobody_and_shown_to_nobody(session: Session) -> None:
    event = make_draft(session)
    forget_told(session)
    operations.cancel_event(session, event.id, reason="", now=LATER)
    assert told(session) == []
    with pytest.raises(NotThere):
        operations.find_public_event(session, event.id)


def test_a_cancelled_event_cannot_be_changed_any_more(session: Session) -> None:
    event = make_event(session)
    operations.cancel_event(session, event.id, reason="", now=LATER)
    with pytest.raises(rules.EventIsCancelled):
        operations.change_event(session, event.id, {"title": "Rewritten"}, now=LATER)


@pytest.mark.parametrize("number", [4711, 2**63, 10**30])
def test_a_number_that_nothing_has_is_not_there(session: Session, number: int) -> None:
    with pytest.raises(NotThere):
        operations.find_event(session, number)
    with pytest.raises(NotThere):
        operations.find_group(session, number)
