"""From an empty installation to a day in six constituencies that the public finds, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.driver import LONDON, Muster, Visitor
from tests.entering import muster as type_command

pytestmark = pytest.mark.browser

PLACES = (
    ("Castle Square", "Lincoln", "LN1 3AA"),
    ("Market Place", "Newark", "NG24 1DU"),
    ("Old Market Square", "Nottingham South", "NG1 6HN"),
    ("Cathedral Green", "Derby South", "DE1 3GP"),
    ("Market Square", "Stafford", "ST16 2LP"),
    ("Piccadilly", "Stoke-on-Trent Central", "ST1 1HP"),
)
TIMES = (("10:00", "12:00"), ("12:30", "14:00"), ("14:30", "16:00"), ("17:00", "18:30"))
DAY = (datetime.now(LONDON) + timedelta(days=40)).date()


@pytest.fixture
def muster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Muster]:
    """Return an embedded system in which there is nothing yet."""
    system = Muster(data=tmp_path_factory.mktemp("empty"), demo=False)
    try:
        system.start()
        yield system
    finally:
        system.stop()


@pytest.mark.timeout(180)
def test_a_group_is_founded_and_its_day_in_six_constituencies_is_found(
    muster: Muster, new_visitor: Callable[..., Visitor]
) -> None:
    type_command(
        muster.environment, "administrator", "add", "ada@muster.example", "--name", "Ada Example"
    )
    organiser, administrator, visitor = new_visitor(), new_visitor(), new_visitor()

    asks_to_join(organiser)
    lets_the_group_in(administrator)
    signs_in_by_mail(organiser)
    plans_a_day_with_24_shifts(organiser)
    organiser.page.get_by_role("button", name="Publish").click()
    organiser.reads("Published")

    finds_it_by_postcode(visitor)
    expect(visitor.page.locator(".receipt-placed")).to_contain_text("Out along the Trent")


def asks_to_join(organiser: Visitor) -> None:
    """Fill in the form of a new group."""
    organiser.opens("/groups/join")
    organiser.types("Name of your group", "Friends of the Trent")
    organiser.types("Where you are at home", "From Lincoln to Stoke")
    organiser.types("What you do", "We listen on doorsteps.")
    organiser.types("Your name", f"{organiser.first_name} Example")
    organiser.types("Your email address", organiser.email)
    organiser.types("Privacy notice", "https://trent.example/privacy")
    organiser.types("Imprint", "Promoted by Friends of the Trent, 1 High Street, Anytown")
    organiser.page.get_by_role("button", name="Ask to join").click()
    organiser.reads("Thank you")


def lets_the_group_in(administrator: Visitor) -> None:
    """See on the first page that a group waits, and approve it."""
    administrator.signs_in("ada@muster.example")
    administrator.page.get_by_role("main").get_by_role("link", name="See who asks to join").click()
    administrator.page.get_by_role("link", name="Friends of the Trent").click()
    administrator.page.get_by_role("button", name="Let the group in").click()
    administrator.reads("This group was let in")


def signs_in_by_mail(organiser: Visitor) -> None:
    """Follow the mail that says how to begin, sign in by a second one, and come out there."""
    organiser.opens_the_newest_mail()
    organiser.follows(r"/organise/groups/\d+/start")
    organiser.types("Your email address", organiser.email)
    organiser.page.get_by_role("button", name="Mail me a link").click()
    organiser.opens_the_newest_mail(count=2)
    organiser.follows(r"/sign-in/link/[\w.~?=&;%/-]+")
    organiser.page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(organiser.page).to_have_url(re.compile(r"/organise/groups/\d+/start$"))


def plans_a_day_with_24_shifts(organiser: Visitor) -> None:
    """Draft an action day, and fill its grid: six places across, four times down."""
    page = organiser.page
    organiser.reads("Plan your first event")
    page.get_by_role("link", name="Events", exact=True).click()
    page.get_by_role("link", name="New event").first.click()
    page.get_by_role("link", name=re.compile("^Action day")).click()
    organiser.types("Title", "Out along the Trent")
    organiser.types("First day", DAY.isoformat())
    organiser.types("Meeting points", "\n".join(place for place, _, _ in PLACES))
    page.get_by_role("button", name="Go on to the shifts").click()
    page.get_by_role("button", name="Add a time").click()
    page.get_by_role("button", name="Add a time").click()
    for column, (_, constituency, postcode) in enumerate(PLACES):
        page.locator(f"[name=column-{column}-constituency]").fill(constituency)
        page.locator(f"[name=column-{column}-postcode]").fill(postcode)
    for row, (starts, ends) in enumerate(TIMES):
        page.locator(f"[name=row-{row}-day]").fill(DAY.isoformat())
        page.locator(f"[name=row-{row}-starts]").fill(starts)
        page.locator(f"[name=row-{row}-ends]").fill(ends)
        for column in range(len(PLACES)):
            page.locator(f"[name=cell-{row}-{column}]").fill("10")
    page.get_by_role("button", name="Save the shifts").last.click()
    organiser.reads("Saved")
    page.get_by_role("link", name="Back to the event").click()
    organiser.reads("24 shifts")


def finds_it_by_postcode(visitor: Visitor) -> None:
    """Search near home, open the event, and take a place."""
    visitor.opens("/")
    visitor.types("Your postcode", "ST1 1AA")
    visitor.page.get_by_label("Within").select_option("10")
    visitor.page.get_by_role("button", name="Show", exact=True).click()
    visitor.page.get_by_role("link", name="Out along the Trent").first.click()
    expect(visitor.page.locator(".shift")).to_have_count(24)
    visitor.reads("Stoke-on-Trent Central")
    visitor.page.get_by_role("link", name=re.compile("Sign up")).first.click()
    visitor.fills_in_the_form()
    visitor.sends_the_form()
    visitor.page.wait_for_url("**/sign-up/receipt/*")
