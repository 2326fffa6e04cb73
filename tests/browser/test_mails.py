"""A group's own words in its mails, and the story of each, as organisers see them in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driver import Muster, Visitor
from tests.browser.looking import check_for_everybody
from tests.browser.test_groups import presses
from tests.eventually import eventually

pytestmark = pytest.mark.browser


@pytest.fixture
def organiser(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Return the administrator, with a browser of their own."""
    visitor = new_visitor()
    visitor.signs_in()
    return visitor


def opens_mail(visitor: Visitor, subject: str, *, count: int = 1) -> None:
    """Wait until so many mails with such a subject have come; open the newest of them."""
    mails = visitor.page.locator(".notice-mail a", has_text=subject)

    def are_there() -> bool:
        visitor.has_mail()
        return mails.count() >= count

    eventually(are_there, timeout=30, every=0.1)
    mails.first.click()
    visitor.page.wait_for_url(re.compile(r"/mail/[^?/]+$"))


@pytest.mark.timeout(150)
def test_an_organiser_changes_the_words_of_a_mail_and_goes_back(
    organiser: Visitor, new_visitor: Callable[..., Visitor], muster: Muster
) -> None:
    event = muster.publish_event()
    first, second = new_visitor(), new_visitor()
    organiser.opens(f"/organise/notices/groups/{event.group_id}/mails")
    organiser.reads("Event cancelled")
    check_for_everybody(organiser)
    organiser.page.get_by_role("link", name="Confirmation", exact=True).click()
    organiser.types("Words", "Dear {first_name},\n\nthere is cake at {place}, {nobody}.")
    presses(organiser, "Preview")
    organiser.reads("Line 3: There is no {nobody} in this mail.")
    check_for_everybody(organiser)

    organiser.types("Subject", "Cake on {day}")
    organiser.types("Words", "Dear {first_name},\n\nthere is cake at {place}.")
    presses(organiser, "Preview")
    organiser.reads("Only a preview.")
    shown = organiser.page.frame_locator("iframe[title='The mail on a phone']")
    expect(shown.locator("body")).to_contain_text("Dear Robin,")
    check_for_everybody(organiser)
    presses(organiser, "Save")
    organiser.reads("Saved. Mails say this from now on.")

    first.signs_up(event)
    opens_mail(first, "Cake on ")
    mail = first.page.frame_locator(".mail-frame").locator("body")
    expect(mail).to_contain_text(f"Dear {first.first_name},")
    expect(mail).to_contain_text("there is cake at Market Cross.")

    organiser.unfolds("Back to the standard words")
    presses(organiser, "Use the standard words")
    organiser.reads("This mail has the standard words again.")
    organiser.reads("What it said before")
    check_for_everybody(organiser)
    second.signs_up(event)
    opens_mail(second, "You have a place")


def test_a_colour_that_is_too_light_is_refused_and_the_nearest_taken(
    organiser: Visitor, muster: Muster
) -> None:
    event = muster.publish_event()
    organiser.opens(f"/organise/notices/groups/{event.group_id}/look")
    organiser.types("Colour of buttons and links", "#f0b45f")
    presses(organiser, "Save")
    organiser.reads("The nearest that is dark enough is #a2650f.")
    check_for_everybody(organiser)

    organiser.types("Colour of buttons and links", "#a2650f")
    presses(organiser, "Save")
    organiser.reads("Saved. Mails have this colour from now on.")

    button = organiser.page.frame_locator(".mail-frame").first.locator(".button td")
    organiser.page.emulate_media(color_scheme="light")
    expect(button).to_have_css("background-color", "rgb(162, 101, 15)")
    organiser.page.emulate_media(color_scheme="dark")
    expect(button).to_have_css("background-color", "rgb(235, 155, 42)")
    check_for_everybody(organiser)


def test_an_organiser_finds_what_somebody_was_told_and_sends_it_again(
    organiser: Visitor, visitor: Visitor, muster: Muster
) -> None:
    event = muster.publish_event()
    visitor.signs_up(event)
    opens_mail(visitor, "You have a place")

    organiser.opens("/organise/notices")
    organiser.types("Name or address", visitor.email)
    organiser.page.get_by_label("Kind").select_option("confirmation")
    presses(organiser, "Show")
    expect(organiser.page.locator(".ledger tbody tr")).to_have_count(1)
    organiser.reads(event.title)
    check_for_everybody(organiser)
    organiser.page.get_by_role("link", name=re.compile("^Confirmation")).click()
    organiser.reads("Sent")
    check_for_everybody(organiser)
    presses(organiser, "Send again")
    organiser.reads("This mail is due now")
    opens_mail(visitor, "You have a place", count=2)

    organiser.page.get_by_role("link", name=re.compile("^Sign-up")).click()
    told = organiser.page.locator(".ledger tbody tr", has_text="Confirmation")
    expect(told).to_have_count(2)
    check_for_everybody(organiser)
    organiser.opens(f"/organise/notices/events/{event.id}")
    organiser.reads(re.compile(r"\d of \d sent"))
    check_for_everybody(organiser)
