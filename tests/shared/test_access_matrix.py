"""Every route of the console and of the API, asked by everybody: nobody gets in who may not.

What is expected follows from each route's own guard. That the guards themselves ask for enough is
held against the tables below.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from shared import access
from shared.access import NETWORK, ROLES
from shared.access.who import reaches
from shared.database import Database, insert
from shared.tables import ENDED_SESSIONS
from tests.entering import (
    SESSION_KEY,
    SESSION_PUBLIC_KEY,
    SignedInClient,
    give_token,
    signed_in,
    with_token,
)

from .samples import FIELDS, FOREIGN, OWN, SAMPLES, NoSample, arguments_of, token_ids

SERVICES = ("events", "signups", "notifications")
GUARDED = ("/organise", "/api")
YESTERDAY = datetime.now(UTC) - timedelta(days=1)

OPEN = {"api-docs.openapi_json"}
"""The endpoints below these paths that are for everybody."""

ANYWHERE = {
    "api_events.list_events",  # lists only what the token may see
    "api_events.create_event",  # the group stands in the body
    "api_groups.list_groups",
    "api_signups.sign_up",  # the shift stands in the body
    "api_notices.list_notices",
    "console.send_notices",
    "console.show_notices",
    # What it shows is public, and what it sends goes to whoever asks.
    "console_schedule.show_schedule",
    "console_schedule.show_html",
    "console_schedule.send_test",
    "console_start.show_start",
    "console_elections.list_elections",
    "exports.send_elections",
    "console_people.choose_group",
    "console_access.show_me",
    "console_access.end_others",
    "console_access.end_session",
}
"""The endpoints whose guard asks for no group although they are not for administrators alone."""

CHANGED_BY_ANYBODY = {"console_access.end_others", "console_access.end_session"}
"""The endpoints of the console that change something and ask for less than an organiser."""

OF_ONE_PERSON = {"console_access.end_session": "owner of own"}
"""The endpoints that are about somebody's own things, and whose the samples are."""


@dataclass(frozen=True)
class Asker:
    """Somebody who asks: a person with roles, a program with rights, or nobody."""

    roles: dict[int, str] = field(default_factory=dict)
    rights: dict[int, str] = field(default_factory=dict)
    spoilt: str = ""
    """Why the session or the token is no longer good."""

    def may(self, rule: Rule, view: Any) -> bool:
        """Tell whether the route's guard is for this one, were the objects those of OWN."""
        if self.spoilt:
            return False
        if hasattr(view, "needs_token"):
            right, group = view.needs_token
            opened = {g for g, rights in self.rights.items() if right in rights.split()}
            if group is access.the_network:
                return NETWORK in opened
            return bool(opened if group is None else opened & {OWN, NETWORK})
        role, group = view.needs
        if not self.roles:
            return False
        if role == "signed_in":
            return True
        if group is None:
            return any(reaches(held, role) for held in self.roles.values())
        inside = {NETWORK} if group is access.the_network else {NETWORK, OWN}
        return any(reaches(held, role) for g, held in self.roles.items() if g in inside)


ASKERS: dict[str, Asker] = {
    "nobody": Asker(),
    **{f"{role} of own": Asker(roles={OWN: role}) for role in ROLES[:3]},
    **{f"{role} of foreign": Asker(roles={FOREIGN: role}) for role in ROLES[:3]},
    "administrator": Asker(roles={NETWORK: "administrator"}),
    "ended session": Asker(roles={OWN: "owner"}, spoilt="ended"),
    "old session": Asker(roles={NETWORK: "administrator"}, spoilt="old"),
    "removed": Asker(roles={OWN: "none"}),
    **{
        f"token {right} of {name}": Asker(rights={group: right})
        for right in access.RIGHTS
        for name, group in (("own", OWN), ("foreign", FOREIGN), ("the network", NETWORK))
    },
    "revoked token": Asker(rights={NETWORK: "read write sign-up"}, spoilt="revoked"),
    "old token": Asker(rights={NETWORK: "read write sign-up"}, spoilt="old"),
}
ORGANISERS = {name: number for number, name in enumerate(ASKERS, 100)}


