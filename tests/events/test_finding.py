"""What a search finds, on both databases, beside the same question asked of plain objects."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from services.events import operations
from services.events.geography import Located
from services.events.models import CoHost, Event, Shift
from services.events.operations import constituencies, finding, instead, month, schedule, siblings
from services.events.operations.finding import Wanted
from services.events.rules import KINDS
from services.events.rules.finding import MILES
from shared.distances import miles_between
from shared.refusals import NotThere
from tests.events.making import LATER, NOW, make_draft, make_event, make_group, typed_shift
from tests.events.test_finding_rules import on_a_sphere

LINCOLN = Located(latitude=53.2307, longitude=-0.5406, exactness="postcode", words="LN2 1AA")
FIRST_DAY = date(2026, 12, 1)
SEATS = ("Lincoln", "Newark", "Romford")


@dataclass(frozen=True)
class Scene:
    """Many events of all sorts, as objects."""

    events: list[Event]
    groups: list[int]

    @property
    def shifts(self) -> Iterable[tuple[Event, Shift]]:
        return [(event, shift) for event in self.events for shift in event.shifts]


@pytest.fixture
def scene(session: Session) -> Scene:
    """Publish thirty events of all sorts around Lincoln."""
    chance = random.Random(1)
    groups = [make_group(session, name=f"Group {n}").id for n in range(3)]
    events = [make_one(session, chance, groups, number) for number in range(30)]
    operations.cancel_event(session, events[0].id, reason="", now=LATER)
    operations.cancel_shift(session, events[1].id, events[1].shifts[0].id, now=LATER)
    draft = make_draft(session, group_id=groups[0], title="draft")
    session.flush()
    session.expire_all()
    return Scene([*events, draft], groups)


def make_one(session: Session, chance: random.Random, groups: list[int], number: int) -> Event:
    event = make_event(
        session,
        title=f"event {number}",
        kind=chance.choice(list(KINDS)[:3]),
        group_id=chance.choice(groups),
        shifts=[made_shift(chance) for _ in range(chance.randint(1, 4))],
    )
    event.mode = chance.choice(["in_person", "online", "both"])
    for shift in event.shifts:
        known = chance.random() < 0.9
        shift.latitude = LINCOLN.latitude + chance.gauss(0, 0.2) if known else None
        shift.longitude = LINCOLN.longitude + chance.gauss(0, 0.3) if known else None
        shift.taken = chance.randint(0, 4)
    if chance.random() < 0.5:
        state = chance.choice(["asked", "accepted", "declined"])
        other = chance.choice([group for group in groups if group != event.group_id])
        event.co_hosts.append(CoHost(group_id=other, state=state, asked_at=NOW))
    session.flush()
    return event


def made_shift(chance: random.Random) -> dict[str, Any]:
    day = FIRST_DAY + timedelta(days=chance.randrange(12))
    hour = chance.randrange(8, 20)
    return typed_shift(
        starts_at=f"{day}T{hour:02}:00",
        ends_at=f"{day}T{hour + 2:02}:00",
        constituency=chance.choice(SEATS),
        capacity=chance.choice([None, 2, 4]),
        postcode="",
    )


def is_wanted(event: Event, shift: Shift, wanted: Wanted, now: datetime) -> bool:
    """Ask of objects what the search asks of rows."""
    hosts = {event.group_id} | {c.group_id for c in event.co_hosts if c.state == "accepted"}
    free = shift.capacity is None or shift.taken < shift.capacity
    return all(
        (
            event.status == "published" and not shift.cancelled and shift.ends_at > now,
            wanted.kind in ("", event.kind),
            wanted.first is None or shift.day >= wanted.first,
            wanted.last is None or shift.day <= wanted.last,
            wanted.group_id is None or wanted.group_id in hosts,
            wanted.constituency in ("", shift.constituency),
            not wanted.places or (free and shift.closes_at > now),
            not wanted.online or event.mode != "in_person",
            wanted.near is None or (miles_from(shift, wanted.near) or 999) <= wanted.miles,
        )
    )


def miles_from(shift: Shift, near: Located) -> float | None:
    if shift.latitude is None or shift.longitude is None:
        return None
    return miles_between((near.latitude, near.longitude), (shift.latitude, shift.longitude))


def expected_cards(scene: Scene, wanted: Wanted, now: datetime) -> list[tuple[Any, ...]]:
    """Return (day, event, its shifts) in the order of the schedule."""
    cards: dict[tuple[date, int], list[Shift]] = {}
    for event, shift in scene.shifts:
        if is_wanted(event, shift, wanted, now):
            cards.setdefault((shift.day, event.id), []).append(shift)

    def place(key: tuple[date, int]) -> tuple[Any, ...]:
        starts = min(shift.starts_at for shift in cards[key])
        near = wanted.near
        first = min(miles_from(s, near) or 0 for s in cards[key]) if near else starts
        return (key[0], first, starts, key[1])

    return [(*key, sorted(shift.id for shift in cards[key])) for key in sorted(cards, key=place)]


def all_cards(session: Session, wanted: Wanted, now: datetime) -> list[tuple[Any, ...]]:
    """Return the same as the search gives it, page after page."""
    found: list[tuple[Any, ...]] = []
    for page in itertools.count(1):
        cards, more = operations.show_schedule(session, replace(wanted, page=page), now=now)
        found += [(c.day, c.event.event_id, sorted(s.id for s in c.shifts)) for c in cards]
        if not more:
            return found
    return found


FILTERS: dict[str, dict[str, Any]] = {
    "kind": {"kind": "training"},
    "first": {"first": date(2026, 12, 4)},
    "last": {"last": date(2026, 12, 9)},
    "group": {"group_id": 0},
    "constituency": {"constituency": "Newark"},
    "places": {"places": True},
    "online": {"online": True},
    "near": {"near": LINCOLN, "miles": 25},
}
SUBSETS = [s for n in range(len(FILTERS) + 1) for s in itertools.combinations(FILTERS, n)]


def test_every_set_of_filters_finds_exactly_what_fits_it(session: Session, scene: Scene) -> None:
    for subset in SUBSETS:
        wanted = Wanted(**{k: v for name in subset for k, v in FILTERS[name].items()})
        wanted = replace(wanted, group_id=scene.groups[1] if "group" in subset else None)
        for now in (NOW, datetime(2026, 12, 5, 12, tzinfo=NOW.tzinfo)):
            assert all_cards(session, wanted, now) == expected_cards(scene, wanted, now), subset


def test_no_filter_finds_nothing_by_itself(session: Session, scene: Scene) -> None:
    for name, asked in FILTERS.items():
        wanted = Wanted(**asked)
        wanted = replace(wanted, group_id=scene.groups[1]) if name == "group" else wanted
        found = all_cards(session, wanted, NOW)
        assert 0 < len(found) < len(all_cards(session, Wanted(), NOW)), name


def test_a_radius_holds_what_a_sphere_says(session: Session) -> None:
    chance = random.Random(7)
    event = make_event(session, shifts=[typed_shift(postcode="") for _ in range(200)])
    for shift in event.shifts:
        shift.latitude = chance.uniform(50, 58.5)
        shift.longitude = chance.uniform(-5, 1.5)
    session.flush()
    for _ in range(40):
        middle = chance.choice(event.shifts)
        here = (middle.latitude or 0) + chance.gauss(0, 0.05), (middle.longitude or 0)
        near = replace(LINCOLN, latitude=here[0], longitude=here[1])
        for miles in MILES:
            cards, _ = operations.show_schedule(session, Wanted(near=near, miles=miles), now=NOW)
            found = {shift.id for card in cards for shift in card.shifts}
            for shift in event.shifts:
                exactly = on_a_sphere(here, (shift.latitude or 0, shift.longitude or 0))
                # Who stands on the line itself may be taken either way.
                if abs(exactly - miles) > miles / 1000:
                    assert (shift.id in found) == (exactly < miles)


def test_on_each_day_the_nearest_comes_first(session: Session) -> None:
    for title, up in (("far", 0.1), ("near", 0.01), ("middle", 0.05)):
        event = make_event(session, title=title)
        place_at(session, event, LINCOLN.latitude + up, LINCOLN.longitude)
    early = make_event(
        session,
        title="far, a day before",
        shifts=[typed_shift(starts_at="2026-12-04T10:00", ends_at="2026-12-04T11:00")],
    )
    place_at(session, early, LINCOLN.latitude + 0.12, LINCOLN.longitude)
    cards, _ = operations.show_schedule(session, Wanted(near=LINCOLN), now=NOW)
    assert [card.event.title for card in cards] == ["far, a day before", "near", "middle", "far"]
    assert [round(card.miles or 0, 1) for card in cards] == [8.3, 0.7, 3.5, 6.9]


def place_at(session: Session, event: Event, latitude: float, longitude: float) -> None:
    where = {"latitude": latitude, "longitude": longitude, "located": "postcode"}
    session.execute(update(Shift).where(Shift.event_id == event.id).values(**where))
    session.expire_all()


def test_a_postcode_is_looked_up(session: Session) -> None:
    wanted = finding.settle(session, Wanted(postcode="ln2"))
    assert wanted.near is not None
    assert wanted.near.exactness in ("district", "area")


def test_a_postcode_that_nobody_knows_asks_for_nothing(session: Session) -> None:
    make_event(session)
    wanted = finding.settle(session, Wanted(postcode="on the hill", miles=2))
    assert wanted.near is None
    assert len(operations.show_schedule(session, wanted, now=NOW)[0]) == 1


@pytest.mark.parametrize("typed", ["Lincoln", "lincoln", "LINCOLN"])
def test_a_constituency_is_found_however_it_is_typed(session: Session, typed: str) -> None:
    make_event(session)
    cards, _ = operations.show_schedule(session, Wanted(constituency=typed), now=NOW)
    assert len(cards) == 1


def test_feeds_ask_the_same_of_what_is_cancelled(session: Session, scene: Scene) -> None:
    wanted = finding.settle(session, Wanted(constituency="newark", near=LINCOLN))
    assert len(schedule.asked(wanted)) == 3


def test_a_month_names_the_first_events_of_a_day_and_counts_all(
    session: Session, scene: Scene
) -> None:
    last = date(2026, 12, 31)
    for wanted in (Wanted(), Wanted(kind="training"), Wanted(near=LINCOLN, miles=10)):
        days = month.show_month(session, wanted, (FIRST_DAY, last), now=NOW)
        cards = expected_cards(scene, replace(wanted, first=FIRST_DAY, last=last), NOW)
        expected = {day: [c[1] for c in of_day] for day, of_day in itertools.groupby(
            cards, key=lambda card: card[0])}  # fmt: skip
        assert {day: found.count for day, found in days.items()} == {
            day: len(ids) for day, ids in expected.items()
        }
        for day, found in days.items():
            assert {e.event_id for e in found.events} <= set(expected[day])
            starts = [e.starts_at for e in found.events]
            assert starts == sorted(starts)
            assert len(starts) + found.rest == found.count
            assert len(starts) == min(found.count, month.MOST)


def test_what_is_nearest_gives_up_one_wish_at_a_time(session: Session) -> None:
    here = make_event(session, title="here, a meeting", kind="meeting")
    place_at(session, here, LINCOLN.latitude, LINCOLN.longitude)
    far = make_event(session, title="far, a training", kind="training")
    place_at(session, far, LINCOLN.latitude + 1, LINCOLN.longitude)
    wanted = Wanted(postcode="x", near=LINCOLN, kind="training")
    found = instead.find_instead(session, wanted, now=NOW)
    assert [(f.shift.title, f.given_up, round(f.miles or 0)) for f in found] == [
        ("far, a training", ("postcode",), 69),
        ("here, a meeting", ("kind",), 0),
    ]


@pytest.mark.parametrize(
    "first, last, expected",
    [
        ("2026-12-06", "2026-12-07", "5"),
        ("2026-12-08", "2026-12-09", "10"),
        ("2026-12-01", "2026-12-02", "5"),
        ("2026-12-20", None, "10"),
        (None, "2026-12-04", "5"),
    ],
)
def test_the_nearest_day_stands_in_for_days_without_anything(
    session: Session, first: str | None, last: str | None, expected: str
) -> None:
    for day in ("5", "10"):
        at = f"2026-12-{day:0>2}"
        shift = typed_shift(starts_at=f"{at}T10:00", ends_at=f"{at}T11:00")
        make_event(session, title=day, shifts=[shift])
    days = {"first": first and date.fromisoformat(first), "last": last and date.fromisoformat(last)}
    (found,) = instead.find_instead(session, Wanted(**days), now=NOW)  # type: ignore[arg-type]
    assert (found.shift.title, found.given_up) == (expected, ("days",))


def test_where_one_wish_is_not_enough_all_but_place_or_time_are_given_up(
    session: Session,
) -> None:
    event = make_event(session, title="only one", kind="meeting")
    place_at(session, event, LINCOLN.latitude, LINCOLN.longitude)
    wanted = Wanted(near=LINCOLN, kind="training", constituency="Romford")
    (found,) = instead.find_instead(session, wanted, now=NOW)
    assert (found.shift.title, found.given_up) == ("only one", ("constituency", "kind"))


def test_the_nearest_is_the_nearest_of_all(session: Session, scene: Scene) -> None:
    chance = random.Random(3)
    for _ in range(30):
        here = replace(LINCOLN, latitude=chance.uniform(50, 58), longitude=chance.uniform(-6, 1))
        wanted = Wanted(near=here, miles=2)
        distances = [
            miles
            for event, shift in scene.shifts
            if is_wanted(event, shift, Wanted(), NOW)
            and (miles := miles_from(shift, here)) is not None
        ]
        if min(distances) > wanted.miles:
            (found,) = instead.find_instead(session, wanted, now=NOW)
            assert found.miles == pytest.approx(min(distances))


def test_what_lies_nowhere_is_better_than_nothing(session: Session) -> None:
    make_event(session, title="nowhere", shifts=[typed_shift(postcode="")])
    (found,) = instead.find_instead(session, Wanted(near=LINCOLN), now=NOW)
    assert (found.shift.title, found.miles) == ("nowhere", None)


def test_nothing_stands_in_where_nothing_is_on(session: Session) -> None:
    assert instead.find_instead(session, Wanted(kind="training", near=LINCOLN), now=NOW) == []


def test_a_constituency_is_known_by_a_public_event(session: Session) -> None:
    make_event(session)
    assert constituencies.find_constituency(session, "lincoln").name == "Lincoln"


def test_a_draft_makes_no_constituency_known(session: Session) -> None:
    make_draft(session)
    with pytest.raises(NotThere):
        constituencies.find_constituency(session, "Lincoln")


def test_other_days_of_a_series_are_the_next_ones(session: Session) -> None:
    assert siblings.list_siblings(session, make_event(session), now=NOW) == []
