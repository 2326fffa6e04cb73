"""Finding something to join, in a real browser, with and without its scripts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driver import Muster, Visitor
from tests.browser.looking import PHONE, check_for_everybody
from tests.eventually import eventually

pytestmark = pytest.mark.browser


def search(visitor: Visitor) -> None:
    visitor.opens("/?postcode=LN2+1AA&miles=50")


def all_filters(visitor: Visitor) -> None:
    visitor.opens("/?constituency=Lincoln&places=yes&from=2026-01-01")


def wrong_filter(visitor: Visitor) -> None:
    visitor.opens("/?from=2027-01-02&to=2027-01-01")
    visitor.reads("There is a problem")


def month(visitor: Visitor) -> None:
    visitor.opens("/?view=month")


def nothing_found(visitor: Visitor) -> None:
    visitor.opens("/?kind=fundraising&postcode=LN2&miles=2")
    visitor.reads("Nothing matches")


def unknown_postcode(visitor: Visitor) -> None:
    visitor.opens("/?postcode=the+hill")
    visitor.reads("We do not know where")


def constituency(visitor: Visitor) -> None:
    visitor.opens("/constituencies/Lincoln")


PAGES = (search, all_filters, wrong_filter, month, nothing_found, unknown_postcode, constituency)


@pytest.mark.parametrize("reach", PAGES, ids=lambda reach: reach.__name__)
def test_a_page_is_for_everybody(
    new_visitor: Callable[..., Visitor], reach: Callable[[Visitor], None]
) -> None:
    visitor = new_visitor()

    reach(visitor)

    check_for_everybody(visitor)


def test_an_event_is_found_without_any_script(
    new_visitor: Callable[..., Visitor], muster: Muster
) -> None:
    # Where no other test has anything on, as they would fill the first page.
    event = muster.publish_event(title="Walk along the Fosse", constituency="Fosse Vale")
    visitor = new_visitor(javascript=False, width=PHONE)
    visitor.opens("/")

    visitor.types("Your postcode", "LN2")
    visitor.page.get_by_label("Within").select_option("25")
    visitor.page.get_by_text("More to choose").click()
    visitor.types("Constituency", "fosse vale")
    visitor.page.get_by_role("button", name="Show").click()
    visitor.page.get_by_role("link", name=event.title, exact=True).click()

    visitor.page.wait_for_url(f"**/events/{event.id}")


def test_a_month_on_a_phone_lists_the_days_with_something_on(
    new_visitor: Callable[..., Visitor], muster: Muster
) -> None:
    muster.publish_event()
    visitor = new_visitor(width=PHONE)
    visitor.opens("/?view=month")
    visitor.page.locator(".month-pager a[rel=next]").click()

    shown = visitor.page.locator(".month td:visible")
    visitor.page.wait_for_url("**view=month**")

    assert shown.count() == visitor.page.locator(".month td:has(li)").count()


def test_the_button_of_a_page_that_stays_open_follows_the_places(
    visitor: Visitor, muster: Muster
) -> None:
    event = muster.publish_event(places=1)
    visitor.opens(f"/events/{event.id}")
    button = visitor.page.locator(".shift-action a")
    expect(button).to_contain_text("Sign up")

    muster.give_a_place(event)

    def is_offered_the_list() -> bool:
        visitor.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        return "Join the list" in button.inner_text()

    eventually(is_offered_the_list, timeout=20, every=0.2)
    expect(button).to_have_class(re.compile("btn-secondary"))
