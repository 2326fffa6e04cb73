"""While a flood lasts the browser works before a form is taken, and people hardly notice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update
from werkzeug.serving import make_server

from services.signups.app import create_app
from services.signups.models import Shift
from services.signups.operations.floods import LASTS
from shared.database import Database
from tests.conftest import DatabaseOf
from tests.signups.making import make_settings
from tests.signups.visiting import Look, open_shift

pytestmark = pytest.mark.browser


@dataclass
class Flooded:
    """The signups service with one shift for which very many forms come."""

    address: str
    shift: int
    look: Look


@pytest.fixture
def flooded(sqlite_database_of: DatabaseOf) -> Iterator[Flooded]:
    """Serve the forms from a thread."""
    db: Database = sqlite_database_of("signups")
    settings = make_settings(db.url)
    db.info["settings"] = settings
    shift = open_shift(db, capacity=9)
    with db.writing() as session:
        session.execute(update(Shift).values(flood_until=db.now(session) + LASTS))
    server = make_server("127.0.0.1", 0, create_app(settings, db), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Flooded(f"http://127.0.0.1:{server.server_port}", shift, Look(db))
    server.shutdown()
    thread.join()
    server.server_close()


def fill_in(page: Page, flooded: Flooded) -> None:
    page.goto(f"{flooded.address}/sign-up/{flooded.shift}")
    page.get_by_label("Your name").fill("Ada Example")
    page.get_by_label("Your email address").fill("ada@mail.example")
    page.locator("#field-consent").check()


def test_the_browser_does_the_work(chromium: Browser, flooded: Flooded) -> None:
    page = chromium.new_page()
    fill_in(page, flooded)
    expect(page.locator("[data-proof]")).to_contain_text("ready to be sent", timeout=30_000)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", name="You have a place")).to_be_visible()
    assert flooded.look.ranks(flooded.shift) == ["Ada placed"]
    page.close()


def test_a_form_sent_before_the_work_is_done_waits_for_it(
    chromium: Browser, flooded: Flooded
) -> None:
    page = chromium.new_page()
    # The sum goes on only when the form was sent.
    page.add_init_script(
        """
        const digest = crypto.subtle.digest.bind(crypto.subtle);
        const sent = new Promise((go) => addEventListener("submit", go, { capture: true }));
        crypto.subtle.digest = async (...asked) => { await sent; return digest(...asked); };
        """
    )
    fill_in(page, flooded)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", name="You have a place")).to_be_visible(timeout=30_000)
    assert flooded.look.ranks(flooded.shift) == ["Ada placed"]
    page.close()


def test_without_script_somebody_looks_at_the_form_first(
    chromium: Browser, flooded: Flooded
) -> None:
    page = chromium.new_page(java_script_enabled=False)
    fill_in(page, flooded)
    expect(page.locator("[data-proof]")).to_contain_text("without JavaScript somebody looks")
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", name="You have a place")).to_be_visible()
    assert flooded.look.ranks(flooded.shift) == ["Ada pending"]
    page.close()
