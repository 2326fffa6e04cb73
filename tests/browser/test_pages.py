"""Every page at phone and desk width, light and dark: WCAG 2.2 AA, never sideways."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driver import Muster, Visitor
from tests.browser.looking import barriers, check_for_everybody

pytestmark = pytest.mark.browser


def schedule(visitor: Visitor) -> None:
    visitor.opens("/")


def empty_schedule(visitor: Visitor) -> None:
    visitor.opens("/?from=2099-01-01")
    expect(visitor.page.locator(".nothing")).to_be_visible()


def event_page(visitor: Visitor) -> None:
    visitor.opens("/")
    visitor.page.locator(".event-card h3 a").first.click()
    visitor.page.wait_for_url("**/events/*")


def group_page(visitor: Visitor) -> None:
    visitor.opens("/groups/1")


def form(visitor: Visitor) -> None:
    visitor.opens_the_form_of(visitor.muster.publish_event())


def form_with_errors(visitor: Visitor) -> None:
    form(visitor)
    visitor.sends_the_form()
    visitor.reads("There is a problem")


def receipt_of_a_place(visitor: Visitor) -> None:
    visitor.signs_up(visitor.muster.publish_event())
    expect(visitor.page.locator(".receipt-placed")).to_be_visible()


def receipt_of_waiting(visitor: Visitor) -> None:
    event = visitor.muster.publish_event(places=1)
    visitor.muster.give_a_place(event)
    visitor.signs_up(event)
    expect(visitor.page.locator(".receipt-waiting")).to_be_visible()


def my_sign_up(visitor: Visitor) -> None:
    receipt_of_a_place(visitor)
    visitor.opens_the_newest_mail()
    visitor.follows_the_mailed_link()


def my_cancelled_sign_up(visitor: Visitor) -> None:
    my_sign_up(visitor)
    visitor.cancels()
    visitor.reads(re.compile("cancelled", re.IGNORECASE))


def lost_link(visitor: Visitor) -> None:
    visitor.opens("/my")


def lost_link_sent(visitor: Visitor) -> None:
    visitor.opens("/my")
    visitor.types("Your email address", visitor.email)
    visitor.sends_the_form()
    visitor.reads("Look in your mail")


def not_found(visitor: Visitor) -> None:
    visitor.opens("/events/999999999")


def unknown_shift(visitor: Visitor) -> None:
    visitor.opens("/sign-up/999999999")
    expect(visitor.page.get_by_role("link", name="Try again")).to_be_visible()


def cancelled_event(visitor: Visitor) -> None:
    event = visitor.muster.publish_event()
    visitor.muster.ask("POST", f"/events/{event.id}/cancel", {"reason": "The hall is flooded."})
    visitor.opens(f"/events/{event.id}")


def mailbox(visitor: Visitor) -> None:
    visitor.opens("/mail")


def mail(visitor: Visitor) -> None:
    receipt_of_a_place(visitor)
    visitor.opens_the_newest_mail()


def ledger(visitor: Visitor) -> None:
    mail(visitor)
    visitor.signs_in()
    visitor.opens("/organise/notices")
    expect(visitor.page.locator(".ledger")).to_be_visible()


PAGES = (
    schedule,
    empty_schedule,
    event_page,
    group_page,
    cancelled_event,
    form,
    form_with_errors,
    receipt_of_a_place,
    receipt_of_waiting,
    my_sign_up,
    my_cancelled_sign_up,
    lost_link,
    lost_link_sent,
    not_found,
    unknown_shift,
    mailbox,
    mail,
    ledger,
)


@pytest.mark.parametrize("reach", PAGES, ids=lambda reach: reach.__name__)
def test_a_page_is_for_everybody(
    new_visitor: Callable[..., Visitor], muster: Muster, reach: Callable[[Visitor], None]
) -> None:
    visitor = new_visitor()

    reach(visitor)

    check_for_everybody(visitor)


def test_axe_sees_a_barrier_that_was_built_in(visitor: Visitor) -> None:
    visitor.opens("/")
    visitor.page.locator("h1").evaluate("h1 => h1.after(document.createElement('input'))")

    assert any("label" in barrier for barrier in barriers(visitor.page))


def test_a_script_in_the_page_is_blocked_and_noticed(visitor: Visitor) -> None:
    visitor.opens("/")
    visitor.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'hi()'}))"
    )

    noticed = [visitor.complaints.pop() for _ in list(visitor.complaints)]

    assert any("Content Security Policy" in said for said in noticed)
