"""What is typed on the command line, as whoever types it sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner

from services.events.commands import COMMANDS
from shared.database import Database
from tests.entering import SESSION_KEY, SESSION_PUBLIC_KEY

Muster = Callable[..., str]
GROUP = (
    *("group", "create", "--name", "Fosse Neighbours", "--contact-name", "Robin Example"),
    *("--contact-email", "robin@fosse.example", "--privacy-url", "https://fosse.example/privacy"),
)
EVENT = ("event", "create", "--group-id", "1", "--kind", "action_day", "--title", "Out in Lincoln")
SHIFT = (
    *("event", "add-shift", "1", "--place", "Castle Square", "--capacity", "10"),
    *("--starts-at", "2090-12-05T10:00", "--ends-at", "2090-12-05T12:00"),
)


@pytest.fixture
def muster(
    sqlite_database_of: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> Muster:
    """Return a function that runs a command and gives what it prints."""
    monkeypatch.setenv("DATABASE_URL", sqlite_database_of("events").url)
    monkeypatch.setenv("SESSION_KEY", SESSION_KEY)
    monkeypatch.setenv("SESSION_PUBLIC_KEY", SESSION_PUBLIC_KEY)

    def run(*typed: str, fails: bool = False) -> str:
        answer = CliRunner().invoke(click.Group(commands=list(COMMANDS)), typed)
        assert (answer.exit_code != 0) == fails, answer.output
        return answer.output

    return run


def printed(text: str) -> Any:
    return json.loads(text)


def test_an_event_goes_from_draft_to_public_on_the_command_line(muster: Muster) -> None:
    assert muster(*GROUP) == "Group 1: Fosse Neighbours\n"
    assert muster(*EVENT) == "Event 1, draft: Out in Lincoln (Fosse Neighbours)\n"
    assert muster(*SHIFT).startswith("Shift 1: Castle Square, Tuesday 5 December 2090, 10:00")
    assert muster("event", "publish", "1").startswith("Event 1, published")
    assert "About 10 places left" in muster("event", "show", "1")


def test_scripts_get_json(muster: Muster) -> None:
    assert printed(muster(*GROUP, "--json"))["id"] == 1
    assert printed(muster(*EVENT, "--json"))["status"] == "draft"
    assert printed(muster(*SHIFT, "--json"))["starts_at"] == "2090-12-05T10:00:00+00:00"
    assert printed(muster("event", "show", "1", "--json"))["shifts"][0]["capacity"] == 10
    assert printed(muster("event", "list", "--json"))[0]["title"] == "Out in Lincoln"
    assert printed(muster("group", "list", "--json"))[0]["name"] == "Fosse Neighbours"
    assert printed(muster("event", "list", "--status", "published", "--json")) == []


def test_groups_events_and_shifts_can_be_changed(muster: Muster) -> None:
    for typed in (GROUP, EVENT, SHIFT):
        muster(*typed)
    muster("group", "change", "1", "--signup-notices", "daily")
    assert "daily" in muster("group", "list")
    muster("event", "change", "1", "--title", "Out in Newark")
    assert "Out in Newark" in muster("event", "list")
    changed = muster("event", "change-shift", "1", "1", "--capacity", "unlimited", "--json")
    assert printed(changed)["capacity"] is None
    assert "cancelled" in muster("event", "cancel-shift", "1", "1")


def test_a_refusal_is_a_sentence_and_a_failure(muster: Muster) -> None:
    muster(*GROUP)
    muster(*EVENT)
    assert "it has no shift" in muster("event", "publish", "1", fails=True)
    muster("event", "cancel", "1", "--reason", "A storm")
    assert "This event was already cancelled." in muster("event", "cancel", "1", fails=True)


def test_every_problem_is_named_by_its_option(muster: Muster) -> None:
    output = muster("group", "create", "--contact-email", "x", fails=True)
    for option in ("--name", "--contact-name", "--contact-email", "--privacy-url"):
        assert f"{option}: " in output
    assert "neither a number" in muster("event", "add-shift", "1", "--capacity", "x", fails=True)


def test_a_number_that_nothing_has_is_said(muster: Muster) -> None:
    assert "nothing with that number" in muster("event", "show", "4711", fails=True)


def test_empty_lists_say_what_to_do(muster: Muster) -> None:
    assert "muster event create" in muster("event", "list")
    assert "muster group create" in muster("group", "list")


def test_the_demo_is_loaded_once(muster: Muster) -> None:
    assert muster("demo") == "6 events loaded.\n"
    assert muster("demo") == "The demo data is there already.\n"


def test_an_event_has_all_its_words_on_the_command_line(muster: Muster) -> None:
    muster(*GROUP)
    words = ("--mode", "both", "--online-url", "https://meet.example/1", "--bring", "A pen")
    more = ("--accessibility", "No steps.", "--address-shown", "signed_up", "--json")
    made = printed(muster(*EVENT, *words, *more))
    assert (made["mode"], made["online_url"]) == ("both", "https://meet.example/1")
    assert (made["bring"], made["accessibility"]) == ("A pen", "No steps.")
    assert made["address_shown"] == "signed_up"
    assert "election is not in the list" in muster(
        *("event", "change", "1", "--election", "parl.2029-05-03"), fails=True
    )


def test_who_led_a_shift_is_erased_by_their_address(muster: Muster) -> None:
    for typed in (GROUP, EVENT):
        muster(*typed)
    lead = ("--lead-name", "Kim Example", "--lead-email", "kim@fosse.example")
    made = printed(muster(*SHIFT, *lead, "--work", "training", "--needs", "First aid", "--json"))
    assert (made["lead_name"], made["work"], made["needs"]) == (
        "Kim Example",
        "training",
        "First aid",
    )
    assert muster("lead", "erase", "Kim@Fosse.example") == "Erased from 1 shift.\n"
    assert "Kim" not in muster("event", "show", "1", "--json")
    assert muster("lead", "erase", "kim@fosse.example") == "Erased from 0 shifts.\n"
