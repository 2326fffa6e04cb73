"""What the service does with messages: right when they come twice, late, or out of order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from services.signups import operations, rules
from services.signups.handlers import HANDLERS
from services.signups.models import Group, Shift
from services.signups.operations import places
from shared import consumer, messages, wire
from shared.access import copies as access_copies
from shared.database import Database
from shared.messages import (
    EventCancelled,
    EventChanged,
    EventFacts,
    EventPublished,
    GroupChanged,
    Message,
    PlacesChanged,
    SignupClosed,
    SignupMoved,
)
from tests.signups.making import (
    ENDS,
    LATER,
    NOW,
    STARTS,
    all_told,
    event_facts,
    forget_told,
    group_facts,
    ledger,
    news,
    ranks,
    shift_facts,
    sign_up,
    signup_of,
    told,
    totals,
    violations,
)

FULL = ("Ada", "Ben", "Cleo", "Dev")


def receive(session: Session, *heard: Message) -> None:
    for message in heard:
        HANDLERS[type(message)](session, message, LATER)


def published(*, people: tuple[str, ...] = (), session: Session, **facts: object) -> EventFacts:
    """Publish an event with one shift, sign people up, and forget what was told."""
    event = event_facts(shift_facts(**facts))
    receive(session, EventPublished(event=event))
    for name in people:
        sign_up(session, 1, name)
    forget_told(session)
    return event


def changed(event: EventFacts, **facts: object) -> EventFacts:
    """Return the next snapshot of an event, with its shift changed."""
    (shift,) = event.shifts
    shift = replace(shift, revision=shift.revision + 1, **facts)  # type: ignore[arg-type]
    return replace(event, revision=event.revision + 1, shifts=(shift,))


def cancelled(event: EventFacts, reason: str = "A storm is near.") -> EventCancelled:
    """Return the cancelling of an event; its shifts keep their revisions."""
    facts = replace(event, status="cancelled", revision=event.revision + 1)
    return EventCancelled(event=facts, reason=reason)


def everything(session: Session) -> list[object]:
    """Return every row of the service's own tables, and what was told."""
    session.flush()
    tables = ("groups", "events", "shifts", "people", "signups", "ledger")
    rows = [session.execute(text(f"SELECT * FROM {t} ORDER BY id")).all() for t in tables]
    return [*rows, all_told(session)]


def test_a_handler_waits_for_every_message_about_events_and_groups() -> None:
    of_events = {
        kind
        for name, kind in messages.CATALOGUE.items()
        if name.startswith("event.") or name == "group.changed.v1"
    }
    assert set(HANDLERS) == of_events | set(access_copies.HANDLERS) | {
        messages.NoticeSent,
        messages.NoticeFailed,
        messages.NoticeComplained,
        messages.PersonErasedFromEvents,
        messages.PersonErasedFromNotifications,
        messages.ConsentWithdrawn,
        messages.ConsentRenewed,
    }


def test_a_published_event_can_be_signed_up_for(session: Session) -> None:
    receive(session, EventPublished(event=event_facts(shift_facts(capacity=7))))
    shift = operations.find_shift(session, 1)
    assert (shift.title, shift.group_name, shift.capacity) == (
        *("Out in Lincoln", "Fosse Neighbours", 7),
    )
    assert (shift.starts_at, shift.ends_at, shift.zone) == (STARTS, ENDS, "Europe/London")
    assert sign_up(session, 1).state == "placed"
    assert news(session) == ["SignupPlaced ada"]


CHANGES: dict[str, Callable[[EventFacts], Message]] = {
    "published": lambda event: EventPublished(event=event),
    "more room": lambda event: EventChanged(event=changed(event, capacity=3)),
    "less room": lambda event: EventChanged(event=changed(event, capacity=1)),
    "moved": lambda event: EventChanged(event=changed(event, place="Market Hall")),
    "shift cancelled": lambda event: EventChanged(event=changed(event, cancelled=True)),
    "cancelled": cancelled,
    "group renamed": lambda event: GroupChanged(group=group_facts(revision=2, name="New")),
}


