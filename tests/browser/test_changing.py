"""Waiting, an offer, another time, a friend instead: what people do by their link, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.driver import Event, Muster, Visitor

pytestmark = pytest.mark.browser

NewVisitor = Callable[..., Visitor]


def opens_own_page(visitor: Visitor, *, mails: int = 1) -> None:
    """Follow the link of the newest of so many mails."""
    visitor.opens_the_newest_mail(count=mails)
    visitor.follows_the_mailed_link()


@pytest.fixture
def full(new_visitor: NewVisitor, muster: Muster) -> tuple[Event, Visitor]:
    """Return an event that asks before it gives a place, and who has its only one."""
    event = muster.publish_event(places=1, promotion="offers")
    holder = new_visitor()
    holder.signs_up(event)
    opens_own_page(holder)
    return event, holder


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_who_waits_is_asked_and_says_yes(
    new_visitor: NewVisitor, full: tuple[Event, Visitor], javascript: bool
) -> None:
    event, holder = full
    waiting = new_visitor(javascript=javascript)
    waiting.opens_the_form_of(event)
    waiting.reads("This shift is full just now.")
    waiting.fills_in_the_form()
    waiting.sends_the_form()
    waiting.reads("You are next in line.")
    waiting.waits_for_mail()

    holder.cancels()
    opens_own_page(waiting, mails=2)
    waiting.reads("A place is waiting for your answer")
    waiting.presses("Yes, I am coming")

    waiting.reads("You have a place")
    waiting.opens_the_newest_mail(count=3)


def test_who_says_no_passes_the_place_on(
    new_visitor: NewVisitor, full: tuple[Event, Visitor]
) -> None:
    event, holder = full
    first, second = new_visitor(), new_visitor()
    for visitor in (first, second):
        visitor.signs_up(event)
        visitor.waits_for_mail()
    holder.cancels()
    opens_own_page(first, mails=2)

    first.presses("No, pass it on")

    first.reads("You said no")
    opens_own_page(second, mails=2)
    second.reads("A place is waiting for your answer")


def test_an_answer_given_twice_changes_nothing(
    new_visitor: NewVisitor, full: tuple[Event, Visitor]
) -> None:
    event, holder = full
    waiting = new_visitor()
    waiting.signs_up(event)
    waiting.waits_for_mail()
    holder.cancels()
    opens_own_page(waiting, mails=2)
    link = waiting.page.url
    again = waiting.page.context.new_page()
    again.goto(link)

    waiting.presses("Yes, I am coming")
    waiting.reads("You have a place")
    again.get_by_role("button", name="Yes, I am coming").click()

    expect(again.locator("main")).to_contain_text("You have a place")


def test_somebody_changes_to_another_time(new_visitor: NewVisitor, muster: Muster) -> None:
    event = muster.publish_event(places=1, shifts=2)
    visitor, next_in_line = new_visitor(), new_visitor()
    visitor.signs_up(event)
    next_in_line.signs_up(event)
    next_in_line.waits_for_mail()
    opens_own_page(visitor)

    visitor.unfolds("Another time suits me better")
    visitor.presses("Change to this")

    visitor.reads("You have a place")
    opens_own_page(next_in_line, mails=2)
    next_in_line.reads("You have a place")


def test_somebody_waits_for_another_time_and_keeps_theirs(
    new_visitor: NewVisitor, muster: Muster
) -> None:
    event = muster.publish_event(places=1, shifts=2)
    other = Event(id=event.id, shift_id=event.others[0], group_id=event.group_id, title=event.title)
    visitor, there = new_visitor(), new_visitor()
    there.signs_up(other)
    visitor.signs_up(event)
    opens_own_page(visitor)
    visitor.unfolds("Another time suits me better")
    visitor.presses("Wait for this")
    visitor.reads("Until then the place you have on another shift stays yours.")
    visitor.waits_for_mail(count=2)

    opens_own_page(there)
    there.cancels()

    # One mail of the new place, and one of the old: whichever came last leads to the new.
    opens_own_page(visitor, mails=4)
    new = visitor.page.get_by_role("link", name="See my new shift")
    if new.count():
        new.click()
    visitor.reads("You have a place")


def test_a_friend_comes_instead(new_visitor: NewVisitor, full: tuple[Event, Visitor]) -> None:
    _event, holder = full
    friend, late = new_visitor(), new_visitor()
    holder.unfolds("A friend comes in my place")
    holder.presses("Make the link")
    link = holder.page.locator("code.secret", has_text="/claim/").inner_text()

    friend.page.goto(link)
    friend.reads("A place is yours, if you come")
    assert holder.first_name not in friend.page.content()
    friend.types("Your name", f"{friend.first_name} Example")
    friend.types("Your email address", friend.email)
    friend.page.get_by_role("checkbox", name=re.compile("organise this event")).check()
    friend.sends_the_form()

    friend.reads("You have a place")
    friend.opens_the_newest_mail()
    holder.page.reload()
    holder.reads("A friend comes in your place")
    late.page.goto(link)
    late.reads("the place has its guest")


def test_fewer_come(new_visitor: NewVisitor, muster: Muster) -> None:
    event = muster.publish_event(places=3)
    party, waiting = new_visitor(), new_visitor(javascript=False)
    party.signs_up(event, party=3)
    waiting.signs_up(event)
    waiting.waits_for_mail()
    opens_own_page(party)

    party.unfolds("Fewer of us are coming")
    party.presses("Save")

    party.reads("2 people")
    opens_own_page(waiting, mails=2)
    waiting.reads("You have a place")


def test_a_friend_is_brought_along(new_visitor: NewVisitor, muster: Muster) -> None:
    event = muster.publish_event()
    visitor, friend = new_visitor(), new_visitor()
    visitor.signs_up(event)
    opens_own_page(visitor)
    visitor.unfolds("Bring a friend")

    friend.page.goto(visitor.page.locator("code.secret", has_text="friend=").inner_text())
    friend.reads("A friend would like you to come along.")
    friend.fills_in_the_form()
    friend.sends_the_form()

    friend.reads("You have a place")


def test_a_bent_link_says_what_to_do(visitor: Visitor) -> None:
    visitor.opens("/my/WzEsMV0.bent")

    visitor.reads("There is nothing at this address.")


def test_the_form_asks_what_the_event_wants_to_know(visitor: Visitor, muster: Muster) -> None:
    question = {"label": "What can you bring?", "kind": "choice", "options": ["A van", "A car"]}
    event = muster.publish_event(questions=[{**question, "required": True}], shifts=3)
    visitor.opens_the_form_of(event)
    visitor.fills_in_the_form()
    visitor.sends_the_form()
    expect(visitor.page.get_by_role("alert")).to_contain_text("Please answer “What can you bring?”")

    visitor.page.get_by_label("A van").check()
    visitor.unfolds("Can you do another shift, too?")
    visitor.page.get_by_role("checkbox", name=re.compile("Market Cross")).first.check()
    visitor.sends_the_form()

    visitor.reads("And these too")
