"""What the schedule shows, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from services.events import operations
from services.events.operations import exports, schedule
from services.events.operations.finding import Wanted
from tests.events.making import (
    LATER,
    NOW,
    make_draft,
    make_event,
    make_group,
    typed_shift,
)


def on(day: str, starts: str = "10:00", ends: str = "12:00", **typed: Any) -> dict[str, Any]:
    return typed_shift(starts_at=f"{day}T{starts}", ends_at=f"{day}T{ends}", **typed)


def titles(session: Session, wanted: Wanted | None = None) -> list[str]:
    cards, _ = operations.show_schedule(session, wanted or Wanted(), now=NOW)
    return [card.event.title for card in cards]


def test_events_stand_by_day_and_then_by_their_first_start(session: Session) -> None:
    make_event(session, title="late", shifts=[on("2026-12-05", "15:00", "16:00")])
    make_event(session, title="early", shifts=[on("2026-12-05", "09:00", "10:00")])
    make_event(session, title="before", shifts=[on("2026-12-04", "18:00", "19:00")])
    assert titles(session) == ["before", "early", "late"]


def test_a_weekly_event_stands_on_each_of_its_days(session: Session) -> None:
    make_event(
        session, shifts=[on("2026-12-02"), on("2026-12-09"), on("2026-12-09", "14:00", "15:00")]
    )
    cards, more = operations.show_schedule(session, Wanted(), now=NOW)
    assert [(card.day, len(card.shifts)) for card in cards] == [
        (date(2026, 12, 2), 1),
        (date(2026, 12, 9), 2),
    ]
    assert not more


def test_drafts_and_cancelled_events_are_not_on_the_schedule(session: Session) -> None:
    make_draft(session)
    event = make_event(session)
    operations.cancel_event(session, event.id, reason="", now=LATER)
    assert titles(session) == []


def test_a_cancelled_shift_is_not_on_the_schedule(session: Session) -> None:
    event = make_event(session, shifts=[on("2026-12-02"), on("2026-12-09")])
    operations.cancel_shift(session, event.id, event.shifts[0].id, now=LATER)
    cards, _ = operations.show_schedule(session, Wanted(), now=NOW)
    assert [card.day for card in cards] == [date(2026, 12, 9)]


def test_a_shift_is_on_the_schedule_until_its_end(session: Session) -> None:
    make_event(session, shifts=[on("2026-12-05", "10:00", "12:00")])
    end = datetime(2026, 12, 5, 12, tzinfo=UTC)
    cards, _ = operations.show_schedule(session, Wanted(), now=end - timedelta(seconds=1))
    assert len(cards) == 1
    assert operations.show_schedule(session, Wanted(), now=end) == ([], False)


@pytest.mark.parametrize(
    "wanted, expected",
    [
        (Wanted(kind="training"), ["class"]),
        (Wanted(kind="meeting"), []),
        (Wanted(first=date(2026, 12, 6)), ["class"]),
        (Wanted(last=date(2026, 12, 6)), ["day"]),
        (Wanted(first=date(2026, 12, 5), last=date(2026, 12, 5)), ["day"]),
        (Wanted(group_id=4711), []),
    ],
)
def test_the_schedule_can_be_narrowed(
    session: Session, wanted: Wanted, expected: list[str]
) -> None:
    make_event(session, title="day", shifts=[on("2026-12-05")])
    make_event(session, title="class", kind="training", shifts=[on("2026-12-09")])
    assert titles(session, wanted) == expected


def test_a_group_sees_its_own_events(session: Session) -> None:
    group = make_group(session)
    make_event(session, title="ours", group_id=group.id)
    make_event(session, title="theirs")
    assert titles(session, Wanted(group_id=group.id)) == ["ours"]


def test_the_list_of_a_search_is_one_question_and_ends_somewhere(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_FOUND", 30)
    days = [date(2026, 12, 1) + timedelta(days=number) for number in range(24)]
    make_event(session, shifts=[on(day.isoformat()) for day in days])
    asked: list[str] = []
    note = lambda _c, _k, statement, *_: asked.append(statement)  # noqa: E731 - one of many
    with listening(session.get_bind(), note):
        found = [row[5].date() for row in exports.list_found(session, Wanted(), now=NOW)[1]]
    assert found == days[:30]
    assert len(asked) == 1


@contextmanager
def listening(engine: Any, note: Callable[..., None]) -> Iterator[None]:
    event.listen(engine, "before_cursor_execute", note)
    yield
    event.remove(engine, "before_cursor_execute", note)


def test_a_long_schedule_comes_in_pages_without_loss(session: Session) -> None:
    days = [date(2026, 12, 1) + timedelta(days=number) for number in range(24)]
    make_event(session, shifts=[on(day.isoformat()) for day in days])
    first, more = operations.show_schedule(session, Wanted(page=1), now=NOW)
    second, more_still = operations.show_schedule(session, Wanted(page=2), now=NOW)
    assert [card.day for card in (*first, *second)] == days
    assert len(first) == 12
    assert (more, more_still) == (True, False)


def test_the_shifts_of_a_search_have_the_columns_of_its_statement() -> None:
    columns = schedule.statement_for_page(frozenset()).selected_columns

    assert tuple(columns.keys()) == schedule.Found._fields


def test_lists_go_on_after_the_id_given(session: Session) -> None:
    made = [make_event(session) for _ in range(3)]
    found = operations.list_events(session, after=made[0].id, limit=1)
    assert [event.id for event in found] == [made[1].id]
    groups = operations.list_groups(session, after=made[1].group_id)
    assert [group.id for group in groups] == [made[2].group_id]


def test_lists_can_be_narrowed(session: Session) -> None:
    draft = make_draft(session)
    make_event(session)
    assert [event.id for event in operations.list_events(session, status="draft")] == [draft.id]
