"""A group's schedule on other sites: who may show it, what it says, how the script is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from shared.database import Database
from shared.framing import framing_policy, origins_in
from tests.events.making import make_event, make_group, typed_shift

NOW = datetime.now(UTC)


def in_days(days: int) -> dict[str, Any]:
    """Return a shift so many days from today."""
    day = (NOW + timedelta(days=days)).date()
    return typed_shift(starts_at=f"{day}T10:00", ends_at=f"{day}T12:00")


def ancestors(client: FlaskClient, path: str) -> str:
    policy = client.get(path).headers["Content-Security-Policy"]
    (found,) = (part for part in policy.split("; ") if part.startswith("frame-ancestors "))
    return found.removeprefix("frame-ancestors ")


def test_only_the_sites_that_the_group_lists_may_show_it(
    db: Database, visitor: FlaskClient
) -> None:
    with db.writing() as session:
        sites = ["https://www.fosse.example", "https://fosse.example:8443"]
        make_group(session, embed_sites=sites)

    assert ancestors(visitor, "/embed/groups/1") == " ".join(sites)
    assert "X-Frame-Options" not in visitor.get("/embed/groups/1").headers


def test_a_group_that_lists_no_site_is_shown_by_none(db: Database, visitor: FlaskClient) -> None:
    with db.writing() as session:
        make_group(session)

    assert ancestors(visitor, "/embed/groups/1") == "'none'"


@pytest.mark.parametrize("path", ["/", "/groups/1", "/feeds/groups/1.ics", "/embed.js"])
def test_no_other_page_may_be_shown_by_any_site(
    db: Database, visitor: FlaskClient, path: str
) -> None:
    with db.writing() as session:
        make_group(session, embed_sites=["https://www.fosse.example"])

    assert ancestors(visitor, path) == "'none'"


def test_the_frame_shows_what_was_asked_for_and_sets_no_cookie(
    db: Database, visitor: FlaskClient
) -> None:
    with db.writing() as session:
        group = make_group(session, now=NOW)
        for day, kind in ((3, "lesson"), (4, "lesson"), (5, "action_day")):
            make_event(
                session,
                now=NOW,
                group_id=group.id,
                title=f"Day {day}",
                kind=kind,
                shifts=[in_days(day)],
            )

    answer = visitor.get("/embed/groups/1?kind=lesson&limit=1")

    assert "Day 3" in answer.text
    assert "Day 4" not in answer.text
    assert "Day 5" not in answer.text
    assert "See everything from Fosse Neighbours" in answer.text
    assert '<base target="_blank">' in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("query", ["kind=party", "limit=0", "limit=21", "limit=many"])
def test_what_cannot_be_shown_is_refused(db: Database, visitor: FlaskClient, query: str) -> None:
    with db.writing() as session:
        make_group(session)

    assert visitor.get(f"/embed/groups/1?{query}").status_code == 400


def test_the_frame_of_a_group_that_is_not_there_is_not_there(stranger: FlaskClient) -> None:
    assert stranger.get("/embed/groups/9").status_code == 404


def test_the_script_is_kept_for_an_hour(stranger: FlaskClient) -> None:
    first = stranger.get("/embed.js")
    again = stranger.get("/embed.js", headers={"If-None-Match": first.headers["ETag"]})

    assert first.mimetype == "text/javascript"
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert first.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert again.status_code == 304


@pytest.mark.parametrize(
    "line",
    [
        *("*", "https://*", "https:", "'self'", "fosse.example", "ftp://fosse.example"),
        *("https://fosse.example/page", "https://a.example; script-src *", "https://a b.example"),
        *("https://a.example,https://b.example", "https://user@a.example", "data:", "null"),
    ],
)
def test_only_origins_are_taken_for_sites(line: str) -> None:
    assert origins_in(f"https://good.example\n{line}") == ["https://good.example"]


def test_sites_are_read_as_browsers_write_them() -> None:
    assert origins_in(" HTTPS://Www.Fosse.Example/ \n\nhttps://www.fosse.example") == [
        "https://www.fosse.example"
    ]


@given(st.text())
def test_no_text_adds_to_the_policy(text: str) -> None:
    policy = framing_policy(origins_in(text))

    assert policy.count(";") == framing_policy([]).count(";")
    assert policy.isascii()
    assert "\n" not in policy
