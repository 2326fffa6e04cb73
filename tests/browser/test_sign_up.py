"""What a visitor does with a sign-up, from the schedule to giving the place back, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driver import Event, Muster, Visitor
from tests.eventually import eventually

pytestmark = pytest.mark.browser


@pytest.fixture
def event(muster: Muster) -> Event:
    """Return a published event with ten places."""
    return muster.publish_event()


def places_left(visitor: Visitor, event: Event) -> str:
    visitor.opens(f"/events/{event.id}")
    return visitor.page.locator(".shift .places").first.inner_text()


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_visitor_signs_up_from_the_schedule(
    new_visitor: Callable[..., Visitor], event: Event, javascript: bool
) -> None:
    visitor = new_visitor(javascript=javascript)
    visitor.opens(f"/?group={event.group_id}")
    visitor.page.get_by_role("link", name=event.title).first.click()
    visitor.page.get_by_role("link", name=re.compile("Sign up")).first.click()

    visitor.fills_in_the_form(party=2)
    visitor.sends_the_form()

    expect(visitor.page).to_have_url(re.compile("/sign-up/receipt/"))
    expect(visitor.page.locator(".receipt-placed")).to_contain_text(event.title)
    eventually(lambda: "8 " in places_left(visitor, event), timeout=20, every=0.1)
    visitor.opens_the_newest_mail()
    visitor.reads(event.title)


def test_the_schedule_itself_leads_to_the_form(visitor: Visitor) -> None:
    visitor.opens("/")

    visitor.page.locator(".shift-action a").first.click()

    expect(visitor.page).to_have_url(re.compile(r"/sign-up/\d+$"))
    expect(visitor.page.get_by_label("Your name")).to_be_visible()


def test_errors_stand_beside_their_fields_and_the_summary_leads_there(
    visitor: Visitor, event: Event
) -> None:
    visitor.opens_the_form_of(event)
    visitor.types("Your email address", "not an address, I am afraid")
    visitor.sends_the_form()

    summary = visitor.page.get_by_role("alert")
    expect(summary).to_be_focused()
    email = visitor.page.get_by_label("Your email address")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description(re.compile("Error: Enter an email address"))
    expect(email).to_have_value("not an address, I am afraid")
    for name in ("name", "email", "consent"):
        summary.locator(f'a[href="#field-{name}"]').click()
        expect(visitor.page.locator(f"#field-{name}")).to_be_focused()


def test_the_mailed_link_gives_the_place_back(visitor: Visitor, event: Event) -> None:
    visitor.signs_up(event)
    visitor.opens_the_newest_mail()

    visitor.follows_the_mailed_link()
    visitor.cancels()

    visitor.reads(re.compile("cancelled", re.IGNORECASE))
    eventually(lambda: "10 " in places_left(visitor, event), timeout=20, every=0.1)
    assert eventually(lambda: visitor.has_mail() == 2, timeout=20, every=0.1)


def test_a_freed_place_goes_to_the_one_who_waits(
    new_visitor: Callable[..., Visitor], muster: Muster
) -> None:
    event = muster.publish_event(places=1)
    first, second = new_visitor(), new_visitor(javascript=False)
    first.signs_up(event)
    second.signs_up(event)
    expect(first.page.locator(".receipt-placed")).to_be_visible()
    expect(second.page.locator(".receipt-waiting")).to_be_visible()
    second.waits_for_mail()

    first.opens_the_newest_mail()
    first.follows_the_mailed_link()
    first.cancels()

    second.opens_the_newest_mail(count=2)
    second.follows_the_mailed_link()
    expect(second.page.locator(".receipt-placed")).to_be_visible()


def test_somebody_who_tries_muster_finds_the_mailbox(visitor: Visitor, event: Event) -> None:
    visitor.signs_up(event)

    visitor.page.get_by_role("link", name="the mailbox").click()

    expect(visitor.page.get_by_role("heading", name="All mail")).to_be_visible()


def test_places_follow_on_a_page_that_stays_open(
    visitor: Visitor, muster: Muster, event: Event
) -> None:
    visitor.opens(f"/events/{event.id}")
    places = visitor.page.locator(".shift .places")
    expect(places).to_contain_text("10 ")

    muster.give_a_place(event)

    def follow() -> bool:
        # Somebody who comes back to the tab is not kept waiting for the script's next turn.
        visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        return "9 " in places.inner_text()

    eventually(follow, timeout=10, every=0.2)


def test_a_form_not_here_yet_is_asked_for_again(visitor: Visitor) -> None:
    visitor.opens("/sign-up/999999998")

    with visitor.page.expect_request("**/sign-up/999999998"):
        visitor.reads("asks again by itself")


def test_two_quick_clicks_make_one_sign_up(visitor: Visitor, event: Event) -> None:
    visitor.opens_the_form_of(event)
    visitor.fills_in_the_form()

    visitor.page.locator("main form button[type=submit]").dblclick()

    expect(visitor.page.locator(".receipt-placed")).to_be_visible()
    eventually(lambda: "9 " in places_left(visitor, event), timeout=20, every=0.1)


def test_the_keyboard_reaches_the_content_first(visitor: Visitor) -> None:
    visitor.opens("/")

    visitor.page.keyboard.press("Tab")
    expect(visitor.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    visitor.page.keyboard.press("Enter")

    expect(visitor.page.locator("main")).to_be_focused()