@pytest.mark.parametrize("change", list(CHANGES))
def test_the_same_message_twice_changes_nothing_more(session: Session, change: str) -> None:
    event = published(session=session, people=FULL)
    message = CHANGES[change](event)
    receive(session, message)
    once = everything(session)
    receive(session, message)
    assert everything(session) == once
    assert violations(session) == []


@pytest.mark.parametrize("change", list(CHANGES))
def test_an_older_message_never_overwrites_a_newer_one(session: Session, change: str) -> None:
    event = published(session=session, people=FULL)
    newest = changed(changed(event, capacity=9), place="Town Hall")
    receive(session, cancelled(newest), GroupChanged(group=group_facts(revision=9, name="Last")))
    at_rest = everything(session)
    receive(session, CHANGES[change](event))
    assert everything(session) == at_rest


def test_an_event_cancelled_before_it_was_heard_of_takes_no_sign_ups(session: Session) -> None:
    event = event_facts()
    receive(session, cancelled(event), EventPublished(event=event))
    with pytest.raises(rules.ShiftIsCancelled):
        sign_up(session, 1)
    assert session.get_one(Shift, 1).cancelled
    assert all_told(session) == []


def test_a_change_heard_before_the_publishing_wins(session: Session) -> None:
    event = event_facts()
    receive(session, EventChanged(event=changed(event, capacity=9)), EventPublished(event=event))
    assert session.get_one(Shift, 1).capacity == 9


def test_a_group_heard_of_first_by_its_event_is_kept_newest(session: Session) -> None:
    old, new = group_facts(revision=1, name="Old"), group_facts(revision=2, name="New")
    receive(session, GroupChanged(group=new), EventPublished(event=event_facts(group=old)))
    assert session.get_one(Group, 1).name == "New"


def test_a_shift_added_later_is_one_more(session: Session) -> None:
    event = published(session=session, people=("Ada",))
    more = (*event.shifts, shift_facts(id=2, capacity=5))
    receive(session, EventChanged(event=replace(event, revision=2, shifts=more)))
    assert sign_up(session, 2, "Ben").state == "placed"
    assert (totals(session, 1), totals(session, 2)) == ((1, 0), (1, 0))


def test_more_places_go_to_those_who_wait_in_order(session: Session) -> None:
    event = published(session=session, people=FULL, capacity=1)
    receive(session, EventChanged(event=changed(event, capacity=3)))
    assert ranks(session, 1) == ["Ada placed", "Ben placed", "Cleo placed", "Dev waiting"]
    assert news(session) == ["SignupPromoted ben", "SignupPromoted cleo"]
    last = told(session, PlacesChanged)[-1]
    assert (last.taken, last.waiting) == (3, 1)


def test_places_without_limit_go_to_everybody(session: Session) -> None:
    event = published(session=session, people=FULL, capacity=1)
    receive(session, EventChanged(event=changed(event, capacity=None)))
    assert totals(session, 1) == (4, 0)


def test_fewer_places_put_nobody_out(session: Session) -> None:
    event = published(session=session, people=FULL, capacity=3)
    receive(session, EventChanged(event=changed(event, capacity=1)))
    assert ranks(session, 1) == ["Ada placed", "Ben placed", "Cleo placed", "Dev waiting"]
    assert all_told(session) == []
    assert violations(session) == []


def test_new_places_appear_only_below_the_new_limit(session: Session) -> None:
    event = published(session=session, people=FULL, capacity=3)
    receive(session, EventChanged(event=changed(event, capacity=2)))
    for name, states in (("Ada", "waiting"), ("Ben", "placed")):
        signup = signup_of(session, 1, name)
        places.end(session, signup, state="cancelled", now=LATER)
        operations.fill(session, 1, now=LATER)
        assert ranks(session, 1)[3] == f"Dev {states}"
    assert ledger(session, 1) == [1, 1, 1, -1, -1, 1]


