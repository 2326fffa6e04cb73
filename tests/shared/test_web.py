"""The web edge: one transaction a request, committed before it is answered; errors in words."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, g, request
from flask.testing import FlaskClient
from marshmallow import Schema
from sqlalchemy import text
from werkzeug.test import EnvironBuilder

from shared import access, api, web
from shared.database import Database
from shared.refusals import NotThere, Refusal
from shared.schemas import Email, Text
from shared.settings import ServiceSettings
from tests.conftest import DatabaseOf
from tests.entering import SESSION_PUBLIC_KEY, TOKEN, give_token
from tests.shared.working import prepare


class LampIsBroken(Refusal):
    """This <lamp> is broken."""


class LampForm(Schema):
    """A form with two fields."""

    name = Text(required=True, max=10)
    email = Email(required=True)


def write(number: int = 1) -> None:
    g.session.execute(text("INSERT INTO effects VALUES (:number, 0)"), {"number": number})


def written(db: Database) -> int:
    with db.reading() as session:
        return session.execute(text("SELECT count(*) FROM effects")).scalar_one()


def make_app(db: Database, *, trusted_proxies: int = 0) -> Flask:
    """Make an app with one view for each thing that can happen, as page and below /api."""
    settings = ServiceSettings(
        database_url=db.url,
        session_public_key=SESSION_PUBLIC_KEY,
        trusted_proxies=trusted_proxies,
    )
    app = web.create_app("lamps", settings, db, package="shared")
    pages, programs = (
        Blueprint("pages", __name__),
        api.ApiBlueprint("lamps", __name__, url_prefix="/api/lamps"),
    )
    fail: dict[str, Callable[[], Any]] = {
        "refused": lambda: throw(LampIsBroken()),
        "missing": lambda: throw(NotThere()),
        "broken": lambda: throw(ZeroDivisionError("zoe@people.example")),
        "answer": lambda: Response("no", status=418),
        "fine": lambda: "done",
    }

    @pages.post("/lamps/<what>")
    @programs.post("/<what>")
    def write_then(what: str) -> Any:
        write()
        return fail[what]()

    @pages.get("/lamps/peek")
    def peek_and_write() -> str:
        write()
        return "seen"

    @pages.post("/lamps/form")
    def form() -> str:
        given = web.read_form(
            LampForm(), lambda errors: f"{request.form['name']}: {sorted(errors)}"
        )
        write()
        return f"thanks {given['name']}"

    @pages.get("/lamps/asked")
    def asked() -> str:
        return f"{request.remote_addr} asks {request.host} by {request.scheme}"

    @pages.get("/lamps/secret")
    @access.needs_token("read")
    def secret() -> str:
        return "open"

    @programs.post("/checked")
    @programs.arguments(LampForm)
    def checked(given: dict[str, str]) -> dict[str, str]:
        return given

    app.register_blueprint(pages)
    api.add_api(app, programs, title="Lamps")
    return app


def throw(error: Exception) -> None:
    raise error


@pytest.fixture
def db(database_of: DatabaseOf) -> Database:
    return prepare(database_of("signups"))


@pytest.fixture
def client(db: Database) -> FlaskClient:
    give_token(db)
    return make_app(db).test_client()


def test_what_a_request_wrote_is_committed_before_its_answer_leaves(db: Database) -> None:
    seen_at_start: list[int] = []

    def start_response(
        status: str, headers: Iterable[Any], error: Any = None
    ) -> Callable[[bytes], None]:
        seen_at_start.append(written(db))
        return lambda _: None

    environ = EnvironBuilder(path="/lamps/fine", method="POST").get_environ()
    body = make_app(db).wsgi_app(environ, start_response)

    assert b"".join(body) == b"done"
    assert seen_at_start == [1]


@pytest.mark.parametrize(
    "what, status", [("refused", 409), ("missing", 404), ("broken", 500), ("answer", 418)]
)
@pytest.mark.parametrize("prefix", ["/lamps", "/api/lamps"])
def test_what_fails_leaves_nothing_behind(
    client: FlaskClient, db: Database, prefix: str, what: str, status: int
) -> None:
    answer = client.post(f"{prefix}/{what}")

    assert answer.status_code == status
    assert written(db) == 0


def test_a_get_changes_nothing(client: FlaskClient, db: Database) -> None:
    answer = client.get("/lamps/peek")

    # PostgreSQL refuses what SQLite throws away.
    assert answer.status_code == (200 if db.dialect == "sqlite" else 500)
    assert written(db) == 0


def test_people_get_a_page_with_the_refusals_sentence(client: FlaskClient) -> None:
    answer = client.post("/lamps/refused")

    assert answer.mimetype == "text/html"
    assert "This &lt;lamp&gt; is broken." in answer.text


def test_programs_get_a_problem_with_the_refusals_sentence(client: FlaskClient) -> None:
    answer = client.post("/api/lamps/refused")

    assert answer.mimetype == "application/problem+json"
    assert answer.get_json(force=True)["status"] == 409
    assert answer.get_json(force=True)["detail"] == "This <lamp> is broken."


@pytest.mark.parametrize("prefix", ["/lamps", "/api/lamps"])
def test_an_unexpected_error_shows_nothing_of_itself(client: FlaskClient, prefix: str) -> None:
    answer = client.post(f"{prefix}/broken")

    assert "ZeroDivision" not in answer.text
    assert "zoe" not in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere"])
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_another_method_is_told_which_ones_there_are(client: FlaskClient) -> None:
    answer = client.delete("/lamps/form")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_form_with_problems_is_shown_again_filled_in(client: FlaskClient, db: Database) -> None:
    answer = client.post("/lamps/form", data={"name": "Zoë", "email": "no address"})

    assert (answer.status_code, answer.text) == (400, "Zoë: ['email']")
    assert written(db) == 0


def test_a_form_without_problems_is_taken(client: FlaskClient, db: Database) -> None:
    answer = client.post("/lamps/form", data={"name": " Zoë ", "email": "zoe@people.example"})

    assert (answer.status_code, answer.text) == (200, "thanks Zoë")
    assert written(db) == 1


def test_json_with_problems_names_every_field(client: FlaskClient) -> None:
    answer = client.post("/api/lamps/checked", json={"name": "much too long", "email": "no"})

    assert answer.status_code == 400
    problem = answer.get_json(force=True)
    assert [error["pointer"] for error in problem["errors"]] == ["/name", "/email"]
    assert all(error["detail"].endswith(".") for error in problem["errors"])


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"7", b"null", b"\xff", b"[" * 60_000, b'{"name":"\\ud800"}'),
        *(b"1" * 5000, b'{"name":' + b"1" * 5000 + b"}"),
    ],
)
def test_what_is_no_json_object_is_a_bad_request(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/lamps/checked", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("path", ["/lamps/form", "/api/lamps/checked"])
def test_more_than_64_kib_is_too_large(client: FlaskClient, path: str) -> None:
    kind = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"

    answer = client.post(path, data=b"a" * (64 * 1024 + 1), content_type=kind)

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "/lamps/peek"),
        ("GET", "/nowhere"),
        ("POST", "/lamps/broken"),
        ("POST", "/api/lamps/refused"),
        ("GET", "/static/muster.css"),
        ("GET", "/healthz"),
    ],
)
def test_every_answer_carries_the_security_headers(
    client: FlaskClient, method: str, path: str
) -> None:
    headers = client.open(path, method=method, buffered=True).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" not in headers


def test_only_https_asks_for_https_in_future(client: FlaskClient) -> None:
    answer = client.get("/lamps/peek", base_url="https://muster.example")

    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    "name", ["../messages.py", "..%2fmessages.py", "%2e%2e/web.py", "/etc/passwd"]
)
def test_static_files_come_from_their_folder_only(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}", follow_redirects=True).status_code == 404


def test_a_locked_row_is_answered_in_time_and_may_be_tried_again(
    client: FlaskClient, db: Database
) -> None:
    with db.writing() as other:
        if db.dialect == "postgresql":
            other.execute(text("LOCK TABLE effects"))
        started = time.monotonic()
        answer = client.post("/api/lamps/fine")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert 1 < time.monotonic() - started < 5
    assert client.post("/api/lamps/fine").status_code == 200
    assert written(db) == 1


@pytest.mark.parametrize(
    "path, status", [("/lamps/peek", 503), ("/healthz", 503), ("/static/muster.css", 200)]
)
def test_without_the_database_only_files_are_answered(path: str, status: int) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")

    answer = make_app(away).test_client().get(path, buffered=True)

    assert answer.status_code == status
    assert path != "/lamps/peek" or answer.headers["Retry-After"]


def test_a_process_with_its_database_is_healthy(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "Bearer tökén"}, 401),
        ({"Authorization": TOKEN}, 401),
        ({"Authorization": "Basic !!!"}, 401),
        ({}, 401),
    ],
)
def test_only_the_token_opens_what_needs_it(
    client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    assert client.get("/lamps/secret", headers=headers).status_code == status


def test_the_api_describes_itself(client: FlaskClient) -> None:
    described = client.get("/api/lamps/openapi.json").get_json()

    assert described["openapi"].startswith("3.1")
    assert "/api/lamps/checked" in described["paths"]
    assert described["security"] == [{"token": []}]


FORGED = {
    "X-Forwarded-For": "192.0.2.1, 198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "elsewhere.example",
}


def test_what_a_visitor_says_of_being_forwarded_is_not_believed(client: FlaskClient) -> None:
    assert client.get("/lamps/asked", headers=FORGED).text == "127.0.0.1 asks localhost by http"


def test_a_trusted_proxy_says_who_asks_but_not_for_which_host(db: Database) -> None:
    client = make_app(db, trusted_proxies=1).test_client()

    answer = client.get("/lamps/asked", headers=FORGED)

    assert answer.text == "198.51.100.7 asks localhost by https"
