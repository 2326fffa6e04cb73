"""One embedded system and one Chromium for all browser tests; a fresh visitor for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.driver import Muster, Visitor

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
PATIENCE = 15_000
"""Milliseconds that a browser, or an expectation of what it shows, may take."""

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def muster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Muster]:
    """Return the running embedded system."""
    system = Muster(data=tmp_path_factory.mktemp("muster"))
    try:
        system.start()
        yield system
    finally:
        system.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the machine's own Chromium."""
    path = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    assert path, f"the browser tests need one of {', '.join(CHROMIUM_NAMES)}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def new_visitor(chromium: Browser, muster: Muster) -> Iterator[Callable[..., Visitor]]:
    """Return a function that brings a visitor with a browser of their own.

    At the end no visitor's browser may have complained: no script error, nothing that the
    content security policy blocked.
    """
    visitors = []
    contexts = []

    def bring(*, javascript: bool = True, width: int = 1280) -> Visitor:
        context = chromium.new_context(
            java_script_enabled=javascript,
            viewport={"width": width, "height": 800},
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        visitors.append(Visitor(context.new_page(), muster))
        return visitors[-1]

    yield bring
    for context in contexts:
        context.close()
    assert [said for visitor in visitors for said in visitor.complaints] == []


@pytest.fixture
def visitor(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Return a visitor with an ordinary browser."""
    return new_visitor()
