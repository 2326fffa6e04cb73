"""A program that opens every link of every mail, as mail servers do, changes nothing anywhere."""

from __future__ import annotations

import hashlib
import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from email.policy import default

import pytest
import requests

from tests.browser.driver import Muster
from tests.entering import muster as type_command
from tests.eventually import eventually

from .test_canary import Canary, link_in, mail_to, post, sign_up

SERVICES = ("events", "signups", "notifications")
OWNER = "owner@muster.example"
OF_THE_MACHINE = ("chores", "sqlite_sequence")
"""Tables in which each process notes when it did what."""


@pytest.fixture(scope="module")
def muster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Muster]:
    """A whole system of its own, in one process."""
    running = Muster(tmp_path_factory.mktemp("scanned"), demo=False)
    running.start()
    yield running
    running.stop()


def dump(muster: Muster) -> dict[str, str]:
    """Return a digest of every table of every service."""
    found = {}
    for service in SERVICES:
        path = muster.data / "muster" / f"{service}.sqlite"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            names = "SELECT name FROM sqlite_master WHERE type = 'table'"
            for (table,) in connection.execute(names).fetchall():
                if table not in OF_THE_MACHINE:
                    rows = sorted(map(repr, connection.execute(f'SELECT * FROM "{table}"')))
                    found[f"{service}.{table}"] = hashlib.sha256("".join(rows).encode()).hexdigest()
    return found


def links_of_all_mails(muster: Muster) -> set[str]:
    """Return every address of this system in the text, the HTML and the calendar of all mails."""
    listed = requests.get(f"{muster.address}/mail", timeout=20).text
    found: set[str] = set()
    for path in set(re.findall(r'href="(/mail/\d+)"', listed)):
        source = requests.get(f"{muster.address}{path}/source", timeout=20).content
        for part in message_from_bytes(source, policy=default).iter_parts():
            said = html.unescape(re.sub(r"\r?\n[ \t]", "", part.get_content()))
            found |= set(re.findall(rf"{re.escape(muster.address)}[^\s\"<>]*", said))
    return {link.rstrip(".") for link in found}


def be_at_rest(muster: Muster) -> dict[str, str]:
    """Wait until nothing changes any more; return what there is."""
    seen: list[dict[str, str]] = [{}]

    def is_at_rest() -> bool:
        seen.append(dump(muster))
        return seen[-1] == seen[-2]

    eventually(is_at_rest, timeout=30, every=0.5)
    return seen[-1]


def mail_everything(muster: Muster) -> None:
    """Let somebody get mails about places, waiting, an offer, a friend, lost links and more."""
    person, walk, full = Canary(), muster.publish_event(places=5), muster.publish_event(places=1)
    sign_up(muster, walk.shift_id, person)
    mine = link_in(mail_to(muster, person, "You have a place"), "/my")
    post(f"{mine}/transfer")
    first = Canary()
    sign_up(muster, full.shift_id, first)
    sign_up(muster, full.shift_id, person)
    mail_to(muster, person, "waiting list")
    placed = link_in(mail_to(muster, first, "You have a place"), "/my")
    post(f"{placed}/cancel")
    mail_to(muster, first, "no longer signed up")
    mail_to(muster, person, "place")
    sign_up(muster, walk.shift_id, person)
    mail_to(muster, person, "already signed up")
    post(f"{muster.address}/my", email=person.email)
    mail_to(muster, person, "Your sign-ups")
    post(f"{muster.address}/my/privacy", email=person.email)
    mail_to(muster, person, "What is kept of you")
    added = ("administrator", "add", OWNER, "--name", "Olive Owner")
    type_command(muster.environment, *added)
    post(f"{muster.address}/sign-in", email=OWNER)


@pytest.mark.timeout(150)
def test_opening_every_link_of_every_mail_changes_nothing(muster: Muster) -> None:
    mail_everything(muster)
    before = be_at_rest(muster)
    links = links_of_all_mails(muster)
    for path in ("/my/", "/sign-in/link/", "/my/privacy/", "/events/"):
        assert any(path in link for link in links), path

    answers = {link: requests.get(link, timeout=20).status_code for link in sorted(links)}

    assert {link: status for link, status in answers.items() if status >= 400} == {}
    after = be_at_rest(muster)
    assert len(answers) >= 8
    assert [name for name in after if after[name] != before.get(name)] == []


@pytest.mark.timeout(60)
def test_pressing_a_button_is_seen_in_the_dump(muster: Muster) -> None:
    person, walk = Canary(), muster.publish_event(places=5)
    sign_up(muster, walk.shift_id, person)
    mine = link_in(mail_to(muster, person, "You have a place"), "/my")
    before = be_at_rest(muster)

    post(f"{mine}/cancel")

    assert dump(muster) != before
