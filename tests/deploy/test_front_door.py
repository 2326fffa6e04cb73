"""The front door of the running system: whom it asks, and what it says when nobody answers."""

from __future__ import annotations

import re
import secrets
import socket
from collections import Counter
from urllib.parse import urlsplit

import pytest
import requests

from tests.containers import Stack, ip_of

pytestmark = pytest.mark.journeys
FORM = {"name": "Ada Example", "email": "ada@people.example"}


def asked(stack: Stack, path: str, times: int) -> Counter[str]:
    """Read a page often; return how often each copy was asked, from the front door's log."""
    # Another each time, as the log keeps what was asked before.
    mark = f"/x{secrets.token_hex(4)}"
    for _ in range(times):
        stack.get(path + mark)
    log = stack.compose("logs", "--no-log-prefix", "front-door")
    return Counter(re.findall(rf'"path":"{path}{mark}".*"copy":"([^"]*)"', log))


def test_all_copies_are_asked(whole: Stack) -> None:
    copies = {f"{ip_of(container)}:8000" for container in whole.ids("signups-web")}

    assert len(copies) == 3
    assert set(asked(whole, "/sign-up", 40)) == copies


def test_more_and_fewer_copies_need_no_reload(whole: Stack) -> None:
    whole.up("--no-recreate", "--scale", "signups-web=4")
    whole.wait(lambda: len(asked(whole, "/sign-up", 40)) == 4)

    whole.up("--no-recreate")
    whole.wait(lambda: len(asked(whole, "/sign-up", 40)) == 3)


def test_a_page_of_a_stopped_service_says_so_and_when_to_come_back(whole: Stack) -> None:
    with whole.stopped("signups-web"):
        page = whole.get("/my")
        elsewhere = whole.get("/")

    assert page.status_code == 503
    assert page.headers["Retry-After"] == "60"
    assert page.headers["Cache-Control"] == "no-store"
    assert "This page will be back in a minute" in page.text
    assert elsewhere.status_code == 200


def test_a_sign_up_that_reached_nobody_is_said_to_be_not_taken(whole: Stack) -> None:
    with whole.stopped("signups-web"):
        page = whole.post("/sign-up/1", data=FORM)
        answer = whole.call("POST", "/api/signups", json=FORM)

    assert page.status_code == answer.status_code == 503
    assert "Your sign-up was not taken" in page.text
    assert "try again in a minute" in page.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 503


def test_a_sign_up_that_may_have_been_taken_is_not_said_to_be_lost(whole: Stack) -> None:
    (container, *_) = whole.ids("notifications-web")

    with whole.hung(container):
        page = whole.post("/mail/1", data=FORM)

    assert page.status_code == 503
    assert "We cannot tell whether that was taken" in page.text


def test_a_copy_that_hangs_delays_reading_but_breaks_nothing(whole: Stack) -> None:
    with whole.hung(whole.ids("signups-web")[0]):
        answers = [whole.get("/my") for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize("service", ["events-web", "signups-web", "notifications-worker"])
def test_a_process_that_dies_is_started_again(whole: Stack, service: str) -> None:
    (container, *_) = whole.ids(service)
    before = whole.restarts(container)

    whole.kill(container)

    whole.wait(lambda: whole.restarts(container) > before)
    whole.wait_until_healthy(service)


def test_more_than_64_kilobytes_are_refused_at_the_door(whole: Stack) -> None:
    page = whole.post("/sign-up/1", data=b"x" * 65_537)
    answer = whole.call("POST", "/api/signups", data=b"x" * 65_537)

    assert page.status_code == answer.status_code == 413
    assert "too much at once" in page.text
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_doors_own_page_allows_its_style_and_nothing_else(whole: Stack) -> None:
    page = whole.post("/sign-up/1", data=b"x" * 65_537)

    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in page.text


def test_a_request_that_is_never_finished_is_given_up(whole: Stack) -> None:
    door = urlsplit(whole.url)

    with socket.create_connection((door.hostname, door.port), timeout=20) as slow:
        slow.sendall(b"POST /sign-up/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nna")
        ended = slow.recv(1000)

    assert ended == b"" or b" 408 " in ended.split(b"\r\n")[0]
    assert whole.get("/").status_code == 200


def test_the_log_holds_no_address_no_query_and_no_token(whole: Stack) -> None:
    token = "t0ken" * 12
    headers = {"X-Forwarded-For": "203.0.113.9"}

    whole.get(f"/my/{token}?email=ada@people.example", headers=headers)

    log = whole.compose("logs", "--no-log-prefix", "front-door")
    assert not [word for word in (token, "ada@", "203.0.113.9") if word in log]


def test_static_files_travel_compressed(whole: Stack) -> None:
    answer = requests.get(whole.url + "/static/muster.css", timeout=30)

    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "gzip"