def test_a_moved_shift_is_told_to_each_who_signed_up_with_what_was_before(
    session: Session,
) -> None:
    event = published(session=session, people=("Ada", "Ben"), capacity=1)
    sign_up(session, 1, "Bot", suspicion="too fast")
    later = {"starts_at": STARTS + timedelta(hours=1), "ends_at": ENDS + timedelta(hours=1)}
    receive(session, EventChanged(event=changed(event, place="Market Hall", **later)))
    assert news(session) == ["SignupMoved ada", "SignupMoved ben"]
    for moved in told(session, SignupMoved):
        assert moved.before == messages.ShiftBefore(
            place="Castle Square",
            address="By the castle gate",
            postcode="LN1 3AA",
            starts_at=STARTS,
            ends_at=ENDS,
            mode="in_person",
            online_url="",
        )
        assert moved.signup.shift_revision == 2
    assert [m.signup.state for m in told(session, SignupMoved)] == ["placed", "waiting"]


def test_two_moves_are_told_with_growing_revisions_even_in_one_moment(session: Session) -> None:
    event = published(session=session, people=("Ada",))
    one = changed(event, place="Market Hall")
    receive(session, EventChanged(event=one), EventChanged(event=changed(one, place="Town Hall")))
    first, second = told(session, SignupMoved)
    assert (first.before.place, second.before.place) == ("Castle Square", "Market Hall")
    assert first.signup.revision < second.signup.revision


