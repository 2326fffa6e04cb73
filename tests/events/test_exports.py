"""Every list as CSV: whole, guarded like its page, and never run by a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.database import Database
from tests.entering import TOKEN, SignedInClient
from tests.events.making import make_draft, make_event, make_group, typed_shift
from tests.events.organising import organiser_of

SOON = {"starts_at": "2090-12-05T10:00", "ends_at": "2090-12-05T12:00"}


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(io.StringIO(answer.text)))


@pytest.fixture
def group_id(db: Database) -> int:
    """Return a group with a public event and a draft."""
    with db.writing() as session:
        group = make_group(session, name="=Fosse")
        make_event(
            session,
            group_id=group.id,
            title="@Lincoln",
            shifts=[typed_shift(**SOON), typed_shift(**SOON, capacity=None)],
        )
        make_draft(session, group_id=group.id, title="Later", shifts=[typed_shift(**SOON)])
        return group.id


@pytest.fixture
def owner(app: Flask, db: Database, group_id: int) -> SignedInClient:
    """Return an owner of the group."""
    return organiser_of(app, db, (group_id, "owner"))


def test_the_events_of_a_group_come_with_their_numbers(
    owner: SignedInClient, group_id: int
) -> None:
    rows = rows_of(owner.get(f"/organise/groups/{group_id}/events.csv"))
    assert [(row["title"], row["status"], row["shifts"], row["places"]) for row in rows] == [
        ("'@Lincoln", "published", "2", ""),
        ("Later", "draft", "1", "10"),
    ]
    assert rows[0]["group"] == "'=Fosse"


@pytest.mark.parametrize("name", ["shifts", "campaigns", "organisers", "tokens", "trail"])
def test_the_lists_of_a_group_can_be_downloaded(
    owner: SignedInClient, group_id: int, name: str
) -> None:
    rows = rows_of(owner.get(f"/organise/groups/{group_id}/{name}.csv"))
    assert bool(rows) is (name not in ("campaigns", "tokens"))


def test_tokens_come_without_what_opens_doors(app: Flask, db: Database, group_id: int) -> None:
    administrator = organiser_of(app, db)
    answer = administrator.get("/organise/network/tokens.csv")
    (row,) = rows_of(answer)
    assert row["rights"] == "read write sign-up"
    assert "hash" not in row
    assert TOKEN not in answer.text
    for name in ("trail", "organisers"):
        rows_of(administrator.get(f"/organise/network/{name}.csv"))
    assert rows_of(administrator.get("/organise/elections.csv")) == []


def test_lists_are_guarded_like_their_pages(app: Flask, db: Database, group_id: int) -> None:
    foreign = organiser_of(app, db, (group_id + 1, "owner"), organiser_id=2)
    viewer = organiser_of(app, db, (group_id, "viewer"), organiser_id=3)
    for name in ("events", "shifts", "campaigns", "organisers", "tokens", "trail"):
        assert foreign.get(f"/organise/groups/{group_id}/{name}.csv").status_code == 404
    assert viewer.get(f"/organise/groups/{group_id}/events.csv").status_code == 200
    assert viewer.get(f"/organise/groups/{group_id}/tokens.csv").status_code == 403
    assert viewer.get("/organise/network/tokens.csv").status_code == 403


def test_the_public_may_have_what_a_search_finds(visitor: FlaskClient, group_id: int) -> None:
    found = rows_of(visitor.get("/events.csv?kind=action_day"))
    assert [(row["title"], row["places"]) for row in found] == [
        ("'@Lincoln", "10"),
        ("'@Lincoln", "no limit"),
    ]
    assert "address" not in found[0]
    assert rows_of(visitor.get("/events.csv?kind=meeting")) == []
    assert visitor.get("/events.csv?kind=party").status_code == 400
    assert [row["name"] for row in rows_of(visitor.get("/groups.csv"))] == ["'=Fosse"]


def test_a_link_stands_beside_each_list(
    owner: SignedInClient, app: Flask, db: Database, group_id: int
) -> None:
    for name in ("events", "campaigns", "organisers", "tokens", "trail"):
        page = owner.get(f"/organise/groups/{group_id}/{name}").text
        assert f"/organise/groups/{group_id}/{name}.csv" in page
    assert "/organise/elections.csv" in owner.get("/organise/elections").text
    administrator = organiser_of(app, db, organiser_id=9)
    assert "/organise/network/organisers.csv" in administrator.get("/organise/network").text
    assert "/organise/network/trail.csv" in administrator.get("/organise/network/trail").text
    assert "/groups.csv" in owner.get("/groups").text
    assert "/events.csv?kind=action_day" in owner.get("/?kind=action_day").text
