"""Organisers see the notices of their own groups; those of the network are for administrators."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from services.notifications.app import create_app
from shared.access import NETWORK
from shared.database import Database
from tests.apps import app_on
from tests.entering import give_token, signed_in, with_token

from .driving import work_off
from .making import link_requested, make_person, make_settings, placed, published, receive
from .post_office import open_post_office

GROUP = 1


@pytest.fixture
def kept(db: Database) -> Database:
    """Return a ledger with a confirmation of the group and a mail that concerns no group."""
    receive(db, published(), placed(), link_requested())
    return db


def listed(db: Database, group_id: int) -> set[str]:
    token = give_token(db, f"muster_of-{group_id}", group_id=group_id, rights="read")
    program = with_token(app_on(create_app, make_settings(), db), token)
    answer = program.get("/api/notices").get_json()
    found = {notice["kind"] for notice in answer["notices"]}
    assert answer["next"] is None
    return found


def test_a_program_sees_the_notices_of_its_group(kept: Database) -> None:
    assert listed(kept, GROUP) == {"confirmation"}
    assert listed(kept, 2) == set()
    assert listed(kept, NETWORK) == {"confirmation", "links"}


def test_a_notice_of_no_group_is_not_there_for_a_groups_program(kept: Database) -> None:
    app = app_on(create_app, make_settings(), kept)
    everything = with_token(app, give_token(kept))
    token = give_token(kept, "muster_of-one", group_id=GROUP, rights="read")
    program = with_token(app, token)
    for notice in everything.get("/api/notices").get_json()["notices"]:
        own = notice["kind"] == "confirmation"
        address = f"/api/notices/{notice['id']}"
        assert program.get(address).status_code == (200 if own else 404)
        assert everything.get(address).status_code == 200


@pytest.mark.parametrize(
    "roles, seen",
    [
        ([(GROUP, "viewer")], {"Confirmation"}),
        ([(2, "owner")], set()),
        ([(NETWORK, "administrator")], {"Confirmation", "Lost link"}),
    ],
)
def test_the_page_shows_what_its_reader_may_see(
    kept: Database, roles: list[tuple[int, str]], seen: set[str]
) -> None:
    browser = signed_in(
        app_on(create_app, make_settings(public_url="http://127.0.0.1"), kept), kept, *roles
    )
    page = browser.get("/organise/notices").text
    rows = page.partition("<tbody>")[2]
    assert {words for words in ("Confirmation", "Lost link") if words in rows} == seen
    assert ("/my/lost" in page) is False


def downloaded(db: Database, *roles: tuple[int, str], query: str = "") -> TestResponse:
    app = app_on(create_app, make_settings(public_url="http://127.0.0.1"), db)
    return signed_in(app, db, *roles).get(f"/organise/notices/notices.csv{query}")


def rows_of(answer: TestResponse) -> list[dict[str, Any]]:
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.mark.parametrize(
    "roles, kinds",
    [
        ([(GROUP, "viewer")], {"confirmation"}),
        ([(2, "owner")], set()),
        ([(NETWORK, "administrator")], {"confirmation", "links"}),
    ],
)
def test_the_ledger_as_csv_holds_what_its_reader_may_see(
    kept: Database, roles: list[tuple[int, str]], kinds: set[str]
) -> None:
    answer = downloaded(kept, *roles)
    assert {row["kind"] for row in rows_of(answer)} == kinds
    assert "/my/lost" not in answer.text


def test_the_ledger_as_csv_holds_what_the_filters_leave(kept: Database) -> None:
    (row,) = rows_of(downloaded(kept, query="?kind=links"))
    assert row["kind"] == "links"
    assert downloaded(kept, query="?kind=poem").status_code == 400


def test_no_spreadsheet_runs_an_address(kept: Database) -> None:
    receive(kept, replace(placed(id=77), person=make_person(email="=cmd@posts.example")))
    with open_post_office() as office:
        work_off(kept, office)
    (row,) = rows_of(downloaded(kept, query="?signup_id=77"))
    assert row["recipient"] == "'=cmd@posts.example"
