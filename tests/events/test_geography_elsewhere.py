"""Asking a service like postcodes.io: within a second, once a postcode, and never in the way."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.events.config import Settings
from services.events.geography import constituencies_of, locate
from services.events.geography import elsewhere as asking
from services.events.geography.elsewhere import Elsewhere
from shared import keys

LINCOLN = {
    "status": 200,
    "result": {
        "postcode": "LN2 1AA",
        "latitude": 53.23,
        "longitude": -0.54,
        "parliamentary_constituency_2024": "Lincoln",
        "admin_district": "Lincoln",
        "codes": {
            "parliamentary_constituency": "E14000792",
            "parliamentary_constituency_2024": "E14001334",
            "admin_district": "E07000138",
        },
    },
}
DISTRICT = {"status": 200, "result": {"outcode": "LN2", "latitude": 53.24, "longitude": -0.52}}
Answers = dict[str, tuple[int, bytes]]


@pytest.fixture
def asked() -> list[str]:
    """Return the paths that were asked for."""
    return []


@pytest.fixture
def service(asked: list[str]) -> Iterator[Callable[[Answers], str]]:
    """Return a function that starts a service with these answers and gives its address."""
    stop = threading.Event()
    servers: list[ThreadingHTTPServer] = []

    def start(answers: Answers) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                status, body = answers.get(self.path, (404, b'{"status":404,"error":"not found"}'))
                if status == 0:
                    stop.wait(20)
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    stop.set()
    for server in servers:
        server.shutdown()
        server.server_close()


def told_to_ask(session: Session, url: str) -> Session:
    private, public = keys.new_pair()
    session.info["settings"] = Settings(
        database_url="sqlite://", session_key=private, session_public_key=public, postcodes_url=url
    )
    return session


def answer(found: object) -> tuple[int, bytes]:
    return 200, json.dumps(found).encode()


def test_what_is_not_loaded_is_asked_for_once(
    session: Session, service: Callable[[Answers], str], asked: list[str]
) -> None:
    told_to_ask(session, service({"/postcodes/LN21AA": answer(LINCOLN)}))
    for _ in range(3):
        found = locate(session, "ln2 1aa")
        assert found is not None
        assert (found.latitude, found.exactness, found.words) == (53.23, "postcode", "LN2 1AA")
        assert (found.constituency_code, found.constituency) == ("E14001334", "Lincoln")
        assert (found.authority_code, found.authority) == ("E07000138", "Lincoln")
    assert [(one.code, one.name) for one in constituencies_of(session, "LN2 1AA")] == [
        ("E14001334", "Lincoln")
    ]
    assert asked == ["/postcodes/LN21AA"]


def test_a_district_is_asked_for_as_well(
    session: Session, service: Callable[[Answers], str], asked: list[str]
) -> None:
    told_to_ask(session, service({"/outcodes/LN2": answer(DISTRICT)}))
    found = locate(session, "LN2")
    assert found is not None
    assert (found.latitude, found.exactness, found.words) == (53.24, "district", "around LN2")
    assert constituencies_of(session, "LN2") == []
    assert asked == ["/outcodes/LN2"]


def test_what_the_service_does_not_know_lies_in_its_area(
    session: Session, service: Callable[[Answers], str], asked: list[str]
) -> None:
    told_to_ask(session, service({}))
    for _ in range(2):
        found = locate(session, "LN2 1AA")
        assert found is not None
        assert found.exactness == "area"
    assert asked == ["/postcodes/LN21AA"]


@pytest.mark.parametrize(
    "status, body",
    [
        (500, b"oh"),
        (429, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"result": 7}'),
        (200, b'{"result": {"latitude": "north", "longitude": null}}'),
        (200, b'{"result": {"latitude": 1e999, "longitude": 0}}'),
        (200, b"[" * 60_000),
        (200, b"{" + b" " * 200_000 + b"}"),
    ],
)
def test_nonsense_does_no_harm(
    session: Session, service: Callable[[Answers], str], status: int, body: bytes
) -> None:
    told_to_ask(session, service({"/postcodes/LN21AA": (status, body)}))
    found = locate(session, "LN2 1AA")
    assert found is not None
    assert found.exactness == "area"


def test_nobody_waits_longer_than_a_second_and_then_not_again(
    session: Session, service: Callable[[Answers], str], asked: list[str]
) -> None:
    told_to_ask(session, service({"/postcodes/LN21AA": (0, b"")}))
    began = time.monotonic()
    for _ in range(5):
        found = locate(session, "LN2 1AA")
        assert found is not None
        assert found.exactness == "area"
    assert time.monotonic() - began < 3
    assert asked == ["/postcodes/LN21AA"]


def test_a_service_that_is_not_there_does_no_harm(session: Session) -> None:
    told_to_ask(session, "http://127.0.0.1:9")
    found = locate(session, "LN2 1AA")
    assert found is not None
    assert found.exactness == "area"


def test_answers_do_not_fill_the_memory(
    service: Callable[[Answers], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "KEPT", 2)
    there = Elsewhere(service({}))
    for typed in ("LN1", "LN2", "LN3", "LN4"):
        postcode = asking.Postcode(area="LN", outward=typed)
        assert there.find(postcode) is None
    assert list(there._answers) == ["outcodes/LN3", "outcodes/LN4"]
