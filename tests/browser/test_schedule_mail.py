"""The weekly mail in Chromium: found, asked for, confirmed, tried out, ended, taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driver import Muster, Visitor
from tests.browser.looking import check_for_everybody

pytestmark = pytest.mark.browser


def asks_for_the_mail(visitor: Visitor) -> None:
    """Search, follow the link below what was found, and send the form."""
    visitor.opens("/?postcode=LN2+1AA&miles=25")
    visitor.page.get_by_role("link", name="once a week by mail").click()
    expect(visitor.page.get_by_label("Your postcode")).to_have_value("LN2 1AA")
    expect(visitor.page.get_by_label("How far")).to_have_value("25")
    visitor.types("Your email address", visitor.email)
    visitor.types("Your first name", visitor.first_name)
    visitor.page.get_by_role("checkbox", name=re.compile("Write to me by email")).check()
    visitor.presses("Send me the weekly mail")
    visitor.reads("Look in your mail")


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_somebody_asks_confirms_chooses_ends_it_and_takes_that_back(
    new_visitor: Callable[..., Visitor], javascript: bool
) -> None:
    visitor = new_visitor(javascript=javascript)
    asks_for_the_mail(visitor)
    visitor.opens_the_newest_mail()
    visitor.follows(r"/mail/schedule/confirm/[\w-]+")
    visitor.presses("Yes, send it to me")
    visitor.reads("Done: the weekly mail is yours.")

    visitor.page.get_by_label("On which day?").select_option("Sunday")
    visitor.page.get_by_label("Lesson or class").check()
    visitor.presses("Save")
    visitor.reads("Saved.")
    visitor.reads(re.compile("Every Sunday at 17:00: .*of these kinds: Lesson or class"))

    visitor.presses("Unsubscribe")
    visitor.reads("No more weekly mail")
    visitor.presses("Subscribe again")
    visitor.reads("Good: the weekly mail goes on.")
    visitor.reads("Every Sunday at 17:00")


def test_an_organiser_sees_what_somebody_would_get(visitor: Visitor, muster: Muster) -> None:
    muster.publish_event(title="Garden day near the castle")
    visitor.signs_in()
    visitor.opens("/organise/notices")
    visitor.page.get_by_role("link", name="The weekly schedule mail").click()
    visitor.types("Near", "LN2 1AA")
    visitor.presses("Show")

    mail = visitor.page.frame_locator(".mail-frame")
    expect(mail.locator("h1")).to_contain_text("within 10 miles of LN2")
    visitor.presses("Send it to me")
    visitor.reads("It is on its way to admin@muster.example.")
    check_for_everybody(visitor)


def test_every_page_about_the_mail_is_for_everybody(visitor: Visitor) -> None:
    visitor.opens("/mail/schedule?kind=lesson")
    check_for_everybody(visitor)
    visitor.presses("Send me the weekly mail")
    visitor.reads("There is a problem")
    check_for_everybody(visitor)
    asks_for_the_mail(visitor)
    check_for_everybody(visitor)
    visitor.opens_the_newest_mail()
    visitor.follows(r"/mail/schedule/confirm/[\w-]+")
    check_for_everybody(visitor)
    visitor.presses("Yes, send it to me")
    visitor.reads("Done: the weekly mail is yours.")
    check_for_everybody(visitor)
    preferences = visitor.page.url.partition("?")[0]
    visitor.page.goto(preferences.replace("/preferences/", "/unsubscribe/"))
    check_for_everybody(visitor)
    visitor.presses("Unsubscribe")
    visitor.reads("None comes to")
    check_for_everybody(visitor)
    visitor.opens("/mail/schedule/confirm/of-long-ago")
    check_for_everybody(visitor)
