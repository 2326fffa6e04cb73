"""What is kept of somebody, from the mailed link to the last trace, on the whole system."""

from __future__ import annotations

import re
import secrets
import time
from dataclasses import dataclass

import pytest

from tests.containers import SERVICES, Stack, compose, run
from tests.journeys.people import Gathering, Organiser, Visitor, heading

pytestmark = pytest.mark.journeys

ERASED_WITHIN = 30.0
"""Seconds until all three services have answered."""


@dataclass
class Canary(Visitor):
    """Somebody whose every detail nobody else has."""

    def __post_init__(self) -> None:
        mark = secrets.token_hex(5)
        self.name = f"Zaphira{mark} Quillfeather{mark}"
        self.email = f"zaphira{mark}@canary{mark}.example"
        super().__post_init__()

    @property
    def details(self) -> list[str]:
        """What is looked for."""
        return [*self.name.split(), self.email]

    def links(self) -> list[str]:
        """Ask what is kept, and return the links in the mail: one for each group."""
        page = self.stack.post("/my/privacy", data={"email": self.email}, headers=self.headers)
        assert page.status_code == 200, page.status_code
        mail = self.mailbox.waits_for("What is kept of you")
        return re.findall(r"http\S+/my/privacy/\S+", mail.text)

    def erases(self, link: str) -> float:
        """Have everything erased; return the seconds until all services have answered."""
        began = time.monotonic()
        path = link.removeprefix(self.stack.url)
        answer = self.stack.post(path, data={"sure": "yes"}, headers=self.headers)
        assert answer.status_code == 303, f"{answer.status_code} {heading(answer)}"
        where = answer.headers["Location"]

        def is_done() -> bool:
            assert heading(self.reads(where)) == "Everything is erased"
            return True

        self.stack.wait(is_done, timeout=60)
        return time.monotonic() - began


def dump(stack: Stack, service: str) -> str:
    """Return a backup of a service's database, as the documentation has it made."""
    return stack.exec("postgres", "pg_dump", "-U", "postgres", "--inserts", service)


def found_in(text: str, canary: Canary) -> list[str]:
    """Return which details of somebody stand there, bytes in hexadecimal digits included."""
    low = text.lower()
    return [
        detail
        for detail in canary.details
        if detail.lower() in low or detail.lower().encode().hex() in low
    ]


def logs_of(stack: Stack) -> str:
    """Return the logs of all containers but the mail catcher."""
    names = compose("ps", "--all", "--format", "{{.Name}} {{.Service}}").split("\n")
    return "".join(
        run("docker", "logs", name.split()[0])
        for name in names
        if name and name.split()[1] != "mail"
    )


def live_through_it(canary: Canary, walk: Gathering, full: Gathering) -> None:
    """Get a place, wait elsewhere, lose the link, cancel."""
    canary.signs_up(walk)
    place = canary.mailbox.waits_for("You have a place").link
    canary.signs_up(full)
    waits = canary.mailbox.waits_for("You are on the waiting list").link
    canary.asks_for_links()
    canary.mailbox.waits_for("Your sign-ups")
    canary.cancels(waits)
    canary.mailbox.waits_for("You are no longer signed up")
    assert canary.opens(place) == "You have a place"


@pytest.mark.timeout(180)
def test_an_erased_person_is_nowhere_and_a_restore_does_not_bring_them_back(
    muster: Stack, organiser: Organiser
) -> None:
    walk, full = organiser.publishes(places=10), organiser.publishes(places=1)
    Visitor(muster).is_signed_up(full)
    canary, other = Canary(muster), Canary(muster)
    for one in (canary, other):
        live_through_it(one, walk, full)
    links = canary.links()
    assert len(links) == 2
    assert all(
        heading(canary.reads(link)).startswith("What Residents of Walk and talk") for link in links
    )
    before = {service: dump(muster, service) for service in SERVICES}
    assert all(found_in(before[service], canary) for service in ("signups", "notifications"))
    assert not found_in(before["events"], canary)
    mails = len(canary.mailbox.subjects())

    assert max(canary.erases(link) for link in links) < ERASED_WITHIN

    for service in SERVICES:
        assert found_in(dump(muster, service), canary) == [], service
        for queue in (service, f"{service}.parked"):
            muster.wait(lambda queue=queue: muster.rabbit.depth(queue) == 0 or None)
    assert found_in(logs_of(muster), canary) == []
    # The negative control: who was not erased is where people may be, and nowhere else.
    assert found_in(dump(muster, "signups"), other)
    assert found_in(logs_of(muster), other) == []
    canary.waits_to_see(walk, taken=1, waiting=0)
    assert len(canary.mailbox.subjects()) == mails, "nothing more was sent"

    listed = muster.muster("signups", "erasures", "list")
    assert "done" in listed
    muster.exec("postgres", "psql", "-U", "postgres", "-d", "signups", "-c", "DELETE FROM erasures")
    assert "to be applied" in muster.muster("signups", "erasures", "list")
    assert "applied" in muster.muster("signups", "erasures", "apply")
    muster.wait(lambda: "to be applied" not in muster.muster("signups", "erasures", "list") or None)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(muster: Stack) -> None:
    nobody = Visitor(muster)

    page = muster.post("/my/privacy", data={"email": nobody.email}, headers=nobody.headers)

    assert heading(page) == "Look in your mail"
    assert nobody.mailbox.subjects() == []
