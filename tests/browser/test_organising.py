"""Organisers at work, as they and their visitors see it in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Locator, expect

from tests.browser.driver import LONDON, Muster, Visitor
from tests.browser.looking import PHONE, check_for_everybody
from tests.browser.test_groups import presses
from tests.eventually import eventually

pytestmark = pytest.mark.browser

CONSOLE = (
    "/organise",
    "/organise/me",
    "/organise/groups/1/events",
    "/organise/groups/1/events/new",
    "/organise/groups/1/events/new?kind=action_day",
    "/organise/groups/1/organisers",
    "/organise/groups/1/tokens",
    "/organise/groups/1/trail",
    "/organise/groups/1/import",
    "/organise/events/1",
    "/organise/events/1/details",
    "/organise/events/1/shifts",
    "/organise/events/1/shifts/1",
    "/organise/events/1/preview",
    "/organise/events/1/move",
    "/organise/events/1/copy",
    "/organise/events/1/cancel",
    "/organise/events/1/repeat",
    "/organise/network",
)
PUBLIC = ("/sign-in", "/sign-in/link/nobody-was-given-this", "/campaigns/1", "/embed/groups/1")


@pytest.fixture
def new_organiser(new_visitor: Callable[..., Visitor]) -> Callable[[], Visitor]:
    """Return a function that brings the administrator, with a browser of their own."""

    def bring() -> Visitor:
        visitor = new_visitor()
        visitor.signs_in()
        return visitor

    return bring


@pytest.mark.parametrize("path", CONSOLE)
def test_a_page_for_organisers_is_for_everybody(
    new_organiser: Callable[[], Visitor], path: str
) -> None:
    organiser = new_organiser()
    organiser.opens(path)
    expect(organiser.page).to_have_url(re.compile(re.escape(path) + "$"))
    check_for_everybody(organiser)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_page_for_anyone_is_for_everybody(visitor: Visitor, path: str) -> None:
    visitor.opens(path)
    check_for_everybody(visitor)


def test_two_organisers_keep_what_both_of_them_typed(
    new_organiser: Callable[[], Visitor], muster: Muster
) -> None:
    event = muster.publish_event()
    robin, sam = new_organiser(), new_organiser()
    for organiser in (robin, sam):
        organiser.opens(f"/organise/events/{event.id}/details")
    robin.types("Accessibility", "There is a ramp.")
    robin.types("What to bring", "A flask")
    presses(robin, "Save")
    robin.reads("Saved")

    sam.types("Title", f"{event.title}, again")
    sam.types("What to bring", "An umbrella")
    presses(sam, "Save")

    sam.reads("Somebody else saved this page")
    sam.reads("A flask")
    check_for_everybody(sam)
    sam.page.get_by_label("Keep theirs").check()
    presses(sam, "Save")
    sam.reads("Saved")
    sam.opens(f"/events/{event.id}")
    for words in (f"{event.title}, again", "There is a ramp.", "A flask"):
        sam.reads(words)


def test_the_grid_says_in_the_cell_what_somebody_else_saved(
    new_organiser: Callable[[], Visitor], muster: Muster
) -> None:
    event = muster.publish_event()
    robin, sam = new_organiser(), new_organiser()
    for organiser, places in ((robin, "14"), (sam, "16")):
        organiser.opens(f"/organise/events/{event.id}/shifts")
        cell(organiser).fill(places)
    saves_the_shifts(robin)
    robin.reads("Saved: 1 changed")

    saves_the_shifts(sam)

    sam.reads("Somebody else saved this: 14 at Market Cross")
    check_for_everybody(sam)
    saves_the_shifts(sam)
    sam.reads("Saved: 1 changed")
    expect(cell(sam)).to_have_value("16")


def cell(organiser: Visitor) -> Locator:
    """Return the first cell of the grid."""
    return organiser.page.locator("[name=cell-0-0]")


def saves_the_shifts(organiser: Visitor) -> None:
    organiser.page.get_by_role("button", name="Save the shifts").last.click()


def test_a_list_with_a_mistake_is_mended_applied_and_undone(
    new_organiser: Callable[[], Visitor], tmp_path: Path
) -> None:
    day = f"{datetime.now(LONDON) + timedelta(days=30):%Y-%m-%d}"
    organiser = new_organiser()
    uploads(organiser, tmp_path / "list.csv", "soon")
    organiser.reads("1 row has a problem")
    expect(organiser.page.get_by_role("button", name="Apply")).to_have_count(0)
    check_for_everybody(organiser)

    uploads(organiser, tmp_path / "list.csv", day)
    organiser.reads("Nothing has been changed yet")
    presses(organiser, "Apply 1 row")
    organiser.page.get_by_role("link", name="See the events").wait_for()
    check_for_everybody(organiser)
    organiser.page.locator(".ledger a").first.click()
    organiser.reads("Out from a list")
    organiser.page.go_back()

    presses(organiser, "Undo this import")
    organiser.reads("Undone")
    organiser.opens("/organise/groups/1/events?show=drafts")
    expect(organiser.page.get_by_text("Out from a list")).to_have_count(0)


def uploads(organiser: Visitor, file: Path, day: str) -> None:
    """Give a list with one row, and wait until it was looked at."""
    file.write_text(
        "title,place,postcode,date,starts,ends,places\n"
        f"Out from a list,Castle Square,LN1 3AA,{day},10:00,12:00,10\n"
    )
    organiser.opens("/organise/groups/1/import")
    organiser.page.get_by_label("CSV file").set_input_files(file)
    presses(organiser, "Check this file")
    organiser.page.locator(".ledger").wait_for()


def test_a_training_and_campaigning_are_booked_together_without_script(
    new_visitor: Callable[..., Visitor],
) -> None:
    visitor = new_visitor(javascript=False, width=PHONE)
    visitor.opens("/?group=2")
    visitor.page.get_by_role("link", name="London campaign and train day", exact=True).click()
    visitor.page.get_by_role("link", name="Book training and campaigning together").first.click()

    visitor.types("Your name", "Vi Example")
    visitor.types("Your email address", visitor.email)
    visitor.page.locator("[name=consent]").check()
    visitor.sends_the_form()

    visitor.reads("And these too")
    expect(visitor.page.get_by_text("You have a place", exact=True)).to_have_count(2)
    eventually(lambda: visitor.has_mail() == 2, timeout=30, every=0.1)


def test_a_weekly_class_keeps_its_hour_when_the_clocks_change(
    new_organiser: Callable[[], Visitor],
) -> None:
    organiser = new_organiser()
    first = last_sunday_of_october() - timedelta(days=6)
    repeats_a_class_from(organiser, first)
    check_for_everybody(organiser)
    series = organiser.page.url
    before, after = organiser.page.locator(".ledger td[data-label=Day]").all_inner_texts()
    assert "18:30 to 20:00" in before
    assert "18:30 to 20:00" in after
    later, earlier = organiser.page.locator(".ledger a").nth(1), organiser.page.locator(".ledger a")
    one_by_itself = later.get_attribute("href")
    all_of_them = earlier.first.get_attribute("href")

    organiser.opens(f"{one_by_itself}/details")
    organiser.types("Title", "Maths with cake")
    presses(organiser, "Save")
    organiser.reads("Saved")
    organiser.opens(f"{all_of_them}/shifts")
    organiser.page.locator("[name=row-0-starts]").fill("17:00")
    organiser.page.get_by_label("This one and all later ones").check()
    saves_the_shifts(organiser)
    organiser.reads("Saved")

    organiser.page.goto(series)
    expect(organiser.page.locator("h1")).to_have_text("Monday maths")
    rows = organiser.page.locator(".ledger tbody tr")
    expect(rows.nth(0)).to_contain_text("17:00 to 20:00")
    expect(rows.nth(1)).to_contain_text("18:30 to 20:00")
    expect(rows.nth(1)).to_contain_text("Changed by itself")
    for path in ("/rule", "/end"):
        organiser.page.goto(series + path)
        check_for_everybody(organiser)


def last_sunday_of_october() -> date:
    """Return the day of next year on which summer time ends."""
    last = date(datetime.now(LONDON).year + 1, 10, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def repeats_a_class_from(organiser: Visitor, day: date) -> None:
    """Plan a class of the third group, and let it repeat every week."""
    organiser.opens("/organise/groups/3/events/new?kind=lesson")
    organiser.types("Title", "Monday maths")
    organiser.types("First day", day.isoformat())
    organiser.types("Meeting points", "Library")
    presses(organiser, "Go on to the shifts")
    organiser.page.get_by_role("link", name="Back to the event").click()
    organiser.page.get_by_role("link", name="Repeat it").click()
    presses(organiser, "Repeat on these days")
    organiser.page.wait_for_url("**/organise/series/*")


def test_who_is_removed_is_out_at_the_next_click(
    new_organiser: Callable[[], Visitor], visitor: Visitor
) -> None:
    owner = new_organiser()
    owner.opens("/organise/groups/2/organisers")
    owner.types("Email address", visitor.email)
    owner.page.get_by_label("Name", exact=True).fill(visitor.first_name)
    presses(owner, "Invite")
    visitor.signs_in(visitor.email)
    visitor.opens("/organise/groups/2/events")
    visitor.reads("London campaign and train day")

    owner.page.locator("summary", has_text=f"Remove {visitor.first_name}").click()
    check_for_everybody(owner)
    presses(owner, f"Yes, remove {visitor.first_name}")

    visitor.opens("/organise/groups/2/events")
    expect(visitor.page).to_have_url(re.compile("/sign-in"))


def test_a_token_is_shown_once_and_opens_nothing_when_revoked(
    new_organiser: Callable[[], Visitor], muster: Muster
) -> None:
    owner = new_organiser()
    owner.opens("/organise/groups/1/tokens")
    presses(owner, "Make it")
    owner.reads("There is a problem")
    owner.types("What it is for", "Our web form")
    presses(owner, "Make it")
    token = owner.page.locator("code.secret").inner_text()
    check_for_everybody(owner)
    assert asks(muster, token) == 200

    owner.opens("/organise/groups/1/tokens")
    assert token not in owner.page.content()
    owner.page.locator("summary", has_text="Revoke Our web form").click()
    presses(owner, "Yes, revoke Our web form")

    owner.reads("Revoked")
    eventually(lambda: asks(muster, token) == 401, timeout=5, every=0.1)


def asks(muster: Muster, token: str) -> int:
    """Return with what status a program is answered that asks for the first group."""
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{muster.address}/api/groups/1", headers=headers, timeout=20).status_code


def test_a_group_that_is_asked_holds_the_event_too_without_its_hosts_pages(
    new_visitor: Callable[..., Visitor], new_organiser: Callable[[], Visitor], muster: Muster
) -> None:
    event = muster.publish_event()
    host, sam = new_organiser(), new_visitor(javascript=False, width=PHONE)
    host.opens(f"/organise/events/{event.id}/co-hosts")
    host.types("Which group?", f"Residents of {event.title}")
    presses(host, "Ask")
    host.reads("There is a problem")
    host.types("Which group?", "four corners of london")
    presses(host, "Ask")

    sam.signs_in("sam@four-corners.example")
    sam.page.get_by_role("link", name="Four Corners of London is asked").first.click()
    presses(sam, "Hold it with them")
    sam.reads("Leave this event")

    sam.opens(f"/organise/events/{event.id}")
    expect(sam.page.get_by_role("link", name="Organisers", exact=True)).to_have_count(0)
    expect(sam.page.get_by_role("link", name="Co-hosts")).to_be_visible()
    sam.opens("/groups/2")
    sam.reads(event.title)
