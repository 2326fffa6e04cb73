"""The demo data: always ahead of today, loaded once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.events.demo import ADMINISTRATOR, load_demo
from services.events.models import Event, Group, Shift
from services.events.operations import organisers
from shared.access import NETWORK
from shared.messages import EventPublished
from tests.events.making import NOW, told

DAYS = [
    NOW,
    datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
    datetime(2027, 3, 27, 12, tzinfo=UTC),
    datetime(2027, 10, 30, 12, tzinfo=UTC),
    datetime(2028, 2, 29, 0, tzinfo=UTC),
]


def count(session: Session, table: type[Group | Event | Shift]) -> int | None:
    return session.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize("now", DAYS)
def test_all_of_the_demo_lies_ahead(session: Session, now: datetime) -> None:
    assert load_demo(session, now=now) == 6
    first = session.scalar(select(func.min(Shift.starts_at)))
    assert first is not None
    assert first > now


def test_loading_the_demo_twice_does_nothing(session: Session) -> None:
    load_demo(session, now=NOW)
    before = [count(session, table) for table in (Group, Event, Shift)]
    assert load_demo(session, now=NOW + timedelta(days=1)) == 0
    assert [count(session, table) for table in (Group, Event, Shift)] == before


def test_a_demo_that_is_over_is_loaded_anew_for_the_same_groups(session: Session) -> None:
    load_demo(session, now=NOW)
    assert load_demo(session, now=NOW + timedelta(days=365)) == 6
    assert count(session, Group) == 3
    assert count(session, Event) == 12


def test_the_demo_is_told_like_anything_else(session: Session) -> None:
    load_demo(session, now=NOW)
    published = [m.event for m in told(session) if isinstance(m, EventPublished)]
    assert len(published) == 6
    midlands = published[0]
    assert len({shift.constituency for shift in midlands.shifts}) == 6
    assert midlands.shifts[0].constituency == "Lincoln"
    assert midlands.shifts[-1].constituency == "Stoke-on-Trent Central"


def test_nobody_in_the_demo_is_real(session: Session) -> None:
    load_demo(session, now=NOW)
    for group in session.scalars(select(Group)):
        assert group.contact_email.endswith(".example")
        assert ".example/" in group.privacy_url
        assert "made-up" in group.imprint


def test_the_demo_shows_what_can_be_planned(session: Session) -> None:
    load_demo(session, now=NOW)
    events = {event.title: event for event in session.scalars(select(Event))}
    action_day = events["Action day from Lincoln to Stoke"]
    assert action_day.campaign is not None
    assert action_day.election_id == "local.lincoln.2027-05-06"
    assert [one.state for one in action_day.co_hosts] == ["accepted"]
    works = {shift.work for shift in events["London campaign and train day"].shifts}
    assert works == {"training", "campaigning"}
    assert events["How to open a conversation, online"].mode == "online"
    assert events["Garden morning"].address_shown == "signed_up"
    assert events["Jobs club"].kind == "jobs_club"


def test_somebody_can_sign_in_to_the_demo(session: Session) -> None:
    load_demo(session, now=NOW)
    load_demo(session, now=NOW)
    (administrator,) = organisers.list_organisers(session, NETWORK)
    assert (administrator.email, administrator.role) == (ADMINISTRATOR, "administrator")
    for group in session.scalars(select(Group)):
        (owner,) = organisers.list_organisers(session, group.id)
        assert (owner.email, owner.role) == (group.contact_email, "owner")
