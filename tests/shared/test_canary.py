"""A person with details that nobody else has lives through everything and is erased; then no part
of the system knows them: no database, no message, no log, no mailbox, no backup made afterwards."""

from __future__ import annotations

import html
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.browser.driver import Muster
from tests.eventually import eventually

ERASED_WITHIN = 30.0
"""Seconds until all services have answered."""

GONE_WITHIN = 30.0
"""Seconds until no file of the folder has a trace, SQLite's log included."""


class Canary:
    """Somebody whose every detail is found wherever it lies."""

    def __init__(self) -> None:
        mark = secrets.token_hex(5)
        self.name = f"Zaphira{mark} Quillfeather{mark}"
        self.email = f"zaphira.{mark}@canary{mark}.example"
        self.phone = f"+4477{secrets.randbelow(10**8):08d}"

    def found_in(self, folder: Path) -> dict[str, list[str]]:
        """Return which details stand in which files below a folder."""
        details = [*self.name.split(), self.email, self.phone, self.phone[3:]]
        found = {}
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes().lower()
                here = [d for d in details if d.lower().encode() in content]
                if here:
                    found[path.name] = here
        return found


@pytest.fixture(scope="module")
def muster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Muster]:
    """A whole system of its own, in one process."""
    running = Muster(tmp_path_factory.mktemp("canary"), demo=False)
    running.start()
    yield running
    running.stop()


def sign_up(muster: Muster, shift_id: int, canary: Canary, **more: str) -> None:
    """Sign up by the form, as people do."""
    page = requests.get(f"{muster.address}/sign-up/{shift_id}", timeout=20)
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token, page.text
    typed = {
        "name": canary.name,
        "email": canary.email,
        "phone": canary.phone,
        "party": "1",
        "consent": "yes",
        "agree_mail": "yes",
        "form_token": html.unescape(token[1]),
        "website": "",
        **more,
    }
    answer = requests.post(f"{muster.address}/sign-up/{shift_id}", data=typed, timeout=20)
    assert answer.ok, answer.text


def mail_to(muster: Muster, canary: Canary, subject: str) -> str:
    """Wait for a mail in the local mailbox; return its text."""

    def arrived() -> str:
        listed = requests.get(f"{muster.address}/mail", params={"to": canary.email}, timeout=20)
        for path, words in re.findall(r'href="(/mail/\d+)[^"]*"[^>]*>(.*?)</a>', listed.text, re.S):
            if subject in html.unescape(words):
                return requests.get(f"{muster.address}{path}", timeout=20).text
        raise AssertionError(listed.text[-3000:])

    return str(eventually(arrived, timeout=30))


def link_in(page: str, start: str) -> str:
    found = re.search(rf"http\S+{start}/[\w.\-]+", html.unescape(page))
    assert found, page
    return found.group()


def post(url: str, **typed: Any) -> requests.Response:
    answer = requests.post(url, data=typed, timeout=20)
    assert answer.ok, f"{answer.status_code} {answer.text[-2000:]}"
    return answer


def live_through_everything(muster: Muster, canary: Canary) -> None:
    """Get a place, change, lose the link, wait elsewhere, and cancel there."""
    has_room, full = muster.publish_event(places=5), muster.publish_event(places=1)
    muster.give_a_place(full)
    sign_up(muster, has_room.shift_id, canary)
    mine = link_in(mail_to(muster, canary, "You have a place"), "/my")
    post(f"{mine}/transfer")
    sign_up(muster, full.shift_id, canary)
    waits = link_in(mail_to(muster, canary, "waiting list"), "/my")
    post(f"{waits}/wish", wish="ask")
    post(f"{muster.address}/my", email=canary.email)
    mail_to(muster, canary, "Your sign-ups")
    post(f"{waits}/cancel", reason=f"{canary.name} is ill")
    mail_to(muster, canary, "no longer signed up")
    ask(muster, canary)
    subscribe(muster, canary)
    # Once more, as somebody who looks like a machine and waits for a review.
    sign_up(muster, full.shift_id, canary, website="https://spam.example")


def ask(muster: Muster, canary: Canary) -> None:
    """Write to a group, by its contact form."""
    form = f"{muster.address}/mail/contact/groups/1"
    token = re.search(r'name="form_token" value="([^"]+)"', requests.get(form, timeout=20).text)
    assert token
    typed = {"name": canary.name, "email": canary.email, "words": f"{canary.name} has a question"}
    post(form, **typed, form_token=html.unescape(token[1]))


def subscribe(muster: Muster, canary: Canary) -> None:
    """Confirm the weekly mail that was ticked at sign-up, choose, end it and take that back."""
    asked = link_in(mail_to(muster, canary, "the weekly schedule"), "/mail/schedule/confirm")
    chosen = post(asked).url.partition("?")[0]
    post(chosen, first_name=canary.name.split()[0], postcode="LN2 1AA", hour="9")
    post(chosen.replace("/preferences/", "/unsubscribe/"))
    post(f"{chosen}/again")


def erase(muster: Muster, canary: Canary) -> float:
    """Ask for the links and press all their buttons; return the seconds until all is done."""
    post(f"{muster.address}/my/privacy", email=canary.email)
    page = mail_to(muster, canary, "What is kept of you")
    waited = 0.0
    for link in sorted(set(re.findall(r"http\S+/my/privacy/[\w.\-]+", html.unescape(page)))):
        began = time.monotonic()
        answer = post(link, sure="yes")
        eventually(lambda where=answer.url: _is_done(where), timeout=60)
        waited = max(waited, time.monotonic() - began)
    return waited


def _is_done(where: str) -> bool:
    return "Everything is erased" in requests.get(where, timeout=20).text


@pytest.mark.timeout(180)
def test_an_erased_canary_is_nowhere(muster: Muster, tmp_path: Path) -> None:
    canary, other = Canary(), Canary()
    live_through_everything(muster, canary)
    live_through_everything(muster, other)
    assert {"signups.sqlite", "notifications.sqlite"} <= {
        name.removesuffix("-wal") for name in canary.found_in(muster.data / "muster")
    }, "the search finds what is there"
    assert "events.sqlite" not in canary.found_in(muster.data / "muster")

    assert erase(muster, canary) < ERASED_WITHIN

    def gone() -> bool:
        assert canary.found_in(muster.data) == {}
        return True

    eventually(gone, timeout=GONE_WITHIN)
    backup = shutil.copytree(muster.data / "muster", tmp_path / "backup")
    assert canary.found_in(backup) == {}
    # The negative control: who was not erased is there still, in the backup too.
    assert other.found_in(backup)
    log = (muster.data / "log").read_text()
    assert other.email not in log
    assert other.name not in log


@pytest.mark.timeout(120)
def test_who_was_erased_may_come_again(muster: Muster) -> None:
    canary, walk = Canary(), muster.publish_event(places=5)
    sign_up(muster, walk.shift_id, canary)
    before = link_in(mail_to(muster, canary, "You have a place"), "/my")
    erase(muster, canary)

    sign_up(muster, walk.shift_id, canary)

    assert link_in(mail_to(muster, canary, "You have a place"), "/my") != before
