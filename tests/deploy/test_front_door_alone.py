"""The front door by itself, before two copies of a stand-in: whom it believes, what it repeats."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.containers import compose, run
from tests.eventually import eventually

pytestmark = pytest.mark.containers
ECHO = Path(__file__).with_name("echo.py")
CONFINED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges:true")
FORM = {"name": "Ada Example"}


@dataclass
class Door:
    url: str
    copies: list[str]

    def seen(self) -> list[str]:
        """Return what reached the stand-ins so far."""
        return [
            asked
            for copy in self.copies
            for asked in requests.get(f"http://{copy}:8000/seen", timeout=10).json()["seen"]
        ]


def address_of(container: str) -> str:
    template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return run("docker", "inspect", "--format", template, container).strip()


@pytest.fixture(scope="module")
def image(docker_services: Any) -> str:
    compose("build", "--quiet", "front-door")
    return "muster/front-door"


@pytest.fixture(scope="module")
def network(image: str) -> Iterator[tuple[str, list[str]]]:
    """Two stand-ins on a network of their own, each of them answering for all services."""
    name = f"muster-test-{uuid.uuid4().hex[:8]}"
    run("docker", "network", "create", name)
    started = []
    try:
        for _ in range(2):
            aliases = [f"--network-alias={s}-web" for s in ("events", "signups", "notifications")]
            started.append(
                run(
                    *("docker", "run", "--detach", "--rm", "--network", name, *aliases),
                    *("--volume", f"{ECHO}:/echo.py:ro", "python:3.13-slim", "python", "/echo.py"),
                ).strip()
            )
        copies = [address_of(container) for container in started]
        for copy in copies:
            eventually(lambda copy=copy: listens(copy, 8000))
        yield name, copies
    finally:
        if started:
            run("docker", "rm", "--force", *started)
        run("docker", "network", "rm", name)


def listens(address: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=5):
        return True
    return False


@pytest.fixture
def open_door(image: str, network: tuple[str, list[str]]) -> Iterator[Callable[..., Door]]:
    """Return a function that starts a front door with settings, and with a certificate if given."""
    name, copies = network
    with contextlib.ExitStack() as open_doors:

        def start(*, proxies: str = "", tls: Path | None = None) -> Door:
            mounted = ("--volume", f"{tls}:/etc/front-door/tls:ro") if tls else ()
            container = run(
                *("docker", "run", "--detach", "--user=101:101", "--tmpfs=/tmp:uid=101"),
                *(*CONFINED, "--network", name, "--env", f"TRUSTED_PROXIES={proxies}"),
                *(*mounted, image),
            ).strip()
            open_doors.callback(run, "docker", "rm", "--force", container)
            address = address_of(container)
            eventually(lambda: listens(address, 8080), timeout=20)
            return Door(f"{'https' if tls else 'http'}://{address}:8080", copies)

        yield start


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory, image: str) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    folder.chmod(0o777)
    run(
        *(
            "docker",
            "run",
            "--rm",
            f"--user={os.getuid()}",
            "--volume",
            f"{folder}:/tls",
            "--entrypoint=openssl",
        ),
        *(image, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-nodes", "-days", "2", "-subj", "/CN=muster.example"),
        *("-keyout", "/tls/key.pem", "-out", "/tls/certificate.pem"),
    )
    for made in folder.iterdir():
        made.chmod(0o444)
    return folder


def test_nobody_is_believed_who_says_to_be_a_proxy(open_door: Callable[..., Door]) -> None:
    door = open_door()
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}

    seen = requests.get(door.url + "/my", headers=forged, timeout=10).json()["headers"]

    assert seen["X-Forwarded-For"] != "203.0.113.9"
    assert "," not in seen["X-Forwarded-For"]
    assert seen["X-Forwarded-Proto"] == "http"


def test_a_trusted_proxy_is_believed_but_not_what_it_passed_on(
    open_door: Callable[..., Door],
) -> None:
    door = open_door(proxies="host")
    told = {"X-Forwarded-For": "198.51.100.66, 203.0.113.9", "X-Forwarded-Proto": "https"}

    seen = requests.get(door.url + "/my", headers=told, timeout=10).json()["headers"]

    assert seen["X-Forwarded-For"] == "203.0.113.9"
    assert seen["X-Forwarded-Proto"] == "https"


def test_services_learn_which_host_was_asked_for(open_door: Callable[..., Door]) -> None:
    door = open_door()

    seen = requests.get(door.url + "/my", headers={"Host": "muster.example:8443"}, timeout=10)

    assert seen.json()["headers"]["Host"] == "muster.example:8443"


def test_a_post_that_was_sent_is_never_sent_again(open_door: Callable[..., Door]) -> None:
    door = open_door()

    answer = requests.post(door.url + "/sign-up/1/broken", data=FORM, timeout=20)

    assert answer.status_code == 503
    assert "We cannot tell whether that was taken" in answer.text
    assert door.seen().count("POST /sign-up/1/broken") == 1


@pytest.mark.parametrize(
    "path, size, status",
    [
        ("/organise/groups/1/import", 5 * 1024 * 1024, 200),
        ("/organise/groups/1/import", 6 * 1024 * 1024, 413),
        ("/organise/groups/1/import/more", 65_537, 413),
        ("/organise/groups/1/profile", 65_537, 413),
        ("/sign-up/1", 65_537, 413),
    ],
)
def test_only_lists_to_import_may_be_large(
    open_door: Callable[..., Door], path: str, size: int, status: int
) -> None:
    door = open_door()

    assert requests.post(door.url + path, data=b"x" * size, timeout=20).status_code == status


def test_reading_is_tried_at_the_other_copy(open_door: Callable[..., Door]) -> None:
    door = open_door()

    requests.get(door.url + "/events/1/broken", timeout=20)

    assert door.seen().count("GET /events/1/broken") == 2


# The certificate is for another name than the address at which a test reaches the container.
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_with_a_certificate_it_is_https_and_plain_http_is_sent_there(
    open_door: Callable[..., Door], certificate: Path
) -> None:
    door = open_door(tls=certificate)
    plain = door.url.replace("https", "http")

    secure = requests.get(door.url + "/my", timeout=10, verify=False)  # noqa: S501
    sent_on = requests.get(plain + "/my?a=b", timeout=10, allow_redirects=False)

    assert secure.json()["headers"]["X-Forwarded-Proto"] == "https"
    assert sent_on.status_code == 301
    assert sent_on.headers["Location"] == door.url + "/my?a=b"


@pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"]
)
def test_current_versions_of_tls_are_spoken(
    open_door: Callable[..., Door], certificate: Path, version: ssl.TLSVersion
) -> None:
    door = urlsplit(open_door(tls=certificate).url)
    context = ssl.create_default_context(cafile=str(certificate / "certificate.pem"))
    context.check_hostname = False
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])

    with (
        socket.create_connection((door.hostname, door.port), timeout=10) as plain,
        context.wrap_socket(plain) as secure,
    ):
        assert secure.selected_alpn_protocol() == "h2"


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (("--env", "TRUSTED_PROXIES=10.0.0.0/8; evil"), "neither a network nor `host`"),
        (("--volume", "{key_only}:/etc/front-door/tls:ro"), "certificate.pem is missing"),
    ],
)
def test_a_wrong_setting_stops_the_start_and_is_named(
    image: str, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "key.pem").touch()
    settings = [argument.format(key_only=tmp_path) for argument in arguments]

    refused = subprocess.run(
        ["docker", "run", "--rm", "--user=101:101", "--tmpfs=/tmp:uid=101", *settings, image],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert refused.returncode != 0
    assert sentence in refused.stderr