class Unkept(Database):
    """A database in which nothing is kept, so that each request finds things as they were."""

    keeps = True

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with super().writing() as session:
            yield session
            if not self.keeps:
                session.rollback()


@dataclass
class Asked:
    """A service with its samples, and a client for each who asks."""

    app: Flask
    samples: dict[str, Any]
    clients: dict[str, FlaskClient]

    def rules(self) -> list[Rule]:
        """Return the guarded routes."""
        return [
            rule
            for rule in self.app.url_map.iter_rules()
            if rule.rule.startswith(GUARDED) and rule.endpoint not in OPEN
        ]

    def view(self, rule: Rule) -> Any:
        return self.app.view_functions[rule.endpoint]

    def ask(self, name: str, rule: Rule, method: str) -> TestResponse:
        """Send as little as a request needs to get past the guard."""
        send = getattr(self.clients[name], method.lower())
        body = {"json": {}} if rule.rule.startswith("/api") and method != "GET" else {}
        if rule.endpoint in FIELDS:
            body = {"data": dict(FIELDS[rule.endpoint])}
        answer: TestResponse = send(self.path(rule), **body)
        return answer

    def path(self, rule: Rule) -> str:
        """Return the address of a route with samples for its arguments."""
        with self.app.test_request_context():
            built = rule.build(arguments_of(rule, self.samples))
        assert built is not None, rule.rule
        return built[1]


@pytest.fixture(scope="module", params=SERVICES)
def asked(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Callable[[str], Path],
) -> Iterator[Asked]:
    """Return one of the services with everything that the matrix asks for."""
    service = request.param
    file = tmp_path_factory.mktemp(service) / "copy.sqlite"
    file.write_bytes(sqlite_template(service).read_bytes())
    db = Unkept(f"sqlite:///{file}")
    app = make_app(service, db)
    samples = SAMPLES[service](db, ORGANISERS)
    clients = {name: client_of(app, db, name) for name in ASKERS}
    yield Asked(app, {**samples, **token_ids(db)}, clients)
    db.close()


def make_app(service: str, db: Database) -> Flask:
    """Return a service's web application on this database."""
    settings = import_module(f"services.{service}.config").Settings
    more: dict[str, Any] = {
        "events": {"session_key": SESSION_KEY},
        "signups": {"secret_key": "s" * 40},
        "notifications": {},
    }[service]
    made = settings(database_url=db.url, session_public_key=SESSION_PUBLIC_KEY, **more)
    app: Flask = import_module(f"services.{service}.app").create_app(made, db)
    return app


def client_of(app: Flask, db: Unkept, name: str) -> FlaskClient:
    """Return the client of somebody who asks."""
    asker = ASKERS[name]
    if asker.rights:
        ((group, rights),) = asker.rights.items()
        columns = {"revoked": {"revoked_at": YESTERDAY}, "old": {"expires_at": YESTERDAY}}
        spoilt: dict[str, Any] = columns.get(asker.spoilt, {})
        token = f"muster_{name}".replace(" ", "-")
        return with_token(app, give_token(db, token, group_id=group, rights=rights, **spoilt))
    if not asker.roles:
        return app.test_client()
    client = signed_in(
        app,
        db,
        *asker.roles.items(),
        organiser_id=ORGANISERS[name],
        name=name,
        now=YESTERDAY if asker.spoilt == "old" else None,
    )
    if asker.spoilt == "ended":
        end(db, client)
    return client


def end(db: Unkept, client: SignedInClient) -> None:
    """End the session of this browser, as the message would."""
    row = {"session_id": client.session_id, "expires_at": datetime.now(UTC) + timedelta(hours=12)}
    with db.writing() as session:
        session.execute(insert(session, ENDED_SESSIONS), row)


