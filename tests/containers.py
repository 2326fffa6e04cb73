"""The compose system for tests: PostgreSQL, RabbitMQ and the mail catcher, or all of Muster.

`postgres_url` and `rabbit` start what they need; `stack` builds and starts the rest too. Everything
runs under its own project name and with its own secrets, and is taken down at the end, unless
KEEP_STACK=1 is set: then it is left, and used again by the next run that sets it.
"""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import json
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import pika
import psycopg
import pytest
import requests

from tests.entering import ISSUE, token_in
from tests.eventually import eventually

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""Which of several test processes this is: each has containers of its own, and takes them down."""

PROJECT = "-".join(filter(None, (os.environ.get("MUSTER_TEST_PROJECT", "muster-test"), WORKER)))
KEEP = bool(os.environ.get("KEEP_STACK")) and not WORKER
SECRETS = Path(tempfile.gettempdir(), f"{PROJECT}-secrets-{os.getuid()}")
RESULTS = ROOT / "test-results" / "containers"
ENVIRONMENT = dict(os.environ)
"""The environment before the settings of the compose system came in: for other programs."""

CARRIERS = ("postgres", "rabbitmq", "mail")
SERVICES = ("events", "signups", "notifications")
LASTING = ("front-door", *CARRIERS, *(f"{s}-{p}" for s in SERVICES for p in ("web", "worker")))
"""What keeps running, in contrast to what prepares and ends."""

T = TypeVar("T")


def run(*command: str | Path, timeout: float = 300) -> str:
    """Run a program and return what it wrote; a failure shows it."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        timeout=timeout,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    shown = " ".join(str(part) for part in command)
    assert done.returncode == 0, f"{shown}: exit {done.returncode}\n{done.stdout}"
    return done.stdout


def compose(*arguments: str, timeout: float = 300) -> str:
    """Run docker compose on the project of the tests."""
    start = ("docker", "compose", "-f", ROOT / "docker-compose.yml", "-p", PROJECT)
    return run(*start, *arguments, timeout=timeout)


def ids_of(service: str) -> list[str]:
    """Return the containers of a service that run."""
    return compose("ps", "--quiet", service).split()


def inspect(container: str, template: str) -> str:
    """Return what `docker inspect` says of a container."""
    return run("docker", "inspect", "--format", template, container).strip()


def ip_of(container: str) -> str:
    """Return the address at which this machine reaches a container; a restart may change it."""
    networks: dict[str, dict[str, str]] = json.loads(
        inspect(container, "{{json .NetworkSettings.Networks}}")
    )
    return networks[f"{PROJECT}_backend"]["IPAddress"]


