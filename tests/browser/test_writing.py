"""Writing to those who come, and answering who asks, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driver import Event, Muster, Visitor
from tests.browser.looking import check_for_everybody
from tests.entering import muster as type_command

# Each journey looks at several pages at two widths and in two colour schemes.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def wren(muster: Muster) -> str:
    """Return the address of an administrator whom only these tests know."""
    address = "wren@muster.example"
    type_command(muster.environment, "administrator", "add", address, "--name", "Wren Example")
    return address


@pytest.fixture(scope="module")
def walk(muster: Muster) -> Event:
    """Return an event for which somebody signed up, whom notifications knows by now."""
    return muster.publish_event(title="Walk with words")


def test_an_organiser_writes_to_those_who_come(
    new_visitor: Callable[..., Visitor], wren: str, walk: Event
) -> None:
    volunteer, organiser = new_visitor(), new_visitor()
    volunteer.signs_up(walk)
    volunteer.waits_for_mail()
    organiser.signs_in(wren)
    organiser.opens(f"/organise/events/{walk.id}")
    organiser.goes_to("Write to them")
    check_for_everybody(organiser)
    organiser.page.get_by_role("radio", name="Something practical").check()
    organiser.types("Subject", "What to bring on the day")
    organiser.types("What you want to say", "Gloves.\n\nAnd a map: https://residents.example/map")
    organiser.presses("Save and look at it")

    organiser.reads("1 person")
    mail = organiser.page.frame_locator(".mail-frame")
    expect(mail.locator("body")).to_contain_text("Hello Wren")
    check_for_everybody(organiser)
    organiser.presses("Send a test to me")
    organiser.reads("A test is on its way to you")
    organiser.presses("^Send to 1 person")
    organiser.reads("It leaves")
    check_for_everybody(organiser)
    organiser.presses("Stop it")
    organiser.reads("Nothing had left; it is a draft again.")
    organiser.page.get_by_role("link", name="Mailings", exact=True).click()
    organiser.reads("What to bring on the day")
    check_for_everybody(organiser)


def test_who_asks_is_answered(new_visitor: Callable[..., Visitor], wren: str, walk: Event) -> None:
    asker, organiser = new_visitor(width=390), new_visitor()
    asker.opens(f"/events/{walk.id}")
    asker.goes_to("Drop us a line")
    check_for_everybody(asker)
    asker.presses("^Send$")
    asker.reads("Enter your name.")
    check_for_everybody(asker)
    asker.types("Your name", f"{asker.first_name} Example")
    asker.types("Your email address", asker.email)
    asker.types("What you want to ask or say", "May I bring my dog?")
    asker.presses("^Send$")
    asker.reads("The answer comes by mail")
    check_for_everybody(asker)

    organiser.signs_in(wren)
    organiser.opens(f"/organise/notices/groups/{walk.group_id}")
    organiser.reads("1 waiting")
    check_for_everybody(organiser)
    organiser.opens(f"/organise/notices/groups/{walk.group_id}/enquiries")
    check_for_everybody(organiser)
    organiser.goes_to(f"{asker.first_name} Example")
    check_for_everybody(organiser)
    organiser.types("Your answer", "Yes, on a lead.")
    organiser.presses("Send the answer")
    organiser.reads("Wren Example answered")
    check_for_everybody(organiser)
    asker.opens_the_newest_mail()
    expect(asker.page.locator("h1")).to_have_text("Re: Walk with words")
    asker.reads(re.compile("Yes, on a lead"))


def test_a_newcomer_is_greeted(
    new_visitor: Callable[..., Visitor], wren: str, muster: Muster
) -> None:
    event = muster.publish_event(title="A first time for all")
    volunteer, organiser = new_visitor(), new_visitor()
    volunteer.signs_up(event)
    volunteer.waits_for_mail()
    organiser.signs_in(wren)
    organiser.opens(f"/organise/notices/groups/{event.group_id}/newcomers")
    organiser.reads(volunteer.first_name)
    check_for_everybody(organiser)
    organiser.page.get_by_role("combobox").select_option("in_person")
    organiser.presses("I got in touch")
    organiser.reads("In person, by Wren Example")
    check_for_everybody(organiser)
    organiser.presses("Undo")
    organiser.reads("they still wait to hear")
    organiser.page.get_by_role("link", name="What newcomers are told").click()
    organiser.types("Who looks out for newcomers", "Pat")
    organiser.presses("^Save$")
    organiser.reads("It stands in the next welcome.")
    check_for_everybody(organiser)