def surprises(asked: Asked, name: str) -> Iterator[str]:
    """Yield each request of one asker that ends otherwise than the guards say."""
    for rule in asked.rules():
        view = asked.view(rule)
        may = ASKERS[name].may(rule, view)
        if rule.endpoint in OF_ONE_PERSON:
            may = OF_ONE_PERSON[rule.endpoint] == name
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answer = asked.ask(name, rule, method)
            if is_turned_away(answer) == may or answer.status_code in (405, 500):
                what, group = getattr(view, "needs", None) or view.needs_token
                wanted = f"{what} of {group.__name__}" if group else what
                yield f"{name}: {method} {rule.rule} -> {answer.status}, though it needs {wanted}"


def is_turned_away(answer: TestResponse) -> bool:
    led_to_sign_in = answer.status_code == 303 and answer.location.startswith("/sign-in?next=")
    return led_to_sign_in or answer.status_code in (401, 403, 404)


@pytest.mark.parametrize("name", ASKERS)
def test_nobody_gets_in_who_may_not(asked: Asked, name: str) -> None:
    unkept(asked)

    assert list(surprises(asked, name)) == []


@pytest.mark.parametrize("name", ["viewer of own", "owner of foreign", "nobody", "revoked token"])
def test_a_route_that_lets_everybody_in_is_seen(
    asked: Asked, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unkept(asked)
    for rule in asked.rules():
        guarded = asked.view(rule)

        def unguarded(guarded: Any = guarded, **_: Any) -> str:
            return "open"

        unguarded.__dict__.update(guarded.__dict__)
        monkeypatch.setitem(asked.app.view_functions, rule.endpoint, unguarded)

    assert list(surprises(asked, name)) != []


def unkept(asked: Asked) -> None:
    """From here on nothing is kept."""
    db: Unkept = asked.app.config["DATABASE"]
    db.keeps = False


def test_every_guard_asks_for_a_group_or_is_known_not_to(asked: Asked) -> None:
    for rule in asked.rules():
        view = asked.view(rule)
        what, group = getattr(view, "needs", None) or view.needs_token
        assert group or what == "administrator" or rule.endpoint in ANYWHERE, (
            f"{rule.endpoint} is open to organisers of any group; name the group in its guard"
        )


def test_viewers_change_nothing(asked: Asked) -> None:
    for rule in asked.rules():
        changes = (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
        role = getattr(asked.view(rule), "needs", ("organiser", None))[0]
        if changes and rule.endpoint not in CHANGED_BY_ANYBODY:
            assert reaches(role, "organiser"), f"{rule.endpoint} can be sent by a {role}"
        right = getattr(asked.view(rule), "needs_token", ("write", None))[0]
        assert not changes or right != "read", f"{rule.endpoint} can be sent with the right to read"


def test_the_console_is_for_people_and_the_api_for_programs(asked: Asked) -> None:
    for rule in asked.rules():
        view = asked.view(rule)
        assert hasattr(view, "needs") == rule.rule.startswith("/organise"), rule.rule


def test_an_argument_without_a_sample_is_told_of() -> None:
    rule = Rule("/organise/lamps/<int:lamp_id>", endpoint="lamps")
    rule.bind(Flask(__name__).url_map)
    with pytest.raises(NoSample, match=r"'lamp_id'.*add the id of one.*samples\.py"):
        arguments_of(rule, {"group_id": OWN})


def test_an_unguarded_route_stops_the_start(asked: Asked) -> None:
    app = Flask("open")
    app.add_url_rule("/organise/lamps", "lamps", lambda: "open")
    with pytest.raises(RuntimeError, match="/organise/lamps is open to everybody"):
        access.check_routes(app)


def test_a_form_from_another_site_changes_nothing(asked: Asked) -> None:
    unkept(asked)
    client = asked.clients["administrator"]
    assert isinstance(client, SignedInClient)
    for rule in asked.rules():
        if not hasattr(asked.view(rule), "needs") or "POST" not in (rule.methods or ()):
            continue
        for sent in (
            {"data": {"csrf": ""}},
            {"data": {"csrf": uuid.uuid4().hex * 2}},
            {"headers": {"Origin": "https://evil.example"}},
            {"headers": {"Origin": "null"}},
        ):
            assert client.post(asked.path(rule), **sent).status_code == 403, (rule.rule, sent)
