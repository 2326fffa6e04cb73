"""From a sign-up to its mail and the places shown, and everything a person can do after it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.containers import Stack
from tests.journeys.people import LONDON, Organiser, Places, Visitor

pytestmark = pytest.mark.journeys


def test_a_sign_up_ends_with_its_mail_and_fewer_places(muster: Stack, organiser: Organiser) -> None:
    walk = organiser.publishes(places=10)
    ada = Visitor(muster, "Ada Example")

    assert ada.signs_up(walk, party=2) == "You have 2 places"

    letter = ada.mailbox.waits_for("You have a place")
    assert walk.title in letter.subject
    assert organiser.contact_email in letter.reply_to
    assert ada.opens(letter.link) == "You have 2 places"
    ada.waits_to_see(walk, taken=2, waiting=0)
    assert ada.sees(walk).left == 8
    assert ada.mailbox.subjects() == [letter.subject]


def test_the_mail_carries_an_entry_for_the_calendar(muster: Stack, organiser: Organiser) -> None:
    walk = organiser.publishes()
    ada = Visitor(muster)
    ada.is_signed_up(walk)

    letter = ada.mailbox.waits_for("You have a place")

    assert letter.method == "REQUEST"
    assert letter.calendar is not None
    starts, ends = letter.calendar.decoded("dtstart"), letter.calendar.decoded("dtend")
    assert (starts.astimezone(LONDON).hour, ends - starts) == (10, timedelta(hours=2))
    assert "Market Cross" in str(letter.calendar["LOCATION"])


def test_the_public_page_says_how_many_places_are_left(muster: Stack, organiser: Organiser) -> None:
    walk = organiser.publishes(places=3)
    Visitor(muster).is_signed_up(walk)
    eve = Visitor(muster, "Eve Example")

    eve.waits_to_see(walk, taken=1, waiting=0)

    assert re.search(r"\b2\b[^<]*places left", eve.reads(f"/events/{walk.id}").text)
    assert walk.title in eve.reads("/").text


def test_who_waits_gets_the_place_that_another_gives_back(
    muster: Stack, organiser: Organiser
) -> None:
    walk = organiser.publishes(places=1)
    ada, ben = Visitor(muster, "Ada Example"), Visitor(muster, "Ben Example")
    ada.is_signed_up(walk)
    assert ben.signs_up(walk) == "You are on the waiting list"
    waiting = ben.mailbox.waits_for("You are on the waiting list")
    ben.waits_to_see(walk, taken=1, waiting=1)
    assert waiting.calendar is None

    adas_link = ada.mailbox.waits_for("You have a place").link
    assert ada.cancels(adas_link) == "You cancelled this sign-up"

    promoted = ben.mailbox.waits_for("A place came free for you")
    cancelled = ada.mailbox.waits_for("You are no longer signed up")
    assert (promoted.method, cancelled.method) == ("REQUEST", "CANCEL")
    assert ben.opens(waiting.link) == "You have a place"
    ben.waits_to_see(walk, taken=1, waiting=0)
    assert len(ada.mailbox.subjects()) == len(ben.mailbox.subjects()) == 2


def test_looking_at_a_link_cancels_nothing_and_cancelling_twice_cancels_once(
    muster: Stack, organiser: Organiser
) -> None:
    walk = organiser.publishes(places=2)
    ada, ben = Visitor(muster, "Ada Example"), Visitor(muster, "Ben Example")
    ada.is_signed_up(walk)
    ben.is_signed_up(walk)
    link = ada.mailbox.waits_for("You have a place").link

    assert [ada.opens(link), ada.opens(link)] == ["You have a place"] * 2
    assert {ada.cancels(link), ada.cancels(link)} == {"You cancelled this sign-up"}

    ada.mailbox.waits_for("You are no longer signed up")
    ben.waits_to_see(walk, taken=1, waiting=0)
    assert len(ada.mailbox.subjects()) == 2


def test_signing_up_twice_takes_one_place_and_the_mail_says_so(
    muster: Stack, organiser: Organiser
) -> None:
    walk = organiser.publishes(places=5)
    ada = Visitor(muster)
    ada.is_signed_up(walk)
    ada.mailbox.waits_for("You have a place")

    assert ada.signs_up(walk) == "You have a place"

    ada.mailbox.waits_for("You are already signed up")
    ada.waits_to_see(walk, taken=1, waiting=0)
    assert ada.sees(walk) == Places(taken=1, waiting=0, left=4)


def test_a_change_of_meeting_point_reaches_who_signed_up(
    muster: Stack, organiser: Organiser
) -> None:
    # So soon that the news cannot wait for the morning, should it be night now.
    walk = organiser.publishes(ahead=timedelta(hours=20))
    ada = Visitor(muster)
    ada.is_signed_up(walk)
    first = ada.mailbox.waits_for("You have a place")

    organiser.moves(walk, to="Corn Hall")

    letter = ada.mailbox.waits_for("Changed", timeout=45)
    assert "Market Cross 1" in letter.text
    assert "Corn Hall" in letter.text
    assert first.calendar is not None
    assert letter.calendar is not None
    assert letter.calendar["UID"] == first.calendar["UID"]
    assert letter.calendar["SEQUENCE"] > first.calendar["SEQUENCE"]
    assert "Corn Hall" in ada.reads(letter.link).text


def test_who_signed_up_hears_that_the_event_is_off_and_why(
    muster: Stack, organiser: Organiser
) -> None:
    # So soon that the news cannot wait for the morning, should it be night now.
    walk = organiser.publishes(places=1, ahead=timedelta(hours=20))
    ada, ben = Visitor(muster, "Ada Example"), Visitor(muster, "Ben Example")
    ada.is_signed_up(walk)
    ben.is_signed_up(walk)
    link = ada.mailbox.waits_for("You have a place").link
    ben.mailbox.waits_for("You are on the waiting list")

    organiser.calls_off(walk, reason="The hall is flooded.")

    letters = [who.mailbox.waits_for("Cancelled: ") for who in (ada, ben)]
    assert all("The hall is flooded." in letter.text for letter in letters)
    assert [letter.method for letter in letters] == ["CANCEL", ""]
    assert ada.opens(link) == "This was called off"
    assert ada.reads(f"/sign-up/{walk.shift_id}").status_code == 409


def test_a_lost_link_comes_by_mail_and_the_page_tells_nobody_who_is_known(
    muster: Stack, organiser: Organiser
) -> None:
    walk = organiser.publishes()
    ada, stranger = Visitor(muster), Visitor(muster, "Sam Example")
    ada.is_signed_up(walk)
    ada.mailbox.waits_for("You have a place")

    assert ada.asks_for_links() == stranger.asks_for_links()

    letter = ada.mailbox.waits_for("Your sign-ups")
    assert ada.opens(letter.link) == "You have a place"
    assert stranger.mailbox.subjects() == []


def test_the_contact_hears_of_each_new_sign_up(muster: Stack, organiser: Organiser) -> None:
    walk = organiser.publishes(notices="at_once")
    ada = Visitor(muster, "Ada Example")

    ada.is_signed_up(walk, party=3)

    letter = Visitor(muster, email=walk.contact_email).mailbox.waits_for("New sign-up")
    assert "Ada signed up for 3 people and has a place" in letter.text
    assert ada.email not in letter.text
