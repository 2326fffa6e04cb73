"""A group's schedule on somebody else's site: shown where it may be, and nowhere else."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.driver import Event, Muster, Visitor
from tests.browser.looking import check_for_everybody
from tests.eventually import eventually

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Our own site</title>
<h1>Our own site</h1><script src="{muster}/embed.js" data-group="{group}" {more}></script>
<p id="after">Below the frame</p></html>"""


@dataclass
class Site:
    """A web site on another origin, with one page that includes a group's schedule."""

    origin: str
    page: str = ""


@pytest.fixture
def site() -> Iterator[Site]:
    """Return a site that answers with its page, whatever it is asked for."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = found.page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    found = Site(origin=f"http://localhost:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


def include(site: Site, muster: Muster, event: Event, *, sites: list[str], more: str = "") -> int:
    """Put the group's schedule on the site's page, and name the sites that may show it."""
    group: int = muster.ask("GET", f"/events/{event.id}")["group_id"]
    muster.ask("PATCH", f"/groups/{group}", {"embed_sites": sites})
    site.page = PAGE.format(muster=muster.address, group=group, more=more)
    return group


FORM = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Our own site</title>
<h1>Our own site</h1><script src="{muster}/embed.js" data-shift="{shift}" async></script></html>"""
OWN_FORM = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Our own form</title>
<form method="post" action="{muster}/embed/sign-up/{shift}">
<label>Name <input name="name"></label> <label>Address <input name="email"></label>
<label><input type="checkbox" name="consent" value="yes"> I agree</label>
<button>Send</button></form></html>"""


def frame_on(page: Page) -> FrameLocator:
    return page.frame_locator("iframe")


def height_of(page: Page) -> float:
    box = page.locator("iframe").bounding_box()
    assert box
    return box["height"]


@pytest.mark.parametrize("width", [390, 800])
def test_a_listed_site_shows_the_schedule_as_high_as_it_is(
    new_visitor: Callable[..., Visitor], muster: Muster, site: Site, width: int
) -> None:
    event = muster.publish_event()
    include(site, muster, event, sites=["https://www.other.example", site.origin])
    visitor = new_visitor(width=width)

    visitor.page.goto(site.origin)

    frame = frame_on(visitor.page)
    expect(frame.get_by_role("link", name=event.title, exact=True)).to_be_visible()
    inside = frame.locator("body")

    def fits() -> bool:
        needed = inside.locator("main").evaluate("main => main.scrollHeight")
        return bool(abs(height_of(visitor.page) - needed) <= 1)

    eventually(fits, timeout=10, every=0.1)
    assert height_of(visitor.page) != 480, "it is as high as it was before anybody asked"
    assert inside.evaluate("body => document.documentElement.scrollWidth") <= width
    assert visitor.page.context.cookies() == []


def test_the_frame_grows_with_the_width_and_with_nobody_s_word_but_its_own(
    new_visitor: Callable[..., Visitor], muster: Muster, site: Site
) -> None:
    include(site, muster, muster.publish_event(), sites=[site.origin])
    visitor = new_visitor(width=800)
    visitor.page.goto(site.origin)
    eventually(lambda: height_of(visitor.page) != 480, timeout=10, every=0.1)
    wide = height_of(visitor.page)

    visitor.page.evaluate("postMessage({ musterHeight: 9999 }, '*')")
    visitor.page.set_viewport_size({"width": 320, "height": 800})

    eventually(lambda: height_of(visitor.page) > wide, timeout=10, every=0.1)
    assert height_of(visitor.page) < 9999


def test_signing_up_leads_out_of_the_frame(
    new_visitor: Callable[..., Visitor], muster: Muster, site: Site
) -> None:
    event = muster.publish_event()
    include(site, muster, event, sites=[site.origin], more='data-limit="1" async')
    visitor = new_visitor()
    visitor.page.goto(site.origin)

    with visitor.page.context.expect_page() as opened:
        frame_on(visitor.page).get_by_role("link", name=re.compile("Sign up")).click()

    expect(opened.value).to_have_url(f"{muster.address}/sign-up/{event.shift_id}")
    expect(opened.value.get_by_label("Your name")).to_be_visible()
    assert visitor.page.url.rstrip("/") == site.origin


def test_a_form_in_a_frame_takes_a_sign_up_without_cookies(
    new_visitor: Callable[..., Visitor], muster: Muster, site: Site
) -> None:
    event = muster.publish_event()
    include(site, muster, event, sites=[site.origin])
    site.page = FORM.format(muster=muster.address, shift=event.shift_id)
    visitor = new_visitor()
    knows_the_site(muster, event, site)
    visitor.page.goto(site.origin)
    frame = frame_on(visitor.page)
    frame.get_by_label("Your name").fill("Alex Example")
    frame.get_by_label("Your email address").fill(visitor.email)
    frame.get_by_role("checkbox", name=re.compile("organise this event")).check()
    eventually(lambda: height_of(visitor.page) > 480, timeout=10, every=0.1)

    frame.get_by_role("button", name="Sign up").click()

    expect(frame.get_by_role("heading", name="You have a place")).to_be_visible()
    assert visitor.page.url.rstrip("/") == site.origin
    assert visitor.page.context.cookies() == []
    visitor.opens_the_newest_mail()


def test_a_form_of_the_site_s_own_is_sent_here(
    new_visitor: Callable[..., Visitor], muster: Muster, site: Site
) -> None:
    event = muster.publish_event()
    include(site, muster, event, sites=[site.origin])
    site.page = OWN_FORM.format(muster=muster.address, shift=event.shift_id)
    visitor = new_visitor(javascript=False)
    knows_the_site(muster, event, site)
    visitor.page.goto(site.origin)
    visitor.types("Name", "Alex Example")
    visitor.types("Address", visitor.email)
    visitor.page.get_by_label("I agree").check()

    visitor.page.get_by_role("button", name="Send").click()

    visitor.reads("You have a place")
    visitor.opens_the_newest_mail()


def knows_the_site(muster: Muster, event: Event, site: Site) -> None:
    """Wait until the group's sites have come to the service of the forms."""
    form = f"{muster.address}/embed/sign-up/{event.shift_id}"

    def is_known() -> bool:
        policy = requests.get(form, timeout=20).headers["Content-Security-Policy"]
        return site.origin in policy

    eventually(is_known, timeout=10, every=0.1)


