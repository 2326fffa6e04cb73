"""Distances, months and pairs: pure rules of finding something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.rules import finding, pairs, places
from shared.distances import miles_between, say_miles

LATITUDES = st.floats(49, 61)
LONGITUDES = st.floats(-8.5, 2)
DEGREES = st.floats(-1, 1)


def on_a_sphere(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the distance by the haversine formula."""
    (north, east), (other_north, other_east) = (map(radians, p) for p in (here, there))
    half = sin((other_north - north) / 2) ** 2
    half += cos(north) * cos(other_north) * sin((other_east - east) / 2) ** 2
    return 2 * 3958.7613 * asin(sqrt(half))


@given(LATITUDES, LONGITUDES, DEGREES, DEGREES)
def test_a_distance_is_that_on_a_sphere(
    latitude: float, longitude: float, up: float, across: float
) -> None:
    here, there = (latitude, longitude), (latitude + up, longitude + across)
    expected = on_a_sphere(here, there)
    assert miles_between(here, there) == pytest.approx(expected, rel=1e-3, abs=1e-6)


@given(LATITUDES, LONGITUDES, DEGREES, DEGREES, st.sampled_from(finding.MILES))
def test_a_box_holds_everything_within_its_miles(
    latitude: float, longitude: float, up: float, across: float, miles: int
) -> None:
    box = finding.box_around(latitude, longitude, miles)
    if miles_between((latitude, longitude), (latitude + up, longitude + across)) <= miles:
        assert box.south <= latitude + up <= box.north
        assert box.west <= longitude + across <= box.east


@pytest.mark.parametrize(
    "miles, exactly, roughly",
    [
        (0, "under a mile", "in your area"),
        (0.4, "under a mile", "in your area"),
        (1.2, "1 mile", "about 1 mile"),
        (2.6, "3 miles", "about 3 miles"),
        (121.5, "122 miles", "about 122 miles"),
    ],
)
def test_a_distance_is_said_in_whole_miles(miles: float, exactly: str, roughly: str) -> None:
    assert say_miles(miles) == exactly
    assert say_miles(miles, roughly=True) == roughly


@pytest.mark.parametrize("month", [date(2026, m, 1) for m in range(1, 13)] + [date(2028, 2, 1)])
def test_the_weeks_of_a_month_have_each_of_its_days_once(month: date) -> None:
    days = [day for week in finding.weeks_of(month) for day in week]
    assert days[0].weekday() == 0
    assert [b - a for a, b in pairwise(days)] == [timedelta(1)] * (len(days) - 1)
    assert [day.day for day in days if day.month == month.month] == list(
        range(1, (finding.next_month(month) - month).days + 1)
    )


def test_months_follow_each_other() -> None:
    month = date(2026, 1, 1)
    for number in range(1, 30):
        following = finding.next_month(month)
        assert finding.month_before(following) == month
        assert (following.year - 2026) * 12 + following.month == number + 1
        month = following


@dataclass(frozen=True)
class Part:
    id: int
    work: str
    hour: int
    constituency: str = "Romford"
    day: date = date(2026, 12, 5)

    @property
    def starts_at(self) -> datetime:
        return datetime(2026, 12, self.day.day, self.hour, tzinfo=UTC)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(hours=1)


TRAINING = Part(1, "training", 10)


@pytest.mark.parametrize(
    "others, expected",
    [
        ([], None),
        ([Part(2, "campaigning", 11)], 2),
        ([Part(2, "campaigning", 12), Part(3, "campaigning", 11)], 3),
        ([Part(2, "campaigning", 11, "Battersea"), Part(3, "campaigning", 14)], 3),
        ([Part(2, "campaigning", 11, "Battersea")], 2),
        ([Part(2, "campaigning", 10)], None),
        ([Part(2, "campaigning", 9)], None),
        ([Part(2, "training", 11)], None),
        ([Part(2, "", 11)], None),
        ([Part(2, "campaigning", 11, day=date(2026, 12, 6))], None),
    ],
)
def test_a_training_goes_on_to_the_next_campaigning(
    others: list[Part], expected: int | None
) -> None:
    found = pairs.campaigning_after(TRAINING, [TRAINING, *others])
    assert (found and found.id) == expected


def test_only_a_training_goes_on_to_something() -> None:
    campaigning = Part(1, "campaigning", 10)
    assert pairs.campaigning_after(campaigning, [Part(2, "campaigning", 12)]) is None


@pytest.mark.parametrize(
    "shown, postcode, address", [("public", "LN1 3AA", "By the gate"), ("signed_up", "LN1", "")]
)
def test_of_a_kept_address_the_first_half_of_the_postcode_is_left(
    shown: str, postcode: str, address: str
) -> None:
    assert places.shown_postcode(shown, "LN1 3AA") == postcode
    assert places.shown_address(shown, "By the gate") == address
