"""What a schedule mail says: near, of interest, new, changed; and what of that is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.events.rules import KINDS
from services.notifications.rules.changes import (
    MOVES,
    NEWS,
    Piece,
    Seen,
    as_kept,
    is_undone,
    sum_up,
    what_is_new,
)
from services.notifications.rules.choosing import (
    MOST_EVENTS,
    MOST_SHIFTS,
    MOST_STILL_COMING,
    Chosen,
    Coming,
    Programme,
    Told,
)
from services.notifications.rules.tastes import EVENT_KINDS, Taste, about_where, say_where

from .making import NOW, STARTS

SINCE = NOW - timedelta(days=7)
LINCOLN = (53.23, -0.54)
STOKE = (53.0, -2.18)
NEAR = Taste(latitude=LINCOLN[0], longitude=LINCOLN[1], miles=10, postcode="LN2 1AA")
FAR = {"latitude": STOKE[0], "longitude": STOKE[1], "postcode": "ST4 1AA"}


def coming(shift_id: int, **facts: Any) -> Coming:
    """Return a shift in Lincoln, each of an event of its own."""
    usual = Coming(
        shift_id,
        shift_id * 10,
        1,
        "action_day",
        STARTS + timedelta(hours=shift_id),
        *LINCOLN,
        "in_person",
        True,
    )
    return usual._replace(**facts)


def told(*kinds: str, days_ago: float = 1, **before: Any) -> list[Told]:
    """Return news of a shift; what moved was in Lincoln, or as `before` says."""
    at = NOW - timedelta(days=days_ago)
    was = as_kept(replace(SEEN, latitude=LINCOLN[0], longitude=LINCOLN[1])) | before
    return [
        Told(at + timedelta(minutes=number), Piece(kind, was if kind == "moved" else {}))
        for number, kind in enumerate(kinds)
    ]


def coming_far(shift_id: int = 1, **facts: Any) -> Coming:
    """Return a shift in Stoke, more than 60 miles from Lincoln."""
    return coming(shift_id, latitude=STOKE[0], longitude=STOKE[1], **facts)


def choose(
    shifts: Sequence[Coming],
    news: dict[int, list[Told]] | None = None,
    taste: Taste = NEAR,
    first: bool = False,
) -> Chosen:
    return Programme(shifts, news or {}, until=NOW).choose(taste, since=None if first else SINCE)


def events_in(chosen: Chosen) -> tuple[list[int], list[int], list[int]]:
    """Return the shifts that changed, and the events that are new and still coming."""
    return (
        [change.shift_id for change in chosen.changed],
        [pick.event_id for pick in chosen.new],
        [pick.event_id for pick in chosen.coming],
    )


def test_the_kinds_are_those_of_the_schedule() -> None:
    assert EVENT_KINDS == KINDS


@pytest.mark.parametrize("kind", [kind for kind in NEWS if kind != "new"])
def test_a_change_comes_first_then_what_is_new_then_what_is_still_coming(kind: str) -> None:
    off = kind == "cancelled"
    shifts = [coming(1), coming(2), coming(3, is_on=not off)]

    chosen = choose(shifts, {2: told("new"), 3: told(kind)})

    assert events_in(chosen) == ([3], [20], [10])
    assert chosen.changed[0].what == kind


def test_without_news_there_is_nothing_to_say() -> None:
    chosen = choose([coming(1)], {1: told("new", days_ago=8)})

    assert not chosen.says_something
    assert events_in(chosen) == ([], [], [10])


def test_to_who_never_had_a_mail_all_that_is_on_is_new() -> None:
    chosen = choose([coming(1), coming(2, is_on=False)], {2: told("cancelled")}, first=True)

    assert events_in(chosen) == ([], [10], [])
    assert chosen.is_first


def test_what_is_far_away_is_left_out() -> None:
    shifts = [coming(1), coming_far(2), coming(3, latitude=None, longitude=None)]

    assert events_in(choose(shifts, first=True))[1] == [10]
    assert events_in(choose(shifts, first=True, taste=Taste()))[1] == [10, 20, 30]


def test_the_radius_is_a_circle_and_not_a_box() -> None:
    """At the corner of the box around ten miles it is fourteen."""
    corner = coming(1, latitude=LINCOLN[0] + 0.144, longitude=LINCOLN[1] + 0.24)
    edge = coming(2, latitude=LINCOLN[0] + 0.144)

    assert events_in(choose([corner, edge], first=True))[1] == [20]


def test_only_the_chosen_kinds_and_the_chosen_group() -> None:
    shifts = [coming(1), coming(2, kind="lesson"), coming(3, group_id=2)]

    assert events_in(choose(shifts, first=True, taste=replace(NEAR, kinds=("lesson",))))[1] == [20]
    assert events_in(choose(shifts, first=True, taste=replace(NEAR, group_id=2)))[1] == [30]


def test_what_is_online_is_near_everybody_who_wants_it() -> None:
    shifts = [
        coming(1, mode="online", latitude=None, longitude=None),
        coming_far(2, mode="both"),
    ]

    assert events_in(choose(shifts, first=True))[1] == [10, 20]
    assert events_in(choose(shifts, first=True, taste=replace(NEAR, online=False)))[1] == []
    elsewhere = Taste(online=False)
    assert events_in(choose(shifts, first=True, taste=elsewhere))[1] == [20]


def test_who_planned_to_go_hears_that_it_moved_away() -> None:
    assert events_in(choose([coming_far()], {1: told("moved")}))[0] == [1]
    assert events_in(choose([coming_far()], {1: told("moved", **FAR)}))[0] == []


def test_of_what_moved_away_nothing_but_that_is_told_and_once() -> None:
    shifts, old = [coming_far(), coming(2)], told("moved", days_ago=8)

    assert events_in(choose(shifts, {1: old}, first=True)) == ([], [20], [])
    assert events_in(choose(shifts, {1: old, 2: told("new")})) == ([], [20], [])
    for kind in ("moved", "reopened", "cancelled"):
        later = told(kind, days_ago=1, **FAR)
        off = coming_far(is_on=kind != "cancelled")
        assert events_in(choose([off, coming(2)], {1: old + later})) == ([], [], [20])


def test_what_moved_away_before_anybody_heard_of_it_is_told_to_nobody() -> None:
    assert events_in(choose([coming_far()], {1: told("new", "moved")})) == ([], [], [])


def test_who_planned_to_go_hears_that_it_moved_away_and_was_called_off() -> None:
    off = coming_far(is_on=False)

    (change,) = choose([off], {1: told("moved", "cancelled")}).changed

    assert change.what == "cancelled"
    assert choose([off], {1: told("moved", "cancelled")}, first=True).new == ()


def test_what_came_near_is_told_unless_it_was_called_off_since() -> None:
    news = {1: told("moved", **FAR), 2: told("moved", "cancelled", **FAR)}

    chosen = choose([coming(1), coming(2, is_on=False)], news)

    assert events_in(chosen) == ([1], [], [])


def test_what_is_called_off_where_it_was_all_the_time_is_told_near_it_alone() -> None:
    news = {1: told("cancelled"), 2: told("cancelled")}

    chosen = choose([coming_far(1, is_on=False), coming(2, is_on=False)], news)

    assert events_in(chosen) == ([2], [], [])


def test_where_a_postcode_lies_counts_for_what_moved_away_as_for_what_is_on() -> None:
    was = {"latitude": None, "longitude": None, "postcode": "LN2 1AB"}
    about_lincoln = Taste(**about_where("LN2 1AB"), miles=10)

    chosen = choose([coming_far()], {1: told("moved", **was)}, taste=about_lincoln)

    assert events_in(chosen)[0] == [1]


@pytest.mark.parametrize(
    "was,now,online,hears",
    [
        ("in_person", "online", False, True),
        ("both", "online", False, True),
        ("online", "in_person", True, True),
        ("online", "in_person", False, False),
    ],
)
def test_what_moved_online_or_from_there_is_told_to_who_planned_to_come(
    was: str, now: str, online: bool, hears: bool
) -> None:
    taste = replace(NEAR, online=online)
    gone = coming(1, mode=now) if now == "online" else coming_far()

    chosen = choose([gone, coming(2)], {1: told("moved", mode=was)}, taste=taste)
    later = choose([gone, coming(2)], {1: told("moved", mode=was, days_ago=8)}, taste=taste)

    assert events_in(chosen) == ([1] if hears else [], [], [20])
    assert events_in(later) == ([], [], [20])


def test_who_hears_of_every_place_hears_too_that_something_moved_online() -> None:
    taste = Taste(online=False)

    chosen = choose([coming(1, mode="online")], {1: told("moved")}, taste=taste)

    assert events_in(chosen) == ([1], [], [])


def test_shifts_of_one_event_stand_together_and_not_all_of_them() -> None:
    shifts = [coming(number, event_id=7) for number in range(1, 8)]

    (pick,) = choose(shifts, first=True).new

    assert (pick.event_id, pick.shift_ids, pick.others) == (7, (1, 2, 3), 7 - MOST_SHIFTS)


def test_changes_of_one_event_stand_together_and_not_all_of_them() -> None:
    shifts = [coming(number, event_id=7, is_on=False) for number in (1, 3, 4, 5, 6, 7)]
    news = {shift.shift_id: told("cancelled") for shift in shifts} | {2: told("moved")}

    changed = choose([*shifts, coming(2)], news).changed

    assert [(change.shift_id, change.others) for change in changed] == [
        (1, 6 - MOST_SHIFTS),
        (3, 6 - MOST_SHIFTS),
        (4, 6 - MOST_SHIFTS),
        (2, 0),
    ]


def test_a_mail_has_room_for_a_dozen_events_and_says_how_many_more_there_are() -> None:
    changed = [coming(number) for number in range(1, 6)]
    new = [coming(number) for number in range(6, 21)]
    news = {s.shift_id: told("moved") for s in changed} | {s.shift_id: told("new") for s in new}

    chosen = choose([*changed, *new, coming(30)], news)

    counts = [len(part) for part in events_in(chosen)]
    assert counts == [5, MOST_EVENTS - 5, 0]
    assert chosen.more == 20 - MOST_EVENTS


def test_of_what_is_still_coming_a_handful_is_enough() -> None:
    shifts = [coming(number) for number in range(1, 12)]

    chosen = choose(shifts, {1: told("new")})

    assert events_in(chosen)[2] == [20, 30, 40, 50, 60][:MOST_STILL_COMING]
    assert chosen.more == 0


def test_an_event_stands_in_one_part_only() -> None:
    shifts = [coming(1, event_id=7), coming(2, event_id=7), coming(3, event_id=7)]

    chosen = choose(shifts, {1: told("moved")})

    assert events_in(chosen) == ([1], [], [])


@pytest.mark.parametrize(
    "kinds,is_on,heard",
    [
        (["new"], True, "new"),
        (["new", "moved"], True, "new"),
        (["new", "cancelled"], False, None),
        (["moved", "moved"], True, "moved"),
        (["moved", "reopened"], True, "moved"),
        (["moved", "cancelled"], False, "cancelled"),
        (["reopened"], True, "reopened"),
        (["reopened"], False, "cancelled"),
        (["cancelled", "new"], True, None),
        (["cancelled", "new", "cancelled"], False, "cancelled"),
        (["cancelled"], True, None),
        ([], True, None),
    ],
)
def test_of_many_changes_the_sum_is_told(kinds: list[str], is_on: bool, heard: str | None) -> None:
    pieces = [Piece(kind, {"number": number}) for number, kind in enumerate(kinds)]

    found = sum_up(pieces, is_on=is_on)

    assert (found and found.kind) == heard
    if heard == "moved":
        assert found == pieces[0], "what was before the first of them counts"


@pytest.mark.parametrize(
    "kinds,heard",
    [(["moved"], None), (["moved", "moved"], None), (["moved", "reopened"], "reopened")],
)
def test_what_moved_and_moved_back_is_told_to_nobody(kinds: list[str], heard: str | None) -> None:
    pieces = [Piece(kind, {}, is_undone=number == 0) for number, kind in enumerate(kinds)]

    found = sum_up(pieces, is_on=True)

    assert (found and found.kind) == heard


@pytest.mark.parametrize(
    "moved_to,back",
    [
        ({}, True),
        ({"latitude": 53.2, "longitude": -0.5, "is_full": True}, True),
        ({"starts_at": STARTS + timedelta(minutes=5)}, False),
        ({"ends_at": STARTS + timedelta(hours=3)}, False),
        ({"place": "Castle Green"}, False),
        ({"postcode": "LN1 3AA"}, False),
        ({"mode": "both"}, False),
    ],
)
def test_back_is_what_is_the_same_in_all_that_is_told(moved_to: dict[str, Any], back: bool) -> None:
    now = replace(SEEN, **moved_to)

    assert is_undone(as_kept(SEEN), {name: getattr(now, name) for name in MOVES}) is back


SEEN = Seen(
    is_on=True,
    starts_at=STARTS,
    ends_at=STARTS + timedelta(hours=2),
    place="Market Square",
    postcode="LN2 1AB",
    mode="in_person",
    latitude=None,
    longitude=None,
    is_full=False,
)


@pytest.mark.parametrize(
    "before,after,kind",
    [
        (None, {}, "new"),
        (None, {"is_on": False}, ""),
        ({}, {}, ""),
        ({"is_on": False}, {}, "new"),
        ({}, {"is_on": False}, "cancelled"),
        ({"is_on": False}, {"is_on": False}, ""),
        ({}, {"place": "Castle Green"}, "moved"),
        ({}, {"starts_at": STARTS + timedelta(hours=1)}, "moved"),
        ({}, {"mode": "online"}, "moved"),
        ({}, {"latitude": 53.2, "longitude": -0.5}, ""),
        ({"is_full": True}, {}, "reopened"),
        ({}, {"is_full": True}, ""),
        ({"is_full": True, "place": "Castle Green"}, {}, "moved"),
        (None, {"starts_at": NOW}, ""),
        ({}, {"is_on": False, "starts_at": NOW}, ""),
    ],
)
def test_what_is_news(before: dict[str, Any] | None, after: dict[str, Any], kind: str) -> None:
    was = None if before is None else replace(SEEN, **before)

    assert what_is_new(was, replace(SEEN, **after), now=NOW) == kind


@pytest.mark.parametrize(
    "typed,said",
    [
        ("LN2 1AA", "within 10 miles of LN2\u00a01AA"),
        ("ln", "within 10 miles of LN"),
        ("", ""),
        ("win.example", ""),
        ("ZZ1 1AA", ""),
    ],
)
def test_only_postcodes_are_repeated(typed: str, said: str) -> None:
    where = {**about_where(typed), "miles": 10}

    assert say_where(Taste(**where)) == said