@pytest.mark.parametrize("sites", [[], ["https://www.other.example"]], ids=["none", "another"])
def test_any_other_site_shows_an_empty_frame(
    new_visitor: Callable[..., Visitor], muster: Muster, site: Site, sites: list[str]
) -> None:
    event = muster.publish_event()
    include(site, muster, event, sites=sites)
    visitor = new_visitor()

    with visitor.page.expect_console_message(lambda said: "frame-ancestors" in said.text):
        visitor.page.goto(site.origin)

    assert frame_on(visitor.page).get_by_text(event.title).count() == 0
    assert height_of(visitor.page) == 480
    # What the browser said is what was wanted.
    visitor.complaints.clear()


def test_the_framed_page_is_for_everybody(visitor: Visitor, muster: Muster) -> None:
    event = muster.publish_event()
    group = muster.ask("GET", f"/events/{event.id}")["group_id"]

    visitor.opens(f"/embed/groups/{group}")

    check_for_everybody(visitor)


def test_a_link_is_copied_by_one_button(visitor: Visitor, muster: Muster) -> None:
    event = muster.publish_event()
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.opens(f"/events/{event.id}")

    visitor.page.get_by_role("button", name="Copy link").click()

    expect(visitor.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = visitor.page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{muster.address}/events/{event.id}"


def test_without_script_the_link_can_be_taken_from_its_field(
    new_visitor: Callable[..., Visitor], muster: Muster
) -> None:
    event = muster.publish_event()
    visitor = new_visitor(javascript=False)
    visitor.opens(f"/events/{event.id}")

    expect(visitor.page.get_by_label("Link to this event")).to_have_value(
        f"{muster.address}/events/{event.id}"
    )
    expect(visitor.page.get_by_role("button", name="Copy link")).to_be_hidden()


def test_the_words_for_search_engines_are_read_by_the_browser(
    visitor: Visitor, muster: Muster
) -> None:
    event = muster.publish_event()
    visitor.opens(f"/events/{event.id}")

    said = visitor.page.evaluate(
        "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)"
    )

    assert said["name"] == event.title
