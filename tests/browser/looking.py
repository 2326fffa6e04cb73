"""What is looked for on every page: nothing sideways, and no barrier to anybody."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.driver import Visitor

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW, PHONE, DESK = 320, 390, 1280


def check_for_everybody(visitor: Visitor) -> None:
    """Expect the page in hand, once it is there whole, to be without barriers."""
    visitor.page.wait_for_load_state()
    assert sideways(visitor.page) == []
    assert barriers(visitor.page) == []


def sideways(page: Page) -> list[str]:
    """Return the widths at which the page would have to be scrolled sideways."""
    found = []
    for width in (NARROW, PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 800})
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            found.append(f"{width} px wide, but needs {needed} px")
    return found


def barriers(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2 A and AA, at both widths and in both colour schemes.

    What is dark differs from what is light by its colours only, so only these are asked again.
    """
    found = []
    page.evaluate(AXE_SCRIPT)
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="light")
        found += [f"{width} px: {said}" for said in axe(page, {"type": "tag", "values": WCAG})]
        page.emulate_media(color_scheme="dark")
        colours = {"type": "rule", "values": ["color-contrast"]}
        found += [f"{width} px, dark: {said}" for said in axe(page, colours)]
    return found


def axe(page: Page, run_only: dict[str, object]) -> list[str]:
    """Return each violation that axe finds: its rule, the element and what to do.

    The page has been given the script before: that takes as long as half a question to it.
    """
    options = {"runOnly": run_only, "resultTypes": ["violations"]}
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in page.evaluate("options => axe.run(options)", options)["violations"]
        for node in violation["nodes"]
    ]
