"""Who may do what: sessions, tokens, forms, and the copies by which every service decides."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import jwt
import pytest
from flask import Blueprint, Flask, g
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import access, keys, messages, web
from shared.access import NETWORK, Ticket, Who, copies, sessions, tokens
from shared.access.members import roles_of
from shared.database import Database
from shared.messages import Message
from shared.refusals import NotThere
from shared.settings import ServiceSettings
from shared.tables import ENDED_SESSIONS, TOKENS
from tests.conftest import DatabaseOf
from tests.entering import SESSION_KEY, SESSION_PUBLIC_KEY, give_token, signed_in, with_token

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TICKET = Ticket(uuid.UUID(int=5), 7, "Robin Example", NOW + timedelta(hours=12))


@pytest.fixture
def db(database_of: DatabaseOf) -> Database:
    return database_of("signups")


def make_app(db: Database, **settings: Any) -> Flask:
    """Make an app with a page for the viewers, and one for the organisers, of group 3."""
    made = ServiceSettings(database_url=db.url, session_public_key=SESSION_PUBLIC_KEY, **settings)
    app = web.create_app("lamps", made, db, package="shared")
    lamps = Blueprint("lamps", __name__)

    def groups_of_lamp(_session: Session, lamp_id: int) -> list[int]:
        if lamp_id == 404:
            raise NotThere
        return [3]

    @lamps.get("/organise/lamps/<int:lamp_id>/<colour>")
    @access.needs("viewer", group=groups_of_lamp)
    def see(lamp_id: int, colour: str) -> str:
        return f"{g.who.name} sees {lamp_id} {colour}, {g.session.info['by'].organiser_id}"

    @lamps.post("/organise/lamps/<int:lamp_id>/<colour>")
    @access.needs("organiser", group=groups_of_lamp)
    def change(lamp_id: int, colour: str) -> str:
        return "changed"

    @lamps.get("/organise/form")
    @access.needs("signed_in")
    def form() -> str:
        return str(access.csrf_field())

    @lamps.get("/api/lamps/<int:lamp_id>")
    @access.needs_token("read", group=groups_of_lamp)
    def read(lamp_id: int) -> str:
        return g.who.name

    app.register_blueprint(lamps)
    return app


def signed(**claims: Any) -> dict[str, Any]:
    """Return the claims of a good session, with these instead."""
    at = int(NOW.timestamp())
    good = {"sid": str(uuid.UUID(int=5)), "sub": "7", "name": "Robin", "iat": at, "exp": at + 60}
    return {**good, **claims}


def forge(header: dict[str, str], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_a_session_says_whose_it_is_until_it_is_over() -> None:
    token = sessions.sign(TICKET, key=SESSION_KEY, now=NOW)
    last = TICKET.expires_at - timedelta(seconds=1)
    assert sessions.read(token, key=SESSION_PUBLIC_KEY, now=last) == TICKET
    assert sessions.read(token, key=SESSION_PUBLIC_KEY, now=TICKET.expires_at) is None


def bent(position: int) -> str:
    token = sessions.sign(TICKET, key=SESSION_KEY, now=NOW)
    other = "A" if token[position] != "A" else "B"
    return token[:position] + other + token[position + 1 :]


OTHER_KEY = keys.new_pair()[0]
HS_HEADER = {"alg": "HS256", "typ": "JWT"}
WRONG: dict[str, Callable[[], str]] = {
    "nothing": lambda: "",
    "no token": lambda: "a.b.c",
    "another key's": lambda: sessions.sign(TICKET, key=OTHER_KEY, now=NOW),
    "without a signature": lambda: forge({"alg": "none"}, signed()),
    "signed by the public key as a password": lambda: forge(HS_HEADER, signed(), b"x" * 32),
    "bent in its claims": lambda: bent(60),
    "bent in its signature": lambda: bent(-20),
    "without an end": lambda: encode({k: v for k, v in signed().items() if k != "exp"}),
    "without a session": lambda: encode({k: v for k, v in signed().items() if k != "sid"}),
    "with a session that is none": lambda: encode(signed(sid="five")),
    "of nobody": lambda: encode(signed(sub="robin")),
    "that lasts for ever": lambda: encode(signed(exp=10**18)),
    "with an end in words": lambda: encode(signed(exp="tomorrow")),
}


def encode(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, keys.private_key(SESSION_KEY), algorithm="EdDSA")


@pytest.mark.parametrize("wrong", WRONG)
def test_a_session_that_is_not_ours_is_none(wrong: str) -> None:
    assert sessions.read(WRONG[wrong](), key=SESSION_PUBLIC_KEY, now=NOW) is None


def test_the_forgeries_fail_for_their_forgery_alone() -> None:
    assert sessions.read(encode(signed()), key=SESSION_PUBLIC_KEY, now=NOW) is not None


@pytest.mark.parametrize(
    "public_url, name, secure",
    [("https://muster.example", "__Host-muster", True), ("http://127.0.0.1:8000", "muster", False)],
)
def test_the_address_decides_on_the_cookie(public_url: str, name: str, secure: bool) -> None:
    assert access.cookie_name(public_url) == name
    assert sessions.is_secure(public_url) == secure


def test_only_pems_of_ed25519_are_taken() -> None:
    private, public = keys.new_pair()
    assert (keys.wrong_private_key(private), keys.wrong_public_key(public)) == ("", "")
    for wrong in ("", "x" * 40, public):
        assert keys.wrong_private_key(wrong)
    for wrong in ("", "x" * 40, private):
        assert keys.wrong_public_key(wrong)


@pytest.mark.parametrize(
    "role, seeing, changing",
    [("viewer", 200, 403), ("organiser", 200, 200), ("owner", 200, 200), ("none", 404, 404)],
)
def test_a_role_opens_what_it_reaches(db: Database, role: str, seeing: int, changing: int) -> None:
    robin = signed_in(make_app(db), db, (3, role))
    assert robin.get("/organise/lamps/1/red").status_code == seeing
    assert robin.post("/organise/lamps/1/red").status_code == changing


def test_a_role_in_another_group_opens_nothing(db: Database) -> None:
    robin = signed_in(make_app(db), db, (4, "owner"))
    assert robin.get("/organise/lamps/1/red").status_code == 404


def test_an_administrator_may_do_everything_that_there_is(db: Database) -> None:
    robin = signed_in(make_app(db), db)
    assert robin.get("/organise/lamps/1/red").text == "Robin Example sees 1 red, 1"
    assert robin.post("/organise/lamps/1/red").status_code == 200
    assert robin.get("/organise/lamps/404/red").status_code == 404


def test_who_is_not_signed_in_is_led_there_and_back(db: Database) -> None:
    nobody = make_app(db).test_client()
    answer = nobody.get("/organise/lamps/1/red?page=2&kind=a%20b")
    assert answer.status_code == 303
    assert answer.location == (
        "/sign-in?next=%2Forganise%2Flamps%2F1%2Fred%3Fpage%3D2%26kind%3Da%2520b"
    )
    assert nobody.post("/organise/lamps/1/red").status_code == 401


def test_a_role_that_is_taken_away_is_gone_at_the_next_request(db: Database) -> None:
    app = make_app(db)
    robin = signed_in(app, db, (3, "owner"))
    assert robin.get("/organise/lamps/1/red").status_code == 200
    receive(db, membership("none", revision=2))
    assert robin.get("/organise/lamps/1/red").status_code == 404


def test_an_ended_session_lets_nobody_in(db: Database) -> None:
    robin = signed_in(make_app(db), db)
    receive(db, ended(robin.session_id))
    assert robin.get("/organise/lamps/1/red").status_code == 303


def test_a_form_carries_its_field(db: Database) -> None:
    robin = signed_in(make_app(db), db)
    assert robin.csrf in robin.get("/organise/form").text
    for given in ("", "0" * 64, "ä"):
        assert robin.post("/organise/lamps/1/red", data={"csrf": given}).status_code == 403


def test_the_field_of_another_session_is_refused(db: Database) -> None:
    app = make_app(db)
    robin, kim = signed_in(app, db), signed_in(app, db, organiser_id=2)
    answer = robin.post("/organise/lamps/1/red", data={"csrf": kim.csrf})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "origin, status",
    [
        *(("https://muster.example", 200), (None, 200), ("null", 403)),
        *(("https://muster.example.evil.example", 403), ("http://muster.example", 403)),
        *(("https://muster.example:8443", 403), ("https://localhost", 403), ("https://[", 403)),
    ],
)
def test_a_form_comes_from_this_site(db: Database, origin: str | None, status: int) -> None:
    robin = signed_in(make_app(db, public_url="https://muster.example"), db)
    headers = {"Origin": origin} if origin else {}
    assert robin.post("/organise/lamps/1/red", headers=headers).status_code == status


def test_this_machine_may_call_itself_as_it_likes(db: Database) -> None:
    robin = signed_in(make_app(db, public_url="http://127.0.0.1:8000"), db)
    for origin, status in (("http://localhost:8000", 200), ("http://localhost:9000", 403)):
        answer = robin.post("/organise/lamps/1/red", headers={"Origin": origin})
        assert answer.status_code == status


def test_pages_of_the_console_tell_their_own_site_where_a_form_comes_from(db: Database) -> None:
    app = make_app(db)
    console = signed_in(app, db).get("/organise/form")
    assert console.headers["Referrer-Policy"] == "same-origin"
    assert app.test_client().get("/nowhere").headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "group_id, rights, status",
    [(3, "read", 200), (3, "write", 403), (4, "read", 404), (NETWORK, "read", 200)],
)
def test_a_token_opens_its_group_for_its_rights(
    db: Database, group_id: int, rights: str, status: int
) -> None:
    app = make_app(db)
    token = give_token(db, group_id=group_id, rights=rights)
    assert with_token(app, token).get("/api/lamps/1").status_code == status


@pytest.mark.parametrize("column", ["expires_at", "revoked_at"])
def test_a_token_that_is_over_or_revoked_opens_nothing(db: Database, column: str) -> None:
    app = make_app(db)
    give_token(db, **{column: datetime.now(UTC) - timedelta(seconds=1)})
    answer = with_token(app).get("/api/lamps/1")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_session_is_no_token_and_a_token_no_session(db: Database) -> None:
    app = make_app(db)
    give_token(db)
    assert signed_in(app, db).get("/api/lamps/1").status_code == 401
    assert with_token(app).get("/organise/lamps/1/red").status_code == 303


def test_a_new_token_cannot_be_guessed_nor_read_from_its_row() -> None:
    first, second = tokens.new_token(), tokens.new_token()
    assert first != second
    assert len(first) > 40
    assert tokens.hash_of(first) != first


def test_what_somebody_may_is_counted_from_the_groups() -> None:
    who = Who("Robin", roles={3: "viewer", 4: "owner", 5: "organiser"})
    assert who.groups() == {3, 4, 5}
    assert who.groups("organiser") == {4, 5}
    assert (who.role_in(3), who.role_in(9), who.is_administrator) == ("viewer", "", False)
    admin = Who("Kim", roles={NETWORK: "administrator"})
    assert (admin.role_in(9), admin.groups(), admin.is_administrator) == (
        "administrator",
        set(),
        True,
    )


def test_a_guard_for_a_role_or_right_that_there_is_not_stops_the_start() -> None:
    with pytest.raises(ValueError, match="no role 'king'"):
        access.needs("king")
    with pytest.raises(ValueError, match="no right 'dance'"):
        access.needs_token("dance")


def membership(role: str, *, revision: int, group_id: int = 3) -> messages.MembershipChanged:
    return messages.MembershipChanged(
        organiser_id=1, group_id=group_id, role=role, revision=revision
    )


def ended(session_id: uuid.UUID) -> messages.SessionEnded:
    expires_at = datetime.now(UTC) + timedelta(hours=12)
    return messages.SessionEnded(session_id=str(session_id), expires_at=expires_at)


ISSUED = messages.TokenIssued(
    id=9,
    hash=tokens.hash_of("t"),
    name="Web form",
    group_id=3,
    rights="read",
    expires_at=NOW + timedelta(days=9),
)
REVOKED = messages.TokenRevoked(**vars(ISSUED), revoked_at=NOW)


def receive(db: Database, *heard: Message) -> None:
    for message in heard:
        with db.writing() as session:
            copies.HANDLERS[type(message)](session, message, NOW)


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_the_newest_membership_wins_in_any_order(db: Database, order: tuple[int, ...]) -> None:
    roles = {1: "viewer", 2: "owner", 3: "none"}
    for revision in (*order, *order):
        receive(db, membership(roles[revision], revision=revision))
    with db.reading() as session:
        assert roles_of(session, 1) == {}


def test_a_membership_is_kept(db: Database) -> None:
    receive(db, membership("viewer", revision=1), membership("owner", revision=2, group_id=NETWORK))
    with db.reading() as session:
        assert roles_of(session, 1) == {3: "viewer", NETWORK: "owner"}


@pytest.mark.parametrize(
    "heard", [(ISSUED, REVOKED), (REVOKED, ISSUED), (REVOKED, ISSUED, REVOKED, ISSUED)]
)
def test_a_revoked_token_never_comes_back(db: Database, heard: tuple[Message, ...]) -> None:
    receive(db, *heard)
    with db.reading() as session:
        assert tokens.find_token(session, "t", now=NOW) is None


def test_an_issued_token_is_known_however_often_it_is_told(db: Database) -> None:
    receive(db, ISSUED, ISSUED)
    with db.reading() as session:
        assert tokens.find_token(session, "t", now=NOW) is not None
        assert len(session.execute(select(TOKENS)).all()) == 1


def test_the_end_of_a_session_may_be_told_twice_and_is_forgotten_in_the_end(db: Database) -> None:
    end = ended(uuid.UUID(int=5))
    receive(db, end, end)
    with db.writing() as session:
        copies.forget_ended_sessions(session, end.expires_at)
        assert sessions.is_ended(session, uuid.UUID(int=5))
        copies.forget_ended_sessions(session, end.expires_at + timedelta(seconds=1))
        assert not session.execute(select(ENDED_SESSIONS)).all()


def test_a_ticket_keeps_what_it_says() -> None:
    other = replace(TICKET, name="Zoë “the” Ž", organiser_id=2**60)
    token = sessions.sign(other, key=SESSION_KEY, now=NOW)
    assert sessions.read(token, key=SESSION_PUBLIC_KEY, now=NOW) == other
