"""What ops type about notices."""

from __future__ import annotations

import dataclasses
import json

import pytest
from click.testing import CliRunner, Result

from services.notifications.commands import notices
from services.notifications.config import Settings
from shared.database import Database
from tests.entering import SESSION_PUBLIC_KEY

from .driving import work_off
from .making import placed, receive
from .post_office import open_post_office


@pytest.fixture
def muster(db: Database, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return a terminal on the installation's server."""
    for field in dataclasses.fields(Settings):
        monkeypatch.delenv(field.name.upper(), raising=False)
    url = db.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url.replace("+psycopg", ""))
    monkeypatch.setenv("SESSION_PUBLIC_KEY", SESSION_PUBLIC_KEY)
    return CliRunner()


def types(muster: CliRunner, *words: str) -> Result:
    return muster.invoke(notices, words, catch_exceptions=False)


def test_notices_are_listed_without_addresses(db: Database, muster: CliRunner) -> None:
    receive(db, placed(id=1), placed(id=2))

    listed = types(muster, "list", "--signup", "2", "--json")

    (row,) = json.loads(listed.output)
    assert (row["signup_id"], row["state"]) == (2, "due")
    assert "@" not in types(muster, "list").output


def test_an_empty_list_says_so(muster: CliRunner) -> None:
    assert types(muster, "list", "--state", "failed").output == "There are no such notices.\n"


def test_a_failed_notice_is_tried_again(db: Database, muster: CliRunner) -> None:
    receive(db, placed())
    with open_post_office(body=["554 5.7.1 spam"]) as office:
        work_off(db, office)
    assert "554" in types(muster, "show", "1").output

    retried = types(muster, "retry", "1", "--json")

    assert json.loads(retried.output)["state"] == "due"


def test_a_notice_on_its_way_is_not_tried_twice(db: Database, muster: CliRunner) -> None:
    receive(db, placed())

    refused = types(muster, "retry", "1")

    assert refused.exit_code == 1
    assert "was sent, or is on its way" in refused.output


def test_a_notice_that_is_not_there_is_named(muster: CliRunner) -> None:
    assert "There is nothing with that number." in types(muster, "show", "7").output
