"""Organisers see the notices of their own groups; those of the network are for administrators."""

from __future__ import annotations

import pytest

from services.notifications.app import create_app
from shared.access import NETWORK
from shared.database import Database
from tests.apps import app_on
from tests.entering import give_token, signed_in, with_token

from .making import link_requested, make_settings, placed, published, receive

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
    assert answer["total"] == len(answer["notices"])
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