@pytest.mark.parametrize(
    "facts",
    [
        {"place": "Market Hall"},
        {"address": "Round the corner"},
        {"postcode": "LN1 3AB"},
        {"starts_at": STARTS - timedelta(minutes=5)},
        {"ends_at": ENDS + timedelta(minutes=5)},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_a_shift_has_moved_when_people_must_act_on_it(
    session: Session, facts: dict[str, object]
) -> None:
    event = published(session=session, people=("Ada",))
    receive(session, EventChanged(event=changed(event, **facts)))
    assert news(session) == ["SignupMoved ada"]


@pytest.mark.parametrize(
    "facts",
    [{"capacity": 20}, {"constituency": "Newark"}, {"closes_at": STARTS - timedelta(hours=1)}],
    ids=lambda facts: next(iter(facts)),
)
def test_people_hear_nothing_of_what_does_not_concern_them(
    session: Session, facts: dict[str, object]
) -> None:
    event = published(session=session, people=("Ada",))
    receive(session, EventChanged(event=changed(event, **facts)))
    assert news(session) == []


ONLINE = {"mode": "online", "online_url": "https://meet.example/room"}


@pytest.mark.parametrize("facts", [ONLINE, {**ONLINE, "mode": "both"}], ids=["online", "both"])
def test_a_new_way_to_meet_is_told_though_no_shift_changed(
    session: Session, facts: dict[str, str]
) -> None:
    event = published(session=session, people=("Ada", "Ben"), capacity=1)
    message = EventChanged(event=replace(event, revision=event.revision + 1, **facts))  # type: ignore[arg-type]
    receive(session, message, message)
    assert news(session) == ["SignupMoved ada", "SignupMoved ben"]
    assert {(m.before.mode, m.before.online_url) for m in told(session, SignupMoved)} == {
        ("in_person", "")
    }


def test_a_new_link_is_told_with_the_one_before(session: Session) -> None:
    event = replace(published(session=session), revision=2, **ONLINE)  # type: ignore[arg-type]
    receive(session, EventChanged(event=event))
    sign_up(session, 1, "Ada")
    forget_told(session)
    other = replace(event, revision=3, online_url="https://meet.example/other")
    receive(session, EventChanged(event=other), EventChanged(event=event))
    (moved,) = told(session, SignupMoved)
    assert moved.before.online_url == "https://meet.example/room"


def test_a_new_link_and_a_new_time_are_told_together(session: Session) -> None:
    event = published(session=session, people=("Ada",))
    receive(session, EventChanged(event=replace(changed(event, place="Hall"), **ONLINE)))  # type: ignore[arg-type]
    (moved,) = told(session, SignupMoved)
    assert (moved.before.place, moved.before.mode) == ("Castle Square", "in_person")


@pytest.mark.parametrize(
    "facts",
    [
        {"address_shown": "signed_up"},
        {"online_url": "https://meet.example/left-over"},
        {"kind": "training"},
        {"title": "Out and about"},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_people_hear_nothing_of_an_event_that_meets_as_before(
    session: Session, facts: dict[str, str]
) -> None:
    event = published(session=session, people=("Ada",))
    receive(session, EventChanged(event=replace(event, revision=2, **facts)))  # type: ignore[arg-type]
    assert news(session) == []


def test_a_new_way_to_meet_of_a_cancelled_event_is_told_to_nobody(session: Session) -> None:
    event = published(session=session, people=("Ada",))
    receive(session, cancelled(replace(event, **ONLINE)))  # type: ignore[arg-type]
    assert news(session) == ["SignupClosed ada"]


def test_a_shift_that_is_over_moves_nobody(session: Session) -> None:
    event = published(session=session, people=("Ada",))
    past = {"starts_at": NOW - timedelta(hours=3), "ends_at": NOW - timedelta(hours=1)}
    receive(session, EventChanged(event=changed(event, **past)))
    assert news(session) == []


@pytest.mark.parametrize("whole_event", [True, False])
def test_closing_tells_each_in_words_for_their_own_state(
    session: Session, whole_event: bool
) -> None:
    event = published(session=session, people=("Ada", "Ben"), capacity=1)
    sign_up(session, 1, "Bot", suspicion="too fast")
    if whole_event:
        receive(session, cancelled(event, reason="A storm is near."))
    else:
        receive(session, EventChanged(event=changed(event, cancelled=True)))
    closed = told(session, SignupClosed)
    reason = "A storm is near." if whole_event else ""
    assert [(c.person.first_name, c.state_before, c.reason) for c in closed] == [
        ("Ada", "placed", reason),
        ("Ben", "waiting", reason),
    ]
    assert ranks(session, 1) == ["Ada closed", "Ben closed", "Bot pending"]
    assert totals(session, 1) == (0, 0)
    (last,) = told(session, PlacesChanged)
    assert (last.taken, last.waiting) == (0, 0)
    assert violations(session) == []


def test_a_cancelled_event_closes_every_shift_of_it(session: Session) -> None:
    event = event_facts(shift_facts(id=1), shift_facts(id=2))
    receive(session, EventPublished(event=event))
    for shift in (1, 2):
        sign_up(session, shift)
    receive(session, cancelled(event))
    assert ranks(session, 1) == ranks(session, 2) == ["Ada closed"]


def test_those_who_cancelled_before_hear_nothing_of_the_closing(session: Session) -> None:
    event = published(session=session, people=("Ada", "Ben"))
    signup = signup_of(session, 1, "Ada")
    places.end(session, signup, state="cancelled", now=LATER)
    forget_told(session)
    receive(session, cancelled(event))
    assert news(session) == ["SignupClosed ben"]


def test_a_cancelled_shift_never_comes_back(session: Session) -> None:
    event = published(session=session, people=("Ada",))
    receive(session, EventChanged(event=changed(event, cancelled=True)))
    with pytest.raises(rules.ShiftIsCancelled):
        sign_up(session, 1, "Ben")


def test_a_batch_from_the_bus_in_any_order_ends_in_the_same_state(db: Database) -> None:
    event = event_facts()
    batch = [EventPublished(event=event), EventChanged(event=changed(event, capacity=9))]
    for order in (batch, batch[::-1]):
        bodies = [wire.seal(message, now=NOW).body for message in order]
        consumer.receive(db, HANDLERS, bodies)
    with db.reading() as session:
        assert session.get_one(Shift, 1).capacity == 9
