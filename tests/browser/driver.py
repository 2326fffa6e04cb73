"""Muster as its own process, and the people who use it through a browser."""

from __future__ import annotations

import html
import itertools
import json
import os
import re
import secrets
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests
from playwright.sync_api import ConsoleMessage, Error, Page, expect

from tests.entering import issue_token, muster
from tests.eventually import eventually

ROOT = Path(__file__).resolve().parents[2]
LONDON = ZoneInfo("Europe/London")

_numbers = itertools.count(1)


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


ADMINISTRATOR = "admin@muster.example"
"""Who looks after the demo's network."""


@dataclass
class Muster:
    """The embedded system, with demo data or empty, in a process of its own."""

    data: Path
    demo: bool = True
    port: int = field(default_factory=free_port)
    cookies: dict[str, list[Any]] = field(default_factory=dict)
    """What a browser keeps of somebody who signed in, by address."""
    process: subprocess.Popen[bytes] = field(init=False)

    def sign_in_link(self, address: str = ADMINISTRATOR) -> str:
        """Return a link that signs in somebody who organises, as the command line gives it."""
        return str(json.loads(muster(self.environment, "sign-in-link", address, "--json"))["link"])

    @property
    def environment(self) -> dict[str, str]:
        """What a command needs to work on this system."""
        return {**os.environ, "DATA": str(self.data / "muster"), "PUBLIC_URL": self.address}

    @cached_property
    def token(self) -> str:
        """A token for everything, made when it is first needed."""
        return issue_token(self.environment)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {
            **self.environment,
            "PORT": str(self.port),
            "DEMO": "1" if self.demo else "0",
            "SMTP_URL": "",
            # A test types faster than a person can.
            "FORM_SECONDS": "0",
            "SIGNUPS_PER_IP_HOUR": "1000",
        }
        with (self.data / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services", "run"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        eventually(self.is_ready, timeout=45, every=0.1)

    def is_ready(self) -> bool:
        assert self.process.poll() is None, (self.data / "log").read_text()[-3000:]
        try:
            healthy = requests.get(f"{self.address}/healthz", timeout=5).ok
            page = requests.get(self.address, timeout=5).text
            return healthy and ("/sign-up/" in page or not self.demo)
        except requests.RequestException:
            return False

    def stop(self) -> None:
        """Ask it to end, and see that it does, however many browsers keep connections open."""
        self.process.terminate()
        try:
            assert self.process.wait(15) == 0, (self.data / "log").read_text()[-3000:]
        finally:
            self.process.kill()
            self.process.wait()

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Send a request to the JSON API as the organiser; return the answer's body."""
        answer = requests.request(
            method,
            f"{self.address}/api{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=20,
        )
        assert answer.ok, f"{answer.status_code} {answer.text}"
        body = answer.json() if answer.content else {}
        assert isinstance(body, dict)
        return body

    def give_a_place(self, event: Event) -> None:
        """Give one place of an event to somebody else."""
        person = {"name": "Kim Example", "email": f"kim{next(_numbers)}@people.example"}
        wish = {"shift_id": event.shift_id, "party": 1, "consent": True}
        answer = requests.post(
            f"{self.address}/api/signups",
            json=person | wish,
            headers={
                "Authorization": f"Bearer {self.token}",
                "Idempotency-Key": secrets.token_hex(16),
            },
            timeout=20,
        )
        assert answer.ok, f"{answer.status_code} {answer.text}"

    def publish_event(
        self,
        *,
        places: int | None = 10,
        title: str = "",
        shifts: int = 1,
        constituency: str = "Anytown North",
        **facts: Any,
    ) -> Event:
        """Publish an event in three weeks, its shifts after each other.

        Wait until the other services know it: there are the forms for sign-ups and for questions.
        """
        starts = datetime.now(LONDON).replace(hour=10, minute=0) + timedelta(days=21)
        title = title or f"Walk and talk {next(_numbers)}"
        group = self.ask(
            "POST",
            "/groups",
            {
                "name": f"Residents of {title}",
                "contact_name": "Robin Example",
                "contact_email": "robin@residents.example",
                "privacy_url": "https://residents.example/privacy",
                "imprint": "Residents, 1 High Street, Anytown",
                "signup_notices": "off",
            },
        )
        event = self.ask(
            "POST",
            "/events",
            {
                "group_id": group["id"],
                "kind": "action_day",
                "title": title,
                "description": "We meet, we walk, we talk.",
                "contact_name": "Robin Example",
                "contact_email": "robin@residents.example",
                "shifts": [
                    {
                        "place": "Market Cross",
                        "address": "Market Place, Anytown",
                        "postcode": "LN2 1AA",
                        "constituency": constituency,
                        "starts_at": f"{starts + timedelta(hours=2 * n):%Y-%m-%dT%H:%M}",
                        "ends_at": f"{starts + timedelta(hours=2 * n + 2):%Y-%m-%dT%H:%M}",
                        "zone": "Europe/London",
                        "capacity": places,
                    }
                    for n in range(shifts)
                ],
                **facts,
            },
        )
        self.ask("POST", f"/events/{event['id']}/publish")
        made = Event(
            id=event["id"],
            shift_id=event["shifts"][0]["id"],
            group_id=group["id"],
            title=title,
            others=tuple(shift["id"] for shift in event["shifts"][1:]),
        )
        forms = (f"/sign-up/{made.shift_id}", f"/mail/contact/events/{made.id}")
        eventually(lambda: all(map(self.has, forms)), timeout=20)
        return made

    def has(self, path: str) -> bool:
        """Tell whether there is such a page by now."""
        return requests.get(self.address + path, timeout=20).ok


@dataclass(frozen=True, kw_only=True)
class Event:
    """A published event, with its first shift and perhaps others."""

    id: int
    shift_id: int
    group_id: int
    title: str
    others: tuple[int, ...] = ()


class Visitor:
    """Somebody with a browser, and a mailbox that the embedded system shows."""

    def __init__(self, page: Page, muster: Muster) -> None:
        self.page = page
        self.muster = muster
        self.first_name = f"Alex{next(_numbers)}"
        self.email = f"{self.first_name.lower()}@people.example"
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", self._hear_error)

    def _hear(self, said: ConsoleMessage) -> None:
        # The browser itself notes that a page came with a status like 404: that is no fault of it.
        of_the_page = said.location["url"].split("#")[0] == self.page.url.split("#")[0]
        if said.type in ("error", "warning") and not (
            of_the_page and said.text.startswith("Failed to load resource")
        ):
            self.complaints.append(f"{self.page.url}: {said.text}")

    def _hear_error(self, error: Error) -> None:
        self.complaints.append(f"{self.page.url}: {error}")

    def signs_in(self, address: str = ADMINISTRATOR) -> None:
        """Come in as an organiser, without waiting for a mail, and again as one who came before."""
        if address in self.muster.cookies:
            self.page.context.add_cookies(self.muster.cookies[address])
            self.opens("/organise")
            return
        self.page.goto(self.muster.sign_in_link(address))
        self.page.locator("main form button").click()
        self.page.wait_for_url("**/organise**")
        self.muster.cookies[address] = list(self.page.context.cookies())

    def opens(self, path: str) -> None:
        self.page.goto(self.muster.address + path)

    def reads(self, words: str | re.Pattern[str]) -> None:
        """Expect to see these words on the page, wherever they stand."""
        expect(self.page.locator("main")).to_contain_text(words)

    def types(self, label: str, words: str) -> None:
        self.page.get_by_label(label).fill(words)

    def opens_the_form_of(self, event: Event) -> None:
        self.opens(f"/sign-up/{event.shift_id}")

    def fills_in_the_form(self, *, party: int = 1) -> None:
        self.types("Your name", f"{self.first_name} Example")
        self.types("Your email address", self.email)
        self.types("How many", str(party))
        self.page.get_by_role("checkbox", name=re.compile("organise this event")).check()

    def sends_the_form(self) -> None:
        self.page.locator("main form button[type=submit]").click()

    def signs_up(self, event: Event, *, party: int = 1) -> None:
        self.opens_the_form_of(event)
        self.fills_in_the_form(party=party)
        self.sends_the_form()
        self.page.wait_for_url("**/sign-up/receipt/*")

    def unfolds(self, words: str) -> None:
        """Open what is folded away on a page."""
        self.page.locator("summary", has_text=words).click()

    def presses(self, words: str) -> None:
        self.page.get_by_role("button", name=re.compile(words)).click()

    def goes_to(self, link: str) -> None:
        """Press a link, and wait until the page it leads to has come."""
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=link).first.click()

    def cancels(self) -> None:
        """Cancel on the page of their own sign-up."""
        self.unfolds("I can’t come")
        self.presses("Cancel my sign-up")

    def has_mail(self) -> int:
        """Return how many mails the mailbox has for this visitor now."""
        self.opens(f"/mail?to={self.email}")
        return self.page.locator(".notice-mail").count()

    def waits_for_mail(self, *, count: int = 1) -> None:
        """Wait until `count` mails have come: one that is not sent by then may be overtaken."""
        eventually(lambda: self.has_mail() >= count, timeout=30, every=0.1)

    def opens_the_newest_mail(self, *, count: int = 1) -> None:
        """Wait until `count` mails have come for this visitor; open the newest."""
        self.waits_for_mail(count=count)
        self.page.locator(".notice-mail a").first.click()
        self.page.wait_for_url(re.compile(r"/mail/[^?/]+$"))

    def follows_the_mailed_link(self) -> None:
        """Go where the mail that is open says that the sign-up can be seen or cancelled."""
        self.follows(r"/my/[\w.~-]+")

    def follows(self, path: str) -> None:
        """Go to the first address in the mail that is open whose path looks like `path`."""
        mail = html.unescape(self.page.content())
        found = re.search(re.escape(self.muster.address) + path, mail)
        assert found, f"the mail has no link to {path}"
        self.page.goto(found.group())
