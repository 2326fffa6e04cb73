"""What meeting points are called: short, and never two of them the same."""

from __future__ import annotations

import pytest

from shared.meeting_points import Point, names_of

NEWARK = Point("Market Place", "Outside the Buttermarket, Newark-on-Trent", "NG24 1DU")
DERBY = Point("Market Place", "In front of the Guildhall, Derby", "DE1 3AH")
UPSTAIRS = Point("Community Hall", "Upstairs room, Monks Road, Lincoln", "LN2 5HX")
DOWNSTAIRS = Point("Community Hall", "Ground floor, Monks Road, Lincoln", "LN2 5HX")
OTHER_END = Point("Community Hall", "High Street, Lincoln", "LN5 7AA")


def test_two_market_places_are_told_apart_by_their_towns() -> None:
    assert names_of([NEWARK, DERBY]) == {
        NEWARK: "Market Place, Newark-on-Trent",
        DERBY: "Market Place, Derby",
    }


def test_in_one_town_the_postcode_tells_them_apart_and_in_one_house_the_whole_address() -> None:
    assert names_of([UPSTAIRS, OTHER_END]) == {
        UPSTAIRS: "Community Hall, LN2 5HX",
        OTHER_END: "Community Hall, LN5 7AA",
    }
    assert names_of([UPSTAIRS, DOWNSTAIRS]) == {
        UPSTAIRS: "Community Hall, Upstairs room, Monks Road, Lincoln, LN2 5HX",
        DOWNSTAIRS: "Community Hall, Ground floor, Monks Road, Lincoln, LN2 5HX",
    }


def test_the_same_point_at_two_hours_has_one_short_name() -> None:
    assert names_of([NEWARK, NEWARK]) == {NEWARK: "Market Place, Newark-on-Trent"}


@pytest.mark.parametrize(
    "point, name",
    [
        (Point("Market Place", "Market Place, Newark", "NG24 1DU"), "Market Place, Newark"),
        (Point("Market Place", "By the clock", "NG24 1DU"), "Market Place, NG24 1DU"),
        (Point("Market Place", "By the clock", ""), "Market Place, By the clock"),
        (Point("Market Place", "", "NG24"), "Market Place, NG24"),
        (Point("Market Place", "", ""), "Market Place"),
        (
            Point("Hanley Town Hall", "Albion Street, Hanley", "ST1 1QQ"),
            "Hanley Town Hall, ST1 1QQ",
        ),
        (Point("Market Place, Newark", "Newark", ""), "Market Place, Newark"),
        (Point("Hall", "1 High Street, Newark, NG24 1DU", "NG24 1DU"), "Hall, NG24 1DU"),
        (Point("Online", "", ""), "Online"),
        (Point("", "", ""), "Online"),
    ],
)
def test_a_name_says_more_than_the_place_and_nothing_twice(point: Point, name: str) -> None:
    assert names_of([point]) == {point: name}
