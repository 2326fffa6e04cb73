"""The people of Muster and what they do with it, over HTTP and mail alone."""

from __future__ import annotations

import email
import email.policy
import html
import itertools
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import requests
from icalendar import Calendar, Event

from tests.containers import Stack
from tests.eventually import eventually

LONDON = ZoneInfo("Europe/London")
A_PERSON_TYPES = 2.2
"""Seconds; a form that comes back sooner looks like a machine's and waits for a review."""

_numbers = itertools.count(1)


def email_of(name: str) -> str:
    """Return an address that nobody else has, in this run or another."""
    return f"{name.lower()}-{secrets.token_hex(4)}@people.example"


def heading(page: requests.Response) -> str:
    """Return what a page says first."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", found.group(1)).strip()) if found else ""


@dataclass(frozen=True)
class Gathering:
    """A published event, as the tests hold on to it."""

    id: int
    group_id: int
    title: str
    contact_email: str
    shift_ids: tuple[int, ...]

    @property
    def shift_id(self) -> int:
        """The shift of an event that has one only."""
        (only,) = self.shift_ids
        return only


@dataclass(frozen=True)
class Places:
    """The numbers of one shift on the public page."""

    taken: int
    waiting: int
    left: int | None


@dataclass
class Organiser:
    """Somebody with the token of the programs' API."""

    stack: Stack
    contact_email: str = field(default_factory=lambda: email_of("Robin"))

    def publishes(
        self,
        *,
        places: int | None = 10,
        more: Sequence[int | None] = (),
        notices: str = "off",
        ahead: timedelta = timedelta(days=21),
    ) -> Gathering:
        """Publish an event of a new group so far `ahead`; return once people can sign up.

        Its one shift has so many `places`; `more` adds shifts with theirs, each a day later.
        """
        title = f"Walk and talk {next(_numbers)}"
        group = self.asks(
            "POST",
            "/api/groups",
            {
                "name": f"Residents of {title}",
                "contact_name": "Robin Example",
                "contact_email": self.contact_email,
                "privacy_url": "https://residents.example/privacy",
                "imprint": "Residents, 1 High Street, Anytown",
                "signup_notices": notices,
            },
        )
        draft = self.asks(
            "POST",
            "/api/events",
            {
                "group_id": group["id"],
                "kind": "action_day",
                "title": title,
                "description": "We meet, we walk, we talk.",
                "shifts": [
                    self._shift(capacity, number, ahead + timedelta(days=number))
                    for number, capacity in enumerate([places, *more])
                ],
            },
        )
        self.asks("POST", f"/api/events/{draft['id']}/publish")
        gathering = Gathering(
            id=draft["id"],
            group_id=group["id"],
            title=title,
            contact_email=self.contact_email,
            shift_ids=tuple(shift["id"] for shift in draft["shifts"]),
        )
        self.stack.wait(lambda: self._is_known(gathering), timeout=90)
        return gathering

    def moves(self, gathering: Gathering, *, to: str) -> None:
        """Let the one shift meet somewhere else."""
        path = f"/api/events/{gathering.id}/shifts/{gathering.shift_id}"
        self.asks("PATCH", path, {"place": to})

    def calls_off(self, gathering: Gathering, *, reason: str) -> None:
        """Cancel the event."""
        self.asks("POST", f"/api/events/{gathering.id}/cancel", {"reason": reason})

    def notices_to(self, signup_id: int) -> list[dict[str, Any]]:
        """Return what the ledger of notices says about one sign-up."""
        found: list[dict[str, Any]] = self.asks("GET", f"/api/notices?signup_id={signup_id}")[
            "notices"
        ]
        return found

    def asks(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Call the API and return its answer's body."""
        answer = self.stack.call(method, path, json=body)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def _shift(self, places: int | None, number: int, ahead: timedelta) -> dict[str, Any]:
        # Reckoned by UTC: wall time has an hour that never comes, when the clocks change.
        starts = datetime.now(UTC) + ahead
        if ahead > timedelta(days=1):
            starts = starts.astimezone(LONDON).replace(hour=10, minute=0).astimezone(UTC)
        ends = starts + timedelta(hours=2)
        return {
            "place": f"Market Cross {number + 1}",
            "address": "Market Place, Anytown",
            "postcode": "LN2 1AA",
            "constituency": "Anytown North",
            "starts_at": f"{starts.astimezone(LONDON):%Y-%m-%dT%H:%M}",
            "ends_at": f"{ends.astimezone(LONDON):%Y-%m-%dT%H:%M}",
            "zone": "Europe/London",
            "capacity": places,
        }

    def _is_known(self, gathering: Gathering) -> bool:
        """Tell whether signups and notifications know the event by now."""
        forms = [f"/sign-up/{shift_id}" for shift_id in gathering.shift_ids]
        forms.append(f"/mail/contact/events/{gathering.id}")
        return all(self.stack.get(form).status_code == 200 for form in forms)


@dataclass
class Visitor:
    """Somebody without any account, with a browser and a mailbox."""

    stack: Stack
    name: str = "Ada Example"
    email: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.email = self.email or email_of(self.name.split()[0])
        self.headers = self.stack.from_somewhere()

    @property
    def mailbox(self) -> Mailbox:
        """Where this visitor's mail arrives."""
        return Mailbox(self.stack, self.email)

    def reads(self, path: str) -> requests.Response:
        """Open a page; `path` may be a whole link."""
        return self.stack.get(path.removeprefix(self.stack.url), headers=self.headers)

    def opens_form(self, gathering: Gathering) -> OpenForm:
        """Open the form of the event's one shift."""
        page = self.reads(f"/sign-up/{gathering.shift_id}")
        assert page.status_code == 200, f"{page.status_code} {heading(page)}"
        token = re.search(r'name="form_token" value="([^"]+)"', page.text)
        assert token, page.text
        return OpenForm(self, gathering.shift_id, html.unescape(token.group(1)), time.monotonic())

    def signs_up(self, gathering: Gathering, *, party: int = 1) -> str:
        """Sign up as a person does; return what the receipt says first."""
        receipt = self.opens_form(gathering).sends(party=party)
        assert receipt.status_code == 200, f"{receipt.status_code} {heading(receipt)}"
        return heading(receipt)

    def is_signed_up(self, gathering: Gathering, *, party: int = 1) -> str:
        """Sign up through another site's form; return the state that it is told."""
        answer = sign_up_through_site(self.stack, gathering.shift_id, self.email, party=party)
        assert answer.status_code == 201, f"{answer.status_code} {answer.text}"
        state: str = answer.json()["state"]
        return state

    def sees(self, gathering: Gathering, shift_id: int | None = None) -> Places:
        """Return the places that the event's page shows."""
        page = self.reads(f"/events/{gathering.id}/places.json")
        page.raise_for_status()
        wanted = shift_id or gathering.shift_id
        (shift,) = (shift for shift in page.json()["shifts"] if shift["id"] == wanted)
        return Places(taken=shift["taken"], waiting=shift["waiting"], left=shift["left"])

    def waits_to_see(
        self, gathering: Gathering, taken: int, waiting: int, *, timeout: float = 30
    ) -> None:
        """Wait until the event's page shows these numbers."""

        def shown() -> bool:
            places = self.sees(gathering)
            assert (places.taken, places.waiting) == (taken, waiting)
            return True

        self.stack.wait(shown, timeout=timeout)

    def opens(self, link: str) -> str:
        """Follow a mail's link; return what "my sign-up" says first."""
        page = self.reads(link)
        assert page.status_code == 200, f"{page.status_code} {heading(page)}"
        return heading(page)

    def cancels(self, link: str) -> str:
        """Press the button on "my sign-up"; return what it says then."""
        path = link.removeprefix(self.stack.url)
        answer = self.stack.post(f"{path}/cancel", headers=self.headers)
        assert answer.status_code == 303, f"{answer.status_code} {heading(answer)}"
        return self.opens(answer.headers["Location"])

    def asks_for_links(self) -> str:
        """Type the address into "I lost my link"; return what the page says."""
        page = self.stack.post("/my", data={"email": self.email}, headers=self.headers)
        assert page.status_code == 200, page.status_code
        return heading(page)


@dataclass(frozen=True)
class OpenForm:
    """A sign-up form on somebody's screen."""

    visitor: Visitor
    shift_id: int
    token: str
    opened_at: float

    def sends(self, *, party: int = 1) -> requests.Response:
        """Fill the form in as fast as a person can, send it, and follow to the receipt."""
        typed = {
            "name": self.visitor.name,
            "email": self.visitor.email,
            "phone": "",
            "postcode": "",
            "party": str(party),
            "consent": "true",
            "form_token": self.token,
            "website": "",
        }
        eventually(lambda: time.monotonic() - self.opened_at > A_PERSON_TYPES)
        stack, headers = self.visitor.stack, self.visitor.headers
        answer = stack.post(f"/sign-up/{self.shift_id}", data=typed, headers=headers)
        if answer.status_code != 303:
            return answer
        return self.visitor.reads(answer.headers["Location"])


def sign_up_through_site(
    stack: Stack,
    shift_id: int,
    address: str,
    *,
    party: int = 1,
    key: str = "",
    session: requests.Session | None = None,
) -> requests.Response:
    """Send a sign-up as another site's web form does; the same `key` is the same request."""
    return (session or requests).post(
        f"{stack.url}/api/signups",
        json={
            "shift_id": shift_id,
            "name": f"{address.split('-')[0].title()} Example",
            "email": address,
            "party": party,
            "consent": True,
        },
        headers={
            "Authorization": f"Bearer {stack.api_token}",
            "Idempotency-Key": key or secrets.token_hex(16),
        },
        timeout=30,
    )


@dataclass(frozen=True)
class Letter:
    """A mail as its reader has it."""

    message_id: str
    subject: str
    text: str
    reply_to: str
    calendar: Event | None
    method: str

    @property
    def link(self) -> str:
        """The link to "my sign-up"."""
        found = re.search(r"http\S+/my/\S+", self.text)
        assert found, self.text
        return found.group()


@dataclass(frozen=True)
class Mailbox:
    """The mail of one address."""

    stack: Stack
    address: str

    def subjects(self) -> list[str]:
        """Return the subjects of all mail so far, oldest first."""
        return [mail["Subject"] for mail in reversed(self._mails())]

    def waits_for(self, words: str, *, timeout: float = 30) -> Letter:
        """Return the one mail whose subject has these words, once it is there."""

        def arrived() -> list[dict[str, Any]]:
            found = [mail for mail in self._mails() if words in mail["Subject"]]
            assert found, f"only {self.subjects()}"
            return found

        found = self.stack.wait(arrived, timeout=timeout)
        (only,) = found
        return read_letter(self.stack.raw_mail(only["ID"]))

    def _mails(self) -> list[dict[str, Any]]:
        return [
            mail
            for mail in self.stack.mails(to=self.address)
            if self.address in [to["Address"] for to in mail["To"]]
        ]


def read_letter(raw: bytes) -> Letter:
    """Read a mail as a mail program does."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text = message.get_body(("plain",))
    assert text is not None
    calendar, method = None, ""
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            invitation = Calendar.from_ical(part.get_content())
            method = str(invitation["METHOD"])
            (calendar,) = invitation.walk("VEVENT")
    return Letter(
        message_id=str(message["Message-ID"]),
        subject=str(message["Subject"]),
        text=text.get_content(),
        reply_to=str(message["Reply-To"] or ""),
        calendar=calendar,
        method=method,
    )