def secret(name: str) -> str:
    """Return one of the secrets of the tests."""
    return (SECRETS / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    """Return the one compose file."""
    return str(ROOT / "docker-compose.yml")


@pytest.fixture(scope="session")
def docker_compose_project_name() -> str:
    """Return a fixed name: a run that crashed is cleaned up by the next."""
    return PROJECT


@pytest.fixture(scope="session")
def docker_setup() -> Iterator[list[str]]:
    """Prepare engine, images, secrets and settings; name the commands that start the carriers."""
    with only_one_at_a_time():
        run(ROOT / "deploy/images/engine-up", timeout=900)
        run(ROOT / "deploy/images/base-images", timeout=1800)
        run(ROOT / "deploy/make-secrets", SECRETS)
        os.environ.update(settings())
        up = f"up --detach --wait --wait-timeout 180 --quiet-pull {' '.join(CARRIERS)}"
        yield [up] if KEEP else ["down --volumes --remove-orphans --timeout 1", up]


@pytest.fixture(scope="session")
def docker_cleanup() -> list[str]:
    """Take everything down, unless it is to be kept."""
    return [] if KEEP else ["down --volumes --remove-orphans --timeout 2"]


@contextlib.contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Wait until no other test run on this machine uses the project."""
    with Path(tempfile.gettempdir(), f"{PROJECT}-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def settings() -> dict[str, str]:
    """Return the settings of docker-compose.yml for tests."""
    return {
        "SECRETS_DIR": str(SECRETS),
        "COMPOSE_PROFILES": "mail",
        "LISTEN": "127.0.0.1",
        "PORT": str(published_port() or free_port()),
        "PUBLIC_URL": "",
        "MAIL_PORT": "0",
        # Tests come from this machine as different people: see Stack.from_somewhere.
        "TRUSTED_PROXIES": "host",
        "SIGNUPS_WEB": "3",
        "NOTIFICATIONS_WORKER": "2",
        # So that nobody waits ten minutes to hear of a change.
        "CHANGE_NOTICE_WAIT": "2",
    }


def published_port() -> str:
    """Return the front door's port if it is kept from an earlier run."""
    found = run(
        *("docker", "ps", "--quiet", "--filter", f"label=com.docker.compose.project={PROJECT}"),
        *("--filter", "label=com.docker.compose.service=front-door"),
    ).split()
    template = '{{(index (index .NetworkSettings.Ports "8080/tcp") 0).HostPort}}'
    return inspect(found[0], template) if KEEP and found else ""


def free_port() -> int:
    """Return a port that nothing listens on: known before the start, so that links are right."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgres_url(docker_services: Any) -> Callable[[str], str]:
    """Return a function that makes a fresh, empty database and returns its URL."""
    address = ip_of(*ids_of("postgres"))
    server = f"postgresql://postgres:{secret('postgres-password')}@{address}:5432"

    def make(name: str) -> str:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[call-overload]
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
        return f"{server}/{name}"

    return make


@dataclass
class Broker:
    """RabbitMQ, seen through one of its virtual hosts."""

    vhost: str

    @property
    def host(self) -> str:
        """The container's address, asked each time."""
        return ip_of(*ids_of("rabbitmq"))

    @property
    def url(self) -> str:
        """The AMQP address for the operator, who may do everything."""
        return self._url("operator", secret("rabbitmq-password"))

    def url_of(self, service: str) -> str:
        """Return the AMQP address for a service's own account, with its few permissions."""
        return self._url(service, urlsplit(secret(f"{service}-amqp-url")).password or "")

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call the management API; `path` as in `queues/{vhost}/events`."""
        answer = requests.request(
            method,
            f"http://{self.host}:15672/api/{path.format(vhost=quote(self.vhost, safe=''))}",
            auth=("operator", secret("rabbitmq-password")),
            json=body,
            timeout=20,
        )
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def take(self, queue: str, count: int = 100) -> list[dict[str, Any]]:
        """Take messages from a queue; each has `routing_key`, `payload` and `properties`."""
        taken: list[dict[str, Any]] = self.api(
            "POST",
            f"queues/{{vhost}}/{queue}/get",
            {"count": count, "ackmode": "ack_requeue_false", "encoding": "auto"},
        )
        return taken

    def depth(self, queue: str) -> int:
        """Return how many messages wait in a queue, those in a consumer's hands not counted.

        Asked over AMQP: the figures of the management API are some seconds old.
        """
        connection = pika.BlockingConnection(pika.URLParameters(self.url))
        with contextlib.closing(connection):
            declared = connection.channel().queue_declare(queue, passive=True)
            waiting: int = declared.method.message_count
            return waiting

    def _url(self, user: str, password: str) -> str:
        return f"amqp://{user}:{password}@{self.host}:5672/{quote(self.vhost, safe='')}"


@pytest.fixture
def rabbit(docker_services: Any) -> Iterator[Broker]:
    """Return a fresh virtual host with Muster's topology and the services' accounts."""
    broker = Broker(f"test-{uuid.uuid4().hex[:12]}")
    topology = (ROOT / "deploy/rabbitmq/definitions/10-topology.json").read_text(encoding="utf-8")
    accounts = json.loads(secret("20-accounts.json"))
    broker.api("PUT", "vhosts/{vhost}")
    try:
        for definitions in (json.loads(topology), {**accounts, "users": []}):
            moved = {
                kind: [{**item, **here(kind, broker.vhost)} for item in items]
                for kind, items in definitions.items()
            }
            broker.api("POST", "definitions", moved)
        yield broker
    finally:
        broker.api("DELETE", "vhosts/{vhost}")


def here(kind: str, vhost: str) -> dict[str, str]:
    """Return what moves one definition to another virtual host."""
    return {"name": vhost} if kind == "vhosts" else {"vhost": vhost}


class Stack:
    """The whole running system, and the ways to break it."""

    def __init__(self) -> None:
        self.url = f"http://127.0.0.1:{os.environ['PORT']}"
        self.rabbit = Broker("/")
        self._addresses: dict[str, str] = {}

    @cached_property
    def api_token(self) -> str:
        """A token for everything, made when it is first needed."""
        return token_in(self.muster("events", *ISSUE))

    def address(self, service: str) -> str:
        """Return where a service's one container is reached; asked again once it did not answer.

        Each question to Docker costs a good part of a second of processor time.
        """
        if not self._addresses.get(service):
            found = ids_of(service)
            assert len(found) == 1, f"{len(found)} containers of {service} run"
            self._addresses[service] = ip_of(*found)
        return self._addresses[service]

    def compose(self, *arguments: str, timeout: float = 300) -> str:
        """Run docker compose on this system."""
        return compose(*arguments, timeout=timeout)

    @staticmethod
    def up(*arguments: str) -> None:
        """Start what does not run and wait until all is healthy."""
        up = ("up", "--detach", "--wait", "--wait-timeout", "180", "--quiet-pull")
        compose(*up, *arguments, timeout=600)

    def mend(self) -> None:
        """Start again what the test before left broken; where all is well this costs nothing."""
        states = compose("ps", "--all", "--format", "{{.Service}} {{.Health}}").split("\n")
        well = Counter(state.split()[0] for state in states if state.endswith(" healthy"))
        copies = dict.fromkeys(LASTING, 1) | {"signups-web": 3, "notifications-worker": 2}
        if any(well[name] != wanted for name, wanted in copies.items()):
            self.up()

    def ids(self, service: str) -> list[str]:
        """Return the containers of a service, as in "signups-web"."""
        return ids_of(service)

    def exec(self, service: str, *command: str) -> str:
        """Run a command in the first container of a service and return what it wrote."""
        return compose("exec", "-T", service, *command)

    def muster(self, service: str, *arguments: str) -> str:
        """Run `muster` where a service's worker runs."""
        return self.exec(f"{service}-worker", "muster", *arguments)

    def database_url(self, service: str) -> str:
        """Return the address of a service's own database, for looking into it."""
        password, address = secret("postgres-password"), self.address("postgres")
        return f"postgresql://postgres:{password}@{address}:5432/{service}"

    def ask(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query in a service's database."""
        with psycopg.connect(self.database_url(service)) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]

    def from_somewhere(self) -> dict[str, str]:
        """Return request headers that make the front door see another visitor's address."""
        address = ipaddress.IPv4Address("10.0.0.0") + random.randrange(2**24)
        return {"X-Forwarded-For": str(address)}

    def get(self, path: str, **options: Any) -> requests.Response:
        """Read a page as a visitor."""
        return requests.get(self.url + path, **{"timeout": 30, **options})

    def post(self, path: str, **options: Any) -> requests.Response:
        """Send a form or JSON as a visitor; what answers is not followed."""
        return requests.post(
            self.url + path, **{"timeout": 30, "allow_redirects": False, **options}
        )

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call the programs' API with its token."""
        headers = {"Authorization": f"Bearer {self.api_token}", **options.pop("headers", {})}
        return requests.request(
            method, self.url + path, headers=headers, **{"timeout": 30, **options}
        )

    @property
    def mail_url(self) -> str:
        """The mail catcher's API."""
        return f"http://{self.address('mail')}:8025/api/v1"

    def mails(self, to: str = "", limit: int = 20_000) -> list[dict[str, Any]]:
        """Return the mails in the catcher, newest first, perhaps only those to one email."""
        query = {"query": f"to:{to}"} if to else {}
        kind = "search" if to else "messages"
        answer = requests.get(
            f"{self.mail_url}/{kind}", params={**query, "limit": limit}, timeout=30
        )
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def raw_mail(self, ident: str) -> bytes:
        """Return one mail as it came, its ID taken from `mails`."""
        answer = requests.get(f"{self.mail_url}/message/{ident}/raw", timeout=30)
        answer.raise_for_status()
        return answer.content

    def empty_mailbox(self) -> None:
        """Throw away all mail in the catcher."""
        requests.delete(f"{self.mail_url}/messages", timeout=30).raise_for_status()

    @contextlib.contextmanager
    def refusing_mail(self, code: int = 451, percent: int = 100) -> Iterator[None]:
        """Let the mail catcher refuse recipients for a while."""
        chaos = {"Recipient": {"ErrorCode": code, "Probability": percent}}
        requests.put(f"{self.mail_url}/chaos", json=chaos, timeout=30).raise_for_status()
        try:
            yield
        finally:
            requests.put(f"{self.mail_url}/chaos", json={}, timeout=30).raise_for_status()

    def kill(self, container: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal a container's main process, as a crash does; its policy starts it again.

        Not `docker kill`, which counts as a wish and is not followed by a restart.
        """
        os.kill(int(inspect(container, "{{.State.Pid}}")), number)

    def stop(self, service: str, timeout: int = 20) -> None:
        """Stop all copies of a service in an orderly way."""
        run("docker", "stop", "--time", str(timeout), *ids_of(service))

    def start(self, service: str) -> None:
        """Start what `stop` stopped, and wait until it is healthy.

        Past Compose, which would first run again what the service waits for at its first start.
        """
        run("docker", "start", *compose("ps", "--all", "--quiet", service).split())
        self.wait_until_healthy(service)

    @contextlib.contextmanager
    def stopped(self, service: str, timeout: int = 20) -> Iterator[None]:
        """Stop a service for a while; after `timeout` seconds it is not asked any more."""
        self.stop(service, timeout)
        try:
            yield
        finally:
            self.start(service)

    @contextlib.contextmanager
    def hung(self, container: str) -> Iterator[None]:
        """Hang all processes of a container: they hold their connections and say nothing."""
        processes = [int(n) for n in run("docker", "top", container, "-eo", "pid").split()[1:]]
        signal_all(processes, signal.SIGSTOP)
        try:
            yield
        finally:
            signal_all(processes, signal.SIGCONT)
            eventually(lambda: self.health(container) == "healthy", timeout=60, every=0.2)

    def health(self, container: str) -> str:
        """Return "healthy", "unhealthy" or "starting"."""
        return inspect(container, "{{.State.Health.Status}}")

    def restarts(self, container: str) -> int:
        """Return how often the engine started a container again after it died."""
        return int(inspect(container, "{{.RestartCount}}"))

    def wait_until_healthy(self, service: str, timeout: float = 90) -> None:
        """Wait for all copies of a service."""
        containers = compose("ps", "--all", "--quiet", service).split()
        self.wait(
            lambda: {self.health(container) for container in containers} == {"healthy"},
            timeout=timeout,
        )
        self._addresses.clear()

    def wait(self, check: Callable[[], T], timeout: float = 30) -> T:
        """Ask `check` until it says something true; the system not answering means "not yet"."""

        def asked() -> T:
            try:
                return check()
            except (requests.RequestException, psycopg.Error) as error:
                self._addresses.clear()
                raise AssertionError(f"no answer: {error}") from error

        return eventually(asked, timeout=timeout, every=0.2)


def signal_all(processes: list[int], number: signal.Signals) -> None:
    """Signal processes, some of which may have ended."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


@pytest.fixture(scope="session")
def stack(docker_services: Any) -> Iterator[Stack]:
    """Return the whole system, with three copies of signups-web and two of the mail sender."""
    started = time.monotonic()
    Stack.up("--build")
    print(f"the compose system was healthy after {time.monotonic() - started:.0f} s")
    yield Stack()
    keep_logs()


@pytest.fixture
def whole(stack: Stack) -> Stack:
    """Return the system with every part running and healthy, whatever the test before broke."""
    stack.mend()
    return stack


def keep_logs() -> None:
    """Write each container's log where a failure can be read up."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    for name in compose("ps", "--all", "--format", "{{.Name}}").split():
        log = run("docker", "logs", "--timestamps", name)
        (RESULTS / f"{name}.log").write_text(log, encoding="utf-8")
