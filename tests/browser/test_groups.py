"""Groups, co-hosts, campaigns and elections in a real browser, at every width and in the dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.driver import Muster, Visitor
from tests.browser.looking import check_for_everybody
from tests.entering import muster as type_command

pytestmark = pytest.mark.browser

ELECTION = "local.lincoln.2091-05-03"
PUBLIC = (
    "/groups",
    "/groups?q=nobody-has-this-name",
    "/groups/1",
    "/groups/join",
    "/groups/join/asked",
    "/campaigns",
    "/elections",
)
CONSOLE = (
    "/organise/groups/1/profile",
    "/organise/groups/1/groups",
    "/organise/groups/1/start",
    "/organise/groups/1/campaigns",
    "/organise/groups/1/campaigns/new",
    "/organise/events/1/co-hosts",
    "/organise/joining",
    "/organise/elections",
)


@pytest.fixture(scope="module")
def gail(muster: Muster) -> str:
    """Return the address of an administrator whom only these tests know."""
    address = "gail@muster.example"
    type_command(muster.environment, "administrator", "add", address, "--name", "Gail Example")
    return address


def presses(visitor: Visitor, button: str) -> None:
    visitor.page.get_by_role("button", name=re.compile(f"^{button}")).first.click()


@pytest.mark.parametrize("path", PUBLIC)
def test_the_publics_pages_of_groups_are_for_everybody(visitor: Visitor, path: str) -> None:
    visitor.opens(path)
    check_for_everybody(visitor)


@pytest.mark.parametrize("path", CONSOLE)
def test_the_consoles_pages_of_groups_are_for_everybody(
    visitor: Visitor, gail: str, path: str
) -> None:
    visitor.signs_in(gail)
    visitor.opens(path)
    check_for_everybody(visitor)


def test_a_campaign_for_an_election_is_planned_and_shown(visitor: Visitor, gail: str) -> None:
    visitor.signs_in(gail)
    visitor.opens("/organise/elections")
    visitor.types("Election id", ELECTION)
    presses(visitor, "Add")
    visitor.reads("Local elections, Lincoln")

    visitor.opens("/organise/groups/1/campaigns/new")
    visitor.types("Name", "Lincoln by foot")
    presses(visitor, "Save")
    visitor.reads("There is a problem")
    check_for_everybody(visitor)
    visitor.types("Goal", "1000")
    visitor.types("First day", "2090-01-01")
    visitor.types("Last day", "2091-05-03")
    visitor.page.get_by_label("Election").select_option(ELECTION)
    presses(visitor, "Save")
    visitor.page.wait_for_url(re.compile(r"/organise/campaigns/\d+$"))
    check_for_everybody(visitor)
    presses(visitor, "Publish")

    visitor.goes_to("Its public page")
    visitor.reads("0 of 1,000 sign-ups")
    check_for_everybody(visitor)
    visitor.goes_to("Local elections, Lincoln")
    visitor.reads("Lincoln by foot")
    check_for_everybody(visitor)


def test_a_request_to_join_is_declined_with_a_reason(visitor: Visitor, gail: str) -> None:
    visitor.opens("/groups/join")
    presses(visitor, "Ask to join")
    visitor.reads("There is a problem")
    check_for_everybody(visitor)
    for label, words in (
        ("Name of your group", "River Friends"),
        ("Where you are at home", "Newark"),
        ("What you do", "We keep the river clean."),
        ("Your name", "Kim Example"),
        ("Your email address", "kim@river.example"),
        ("Privacy notice", "https://river.example/privacy"),
    ):
        visitor.types(label, words)
    presses(visitor, "Ask to join")
    visitor.reads("Thank you")

    visitor.signs_in(gail)
    visitor.opens("/organise/joining")
    visitor.goes_to("River Friends")
    check_for_everybody(visitor)
    presses(visitor, "Decline")
    visitor.reads("Say why")
    visitor.types("Why", "Please join Midland Mosaic.")
    presses(visitor, "Decline")
    visitor.reads("This group was declined")
    expect(visitor.page.get_by_role("button", name="Let the group in")).to_have_count(0)
