"""What no browser sends and no calendar holds: it is refused, and nothing breaks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from services.events.schemas.grid import read_seen
from shared.database import Database
from tests.entering import SignedInClient
from tests.events.making import make_draft, make_event, typed_shift
from tests.events.organising import organiser_of

NETWORK = 0
NUMBERS = ("0", "9223372036854775808", "99999999999999999999", "\u0661", "1" * 400)
QUESTIONS = (
    *("page=1000000000", "page=-1", "page=\u0661", "limit=-1", "rows=100000&columns=100000"),
    *("month=9999-12&view=month", "from=0001-01-01&to=9999-12-31", "miles=nan", "miles=inf"),
    *("first=0001-01-01", "last=9999-12-31", "group=99999999999999999999", "kind=%00", "q=%25"),
    *("postcode=%25%25", "constituency=%00", "who=%ED%A0%80", "only=%00", "who=" + "x" * 5000),
)
DEEP = "[" * 20_000
DAYS = ("0001-01-01", "1999-12-31", "2101-01-01", "9999-12-30", "9999-12-31")


@pytest.fixture
def event_id(db: Database) -> int:
    """Return a draft far from London, after an event that the public sees."""
    far = {"starts_at": "2031-05-03T20:00", "ends_at": "2031-05-03T22:00"}
    with db.writing() as session:
        make_event(session, now=db.now(session), shifts=[typed_shift(**far)])
        west = typed_shift(**far, zone="America/Los_Angeles")
        return make_draft(session, now=db.now(session), shifts=[west]).id


@pytest.fixture
def administrator(app: Flask, db: Database, event_id: int) -> SignedInClient:
    return organiser_of(app, db, (NETWORK, "administrator"))


def paths(app: Flask, method: str, *numbers: str) -> list[str]:
    """Return the address of every route of people, with these numbers where it takes some."""
    rules = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    return [path_of(rule, number) for rule in rules for number in numbers]


def path_of(rule: Rule, number: str) -> str:
    parts = (
        (number if "int" in part else "ics" if "any" in part else "x") if is_argument else part
        for is_argument, part in pieces(rule.rule)
    )
    return "".join(parts)


def pieces(rule: str) -> list[tuple[bool, str]]:
    found = []
    for part in rule.replace("<", ">").split(">"):
        found.append((len(found) % 2 == 1, part))
    return found


def broken(client: FlaskClient, method: str, asked: list[str], **sent: Any) -> list[str]:
    return [path for path in asked if client.open(path, method=method, **sent).status_code >= 500]


def test_no_number_in_an_address_breaks_a_page(app: Flask, administrator: SignedInClient) -> None:
    assert broken(administrator, "GET", paths(app, "GET", *NUMBERS)) == []


def test_no_number_in_an_address_breaks_a_form(app: Flask, administrator: SignedInClient) -> None:
    asked = [path for path in paths(app, "POST", *NUMBERS) if path != "/sign-out"]
    csrf = {"csrf": administrator.csrf, "role": "viewer"}
    assert broken(administrator, "POST", asked, data=csrf) == []
    inside = [path.replace("/groups/0/", "/groups/1/") for path in paths(app, "POST", "0")]
    for number in NUMBERS[1:3]:
        second = [number.join(path.rsplit("/0/", 1)) for path in inside if "/0/" in path]
        assert broken(administrator, "POST", second, data=csrf) == []


def test_no_question_breaks_a_page(app: Flask, administrator: SignedInClient) -> None:
    asked = [f"{path}?{question}" for path in paths(app, "GET", "1") for question in QUESTIONS]
    assert broken(administrator, "GET", asked) == []


@pytest.mark.parametrize("day", DAYS)
def test_days_beyond_the_calendar_are_refused(
    administrator: SignedInClient, event_id: int, day: str
) -> None:
    typed = {"day": day, "minutes": "1439", "kind": "action_day", "title": "Out", "places": "A"}
    for path in (f"events/{event_id}/copy", f"events/{event_id}/move", "groups/1/events/new"):
        answer = administrator.post(f"/organise/{path}", data=typed)
        assert (answer.status_code, "between 2000 and 2100" in answer.text) == (400, True), path


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("action", ["save", "shift", "add-row", "remove-row-\u00b2", "fill"])
def test_the_grid_takes_any_day_that_is_typed(
    administrator: SignedInClient, event_id: int, day: str, action: str
) -> None:
    page = {
        **{
            "rows": "1",
            "columns": "1",
            "cell-0-0": "5",
            "column-0-place": "A",
            "row-\u00b2-day": "x",
        },
        **{"row-0-day": day, "row-0-starts": "23:00", "row-0-ends": "01:00"},
        **{"do": action, "minutes": "-2879", "places": "3"},
        "seen": '{"c":0,"r":[],"s":[],"o":[],"p":[],"h":[]}',
    }
    answer = administrator.post(f"/organise/events/{event_id}/shifts", data=page)
    assert answer.status_code == (400 if action == "save" else 200)


@pytest.mark.parametrize("path", ["events/{}/details", "events/{}/shifts", "groups/1/profile"])
def test_a_memory_that_is_no_list_of_ours_is_none(
    administrator: SignedInClient, event_id: int, path: str
) -> None:
    sent = {"seen": DEEP, "title": "Out"}
    answer = administrator.post(f"/organise/{path.format(event_id)}", data=sent)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "hours",
    [
        ["9999-12-31", "00:00", "23:00", 0, "Europe/London"],
        ["2031-05-03", "00:00", "23:00", 99999999999, "Europe/London"],
        ["2031-05-03", "00:00", "23:00", 0, "Nope/Zone"],
        ["2031-05-03", "00:00", "23:00", 0, "../../etc/passwd"],
        ["2031-05-03", "00:00+01:00", "23:00", 0, "Europe/London"],
    ],
)
def test_hours_that_no_page_wrote_are_not_read(hours: list[Any]) -> None:
    seen = {"c": 1, "r": [[0, ""]], "s": [], "o": [], "p": [["", "", "", ""]], "h": [hours]}
    assert read_seen(json.dumps(seen)) is None
    seen["h"] = [["2031-05-03", "00:00", "23:00", 0, "Europe/London"]]
    assert read_seen(json.dumps(seen)) is not None
    assert read_seen('{"c":1e400,"h":[],"p":[],"r":[],"s":[],"o":[]}') is None
