"""What each message leads to: once, twice, late and out of order."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from services.notifications.models import Event, Group, Shift
from shared import messages
from shared.database import Database
from shared.messages import CATALOGUE
from shared.refusals import NotKnownYet

from .making import (
    NOW,
    cancelled,
    closed,
    link_requested,
    make_event,
    make_group,
    make_shift,
    moved,
    placed,
    promoted,
    published,
    receive,
    repeated,
    waitlisted,
)
from .reading import notice_in, notices_in, signup_in

ONE_OF_EACH = {
    "confirmation": placed(),
    "waiting": waitlisted(),
    "promoted": promoted(),
    "repeated": repeated(),
    "changed": moved(),
    "cancelled": cancelled(),
    "closed": closed(),
    "links": link_requested(),
}


@pytest.mark.parametrize("kind", sorted(ONE_OF_EACH))
def test_a_message_heard_twice_makes_one_notice(db: Database, kind: str) -> None:
    receive(db, ONE_OF_EACH[kind], ONE_OF_EACH[kind])

    assert [notice.kind for notice in notices_in(db)] == [kind]


def test_every_message_about_people_is_heard() -> None:
    from services.notifications.handlers import HANDLERS

    about_people = {
        m
        for m in CATALOGUE.values()
        if m.NAME.startswith(("signup.", "person.")) and m.SENDER == "signups"
    }

    assert about_people <= set(HANDLERS)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_newest_signup_stays_whatever_the_order(db: Database, order: tuple[int, ...]) -> None:
    story = (waitlisted(), promoted(), cancelled())

    receive(db, *(story[step] for step in order))

    kept = signup_in(db)
    assert (kept.state, kept.revision, kept.had_place) == ("cancelled", 3, True)
    assert len(notices_in(db)) == 3


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_newest_event_group_and_shift_stay(db: Database, order: tuple[int, ...]) -> None:
    newer = make_event(
        make_shift(revision=8, place="New Hall"),
        revision=7,
        title="New title",
        group=make_group(revision=6, name="New name"),
    )
    older = make_event(
        make_shift(revision=4, place="Old Hall"), revision=5, group=make_group(revision=2)
    )
    story = (published(newer), messages.EventChanged(event=older))

    receive(db, *(story[step] for step in order))

    with db.reading() as session:
        assert session.get_one(Event, 3).title == "New title"
        assert session.get_one(Shift, 5).place == "New Hall"
        assert session.get_one(Group, 1).name == "New name"


def test_a_group_that_changed_signs_with_its_new_name(db: Database) -> None:
    receive(db, messages.GroupChanged(group=make_group(revision=2, name="Elmbridge Together")))

    with db.reading() as session:
        assert session.get_one(Group, 1).name == "Elmbridge Together"


@pytest.mark.parametrize("message", [placed(shift_id=77), placed(shift_revision=2)])
def test_a_signup_waits_for_the_facts_of_its_shift(
    db: Database, message: messages.SignupPlaced
) -> None:
    with pytest.raises(NotKnownYet):
        receive(db, message)

    assert notices_in(db) == []


def test_lost_links_wait_for_the_facts_of_their_shifts(db: Database) -> None:
    link = messages.LostLink(event_id=3, shift_id=77, state="placed", link="https://muster.example")
    seeker = messages.LinkSeeker(first_name="Ada", email="ada@posts.example", links=(link,))

    with pytest.raises(NotKnownYet):
        receive(db, link_requested(person=seeker))


def test_the_calendar_sequence_grows_with_each_change_and_never_falls(db: Database) -> None:
    receive(db, placed(), moved(revision=2), moved(revision=3), cancelled(revision=4))
    receive(db, moved(revision=3), placed())

    sequences = [notice.calendar_sequence for notice in notices_in(db)]
    assert sequences == [0, 1, 2, 3]
    assert signup_in(db).calendar_sequence == 3


def test_the_calendar_uid_stays_for_life(db: Database) -> None:
    receive(db, placed())
    first = signup_in(db).calendar_uid

    receive(db, moved(), cancelled())

    assert signup_in(db).calendar_uid == first


def test_signing_up_again_is_answered_once_a_day(db: Database) -> None:
    receive(db, placed(), repeated(), repeated())
    receive(db, repeated(), now=NOW + timedelta(days=1))

    assert len(notices_in(db, kind="repeated")) == 2


def ask_for(db: Database, wish: str) -> None:
    """Let the group wish to hear of new sign-ups in this way."""
    receive(db, messages.GroupChanged(group=make_group(revision=2, signup_notices=wish)))


def test_a_group_that_wants_no_notices_gets_none(db: Database) -> None:
    receive(db, placed())

    assert {notice.kind for notice in notices_in(db)} == {"confirmation"}


def test_a_contact_hears_at_once_of_each_new_signup_and_of_nothing_else(db: Database) -> None:
    ask_for(db, "at_once")

    receive(db, waitlisted(), promoted(), moved(revision=3), cancelled(revision=4), placed(id=10))

    assert [notice.signup_id for notice in notices_in(db, kind="new_signup")] == [9, 10]


def test_a_contact_gets_one_list_a_day(db: Database) -> None:
    ask_for(db, "daily")

    receive(db, placed(), waitlisted(id=10), placed())
    receive(db, placed(id=11), now=NOW + timedelta(days=1))

    lists = notices_in(db, kind="daily_signups")
    assert [notice.key for notice in lists] == [
        "daily_signups:group/1:20261121",
        "daily_signups:group/1:20261122",
    ]
    assert {notice.state for notice in lists} == {"planned"}
    assert signup_in(db, 10).daily_notice_key == lists[0].key
    assert signup_in(db, 11).daily_notice_key == lists[1].key


def test_a_signup_is_on_one_list_only(db: Database) -> None:
    ask_for(db, "daily")

    receive(db, placed())
    receive(db, placed(), now=NOW + timedelta(days=1))

    assert notice_in(db, kind="daily_signups").revision == 20261121
