"""Tokens of programs: made in the console, shown once, revoked; and the trail of it all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from services.events.commands import COMMANDS
from services.events.operations import audit, tokens
from shared import messages
from shared.access import NETWORK
from shared.access.tokens import find_token, hash_of
from shared.database import Database
from shared.tables import OUTBOX, TOKENS
from tests.entering import (
    SESSION_KEY,
    SESSION_PUBLIC_KEY,
    SignedInClient,
    signed_in,
    with_token,
)
from tests.events.making import make_draft, make_group, told, typed_event, typed_group
from tests.events.organising import organiser_of

IN_A_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
WEB_FORM = {"name": "Web form", "read": "yes", "last_day": IN_A_MONTH}
SHOWN = re.compile(r"muster_[\w-]{43}")


@pytest.fixture
def group(db: Database) -> int:
    with db.writing() as session:
        return make_group(session).id


@pytest.fixture
def owner(app: Flask, db: Database, group: int) -> SignedInClient:
    return organiser_of(app, db, (group, "owner"))


def make_token(owner: SignedInClient, address: str, **typed: str) -> str:
    answer = owner.post(address, data={**WEB_FORM, **typed})
    assert answer.status_code == 200, answer.text
    (token,) = set(SHOWN.findall(answer.text))
    return str(token)


def test_a_token_is_shown_once_and_stored_only_as_a_hash(
    owner: SignedInClient, app: Flask, db: Database, group: int
) -> None:
    address = f"/organise/groups/{group}/tokens"
    token = make_token(owner, address)
    assert token not in owner.get(address).text
    assert with_token(app, token).get(f"/api/groups/{group}").status_code == 200
    with db.reading() as session:
        stored = session.execute(select(TOKENS).filter_by(name="Web form")).one()
        bodies = b"".join(session.scalars(select(OUTBOX.c.body)))
        (issued,) = [m for m in told(session) if isinstance(m, messages.TokenIssued)]
    assert stored.hash == issued.hash == hash_of(token)
    assert token.encode() not in bodies
    assert (issued.group_id, issued.rights) == (group, "read")


def test_a_revoked_token_opens_nothing_any_more(
    owner: SignedInClient, app: Flask, db: Database, group: int
) -> None:
    address = f"/organise/groups/{group}/tokens"
    program = with_token(app, make_token(owner, address))
    with db.reading() as session:
        number = session.execute(select(TOKENS.c.id).filter_by(name="Web form")).scalar_one()
    for _ in range(2):
        assert owner.post(f"{address}/{number}/revoke").status_code == 303
    assert program.get(f"/api/groups/{group}").status_code == 401
    with db.reading() as session:
        assert len([m for m in told(session) if isinstance(m, messages.TokenRevoked)]) == 1
    assert "Revoked" in owner.get(address).text


def test_a_token_of_another_group_is_not_there(
    owner: SignedInClient, app: Flask, db: Database, group: int
) -> None:
    admin = organiser_of(app, db, organiser_id=2)
    make_token(admin, "/organise/network/tokens")
    with db.reading() as session:
        number = session.execute(select(TOKENS.c.id).filter_by(name="Web form")).scalar_one()
    assert owner.post(f"/organise/groups/{group}/tokens/{number}/revoke").status_code == 404
    assert owner.post(f"/organise/groups/{group}/tokens/{2**70}/revoke").status_code == 404
    with db.reading() as session:
        assert not [m for m in told(session) if isinstance(m, messages.TokenRevoked)]


@pytest.mark.parametrize(
    "field, typed",
    [
        *(("name", ""), ("read", ""), ("last_day", ""), ("last_day", "soon")),
        *(("last_day", "2020-01-01"), ("last_day", "2999-01-01")),
    ],
)
def test_a_token_that_cannot_be_is_not_made(
    owner: SignedInClient, group: int, field: str, typed: str
) -> None:
    answer = owner.post(f"/organise/groups/{group}/tokens", data={**WEB_FORM, field: typed})
    assert answer.status_code == 400
    assert f"field-{field}-error" in answer.text
    assert not SHOWN.search(answer.text)


def test_a_program_sees_and_changes_only_its_group(app: Flask, db: Database, group: int) -> None:
    with db.writing() as session:
        now = db.now(session)
        other = make_group(session, name="Other").id
        mine, theirs = (make_draft(session, group_id=g).id for g in (group, other))
        _id, token = tokens.issue_token(
            session, group, tokens.Wanted("all", ["read", "write"], now + timedelta(1)), now=now
        )
    program = with_token(app, token)
    assert [one["id"] for one in program.get("/api/groups").get_json()["groups"]] == [group]
    assert [one["id"] for one in program.get("/api/events").get_json()["events"]] == [mine]
    assert program.get(f"/api/events/{theirs}").status_code == 404
    assert program.patch(f"/api/events/{theirs}", json={"title": "Mine"}).status_code == 404
    assert program.post("/api/events", json=typed_event(group_id=other)).status_code == 404
    assert program.post("/api/groups", json=typed_group()).status_code == 404
    assert program.post("/api/events", json=typed_event(group_id=group)).status_code == 201


def test_the_trail_tells_who_did_what(owner: SignedInClient, app: Flask, group: int) -> None:
    token = make_token(owner, f"/organise/groups/{group}/tokens", write="yes", name="Zine")
    with_token(app, token).post("/api/events", json=typed_event(group_id=group))
    page = owner.get(f"/organise/groups/{group}/trail").text
    assert "token issued" in page
    assert "token Zine" in page
    only = owner.get(f"/organise/groups/{group}/trail?kind=token").text
    assert "token issued" in only
    assert "Out in Lincoln" not in only
    assert "Nothing fits" in owner.get(f"/organise/groups/{group}/trail?who=nobody%25").text
    assert "Nothing fits" in owner.get(f"/organise/groups/{group}/trail?last=2020-01-01").text
    assert "token issued" in owner.get(f"/organise/groups/{group}/trail?first=2020-01-01").text


def test_a_wrong_filter_of_the_trail_is_named(owner: SignedInClient, group: int) -> None:
    answer = owner.get(f"/organise/groups/{group}/trail?first=soon")
    assert answer.status_code == 400
    assert "field-first-error" in answer.text


def test_the_trail_has_pages_and_keeps_to_its_group(
    owner: SignedInClient, app: Flask, db: Database, group: int
) -> None:
    with db.writing() as session:
        now = db.now(session)
        for number in range(120):
            whose = group if number < 60 else None
            about = audit.About("lamp", number, f"Lamp no. {number}.", whose)
            audit.note(session, "lamp.lit", about, now=now)
    first, second = (
        owner.get(f"/organise/groups/{group}/trail?kind=lamp&page={page}").text for page in (1, 2)
    )
    assert first.count("Lamp no. ") == 50
    assert second.count("Lamp no. ") == 10
    assert "Lamp no. 70." not in first + second
    assert "kind=lamp&amp;page=2" in first
    everything = signed_in(app, db, organiser_id=2).get("/organise/network/trail").text
    assert "Lamp no. 119." in everything


def test_the_command_line_stands_in_the_trail(muster: Callable[..., str]) -> None:
    muster("administrator", "add", "Robin@fosse.example", "--name", "Robin")
    (entry,) = json.loads(muster("trail", "--json"))
    assert (entry["who"], entry["did"], entry["name"]) == (
        "command line",
        "administrator.added",
        "Robin",
    )


def test_the_first_administrator_is_made_by_a_command(muster: Callable[..., str]) -> None:
    assert "can sign in" in muster("administrator", "add", "robin@fosse.example", "--name", "Robin")
    assert "Robin" in muster("administrator", "list")
    assert "on the list already" in muster(
        "administrator", "add", "robin@fosse.example", "--name", "R", fails=True
    )
    printed = muster("sign-in-link", "robin@fosse.example")
    assert re.search(r"http://127\.0\.0\.1:8000/sign-in/link/[\w-]{43}\n", printed)
    assert re.search(r"signs in Robin, once, until \d\d:\d\d", printed)
    last = muster("administrator", "remove", "robin@fosse.example", fails=True)
    assert "needs an administrator" in last
    muster("sign-in-link", "nobody@fosse.example", fails=True)
    assert "--email" in muster("administrator", "add", "robin", "--name", "R", fails=True)


def test_a_token_is_issued_listed_and_revoked_by_commands(
    muster: Callable[..., str], command_db: Database
) -> None:
    made = json.loads(muster("token", "issue", "--network", "--rights", "read write", "--json"))
    with command_db.reading() as session:
        who = find_token(session, made["token"], now=command_db.now(session))
    assert who is not None
    assert (who.rights, who.roles) == (frozenset({"read", "write"}), {NETWORK: "organiser"})
    assert made["token"] not in muster("token", "list")
    muster("token", "revoke", str(made["id"]))
    assert "revoked" in muster("token", "list")
    for wrong in (
        ("token", "issue"),
        ("token", "issue", "--network", "--group-id", "1"),
        ("token", "issue", "--network", "--rights", "dance"),
        ("token", "issue", "--group-id", "4711"),
        ("token", "revoke", "4711"),
    ):
        muster(*wrong, fails=True)


@pytest.fixture
def command_db(sqlite_database_of: Callable[[str], Database]) -> Database:
    return sqlite_database_of("events")


@pytest.fixture
def muster(command_db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that runs a command and gives what it prints."""
    monkeypatch.setenv("DATABASE_URL", command_db.url)
    monkeypatch.setenv("SESSION_KEY", SESSION_KEY)
    monkeypatch.setenv("SESSION_PUBLIC_KEY", SESSION_PUBLIC_KEY)

    def run(*typed: str, fails: bool = False) -> str:
        answer = CliRunner().invoke(click.Group(commands=list(COMMANDS)), typed)
        assert (answer.exit_code != 0) == fails, answer.output
        return answer.output

    return run
