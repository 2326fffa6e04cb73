"""Searching the schedule by postcode: how soon it is answered among many events."""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg

from services.events.geography import AREAS
from services.events.rules import KINDS
from shared import keys, migrations
from tests.eventually import eventually

from .bare import Carriers, answers, free_port, start, stop
from .effort import Effort
from .load import Load, send
from .report import Report, Target
from .signing_up import share
from .system import percentile

CLIENTS = 8
GROUPS = 200
SHIFTS_OF_ONE = 5
POSTCODES = 5000
AHEAD = 90
"""Days over which the events are spread."""
QUERIES = 3000
"""Different searches, in a row without end."""
MILES = (2, 5, 10, 10, 10, 10, 25, 50)
"""As often as people may choose each radius."""
SEED = 20261205


@dataclass(frozen=True)
class Place:
    """Where a postcode or a meeting point lies."""

    postcode: str
    latitude: float
    longitude: float


def measure_search(carriers: Carriers, effort: Effort, report: Report) -> None:
    """Ask for what is near many different postcodes, with nothing kept from an earlier answer."""
    chance = random.Random(SEED)
    url = carriers.new_database("bench_search")
    migrations.migrate(url, "events")
    places = [make_place(chance) for _ in range(POSTCODES)]
    report.progress(f"filling in {effort.events:,} events")
    fill(url, places, effort, chance)
    with running(url) as address:
        load = Load(
            url=address,
            token="",
            shifts=[],
            clients=CLIENTS,
            seconds=effort.seconds,
            paths=[make_query(chance, places) for _ in range(QUERIES)],
        )
        # Once for statements to be made and pages of the database to be read.
        send(load)
        for turn in range(effort.rounds):
            measure_round(load, effort, report, turn=turn)


def measure_round(load: Load, effort: Effort, report: Report, *, turn: int) -> None:
    """Measure one round."""
    came = send(load)
    assert set(came.statuses) == {"200"}, came.statuses
    name = f"search: p99 of {effort.events:,} events, {CLIENTS} clients"
    soon = report.measure(name, "ms", Target(most=50))
    soon.values.append(percentile(came.latencies, 99))
    soon.p50.append(percentile(came.latencies, 50))
    soon.p99.append(percentile(came.latencies, 99))
    soon.client.append(share(came))
    rate = report.measure(f"search: answers/s, {CLIENTS} clients", "/s")
    rate.values.append(len(came.latencies) / came.seconds)
    report.progress(
        f"round {turn + 1}/{effort.rounds}, {name}: {soon.values[-1]:.1f} ms"
        f" (half within {soon.p50[-1]:.1f}), {rate.values[-1]:.0f}/s"
    )


@contextlib.contextmanager
def running(url: str) -> Iterator[str]:
    """Start the web of events as it is shipped; return its address."""
    private, public = keys.new_pair()
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": url,
            "WEB_PORT": str(port),
            "LOG_LEVEL": "warning",
            **as_files(Path(folder), SESSION_KEY=private, SESSION_PUBLIC_KEY=public),
        }
        web = start("events", "web", environment)
        try:
            address = f"http://127.0.0.1:{port}"
            eventually(lambda: answers(address), timeout=90)
            yield address
        finally:
            stop([web])


def as_files(folder: Path, **secrets: str) -> dict[str, str]:
    """Write secrets into files; return the settings that name them."""
    for name, secret in secrets.items():
        Path(folder, name).write_text(secret, encoding="utf-8")
    return {f"{name}_FILE": str(folder / name) for name in secrets}


def make_place(chance: random.Random) -> Place:
    """Return a place near the middle of a postcode area: most lie where most people live."""
    letters, area = chance.choice(list(AREAS.items()))
    code = f"{letters}{chance.randint(1, 20)} {chance.randint(1, 9)}"
    code += "".join(chance.choices("ABDEFGHJLNPQRSTUWXYZ", k=2))
    return near(Place(code, area.latitude, area.longitude), chance, spread=0.12)


def near(place: Place, chance: random.Random, *, spread: float) -> Place:
    """Return a place some degrees beside another one."""
    return Place(
        place.postcode,
        place.latitude + chance.gauss(0, spread),
        place.longitude + chance.gauss(0, spread * 1.6),
    )


def make_query(chance: random.Random, places: list[Place]) -> str:
    """Return a search as a visitor sends it; every fifth asks for a kind, every tenth for days."""
    typed = chance.choice(places).postcode
    asked: dict[str, Any] = {"postcode": typed, "miles": chance.choice(MILES), "kind": ""}
    if chance.random() < 0.2:
        asked["kind"] = chance.choice(list(KINDS))
    if chance.random() < 0.1:
        first = datetime.now(UTC).date() + timedelta(days=chance.randrange(AHEAD // 2))
        asked |= {"from": first, "to": first + timedelta(days=14)}
    return f"/?{urlencode(asked)}"


def fill(url: str, places: list[Place], effort: Effort, chance: random.Random) -> None:
    """Write groups, events, their shifts, and the postcodes."""
    with psycopg.connect(url) as connection:
        copy(connection, "groups", GROUP, (group_row(n) for n in range(1, GROUPS + 1)))
        copy(
            connection, "events", EVENT, (event_row(n, chance) for n in range(1, effort.events + 1))
        )
        copy(connection, "shifts", SHIFT, shift_rows(effort.events, places, chance))
        connection.execute(
            "INSERT INTO postcode_editions (source, postcodes, begun_at, finished_at)"
            " VALUES ('bench', 0, now(), now())"
        )
        known = {p.postcode.replace(" ", ""): p for p in places}
        copy(
            connection,
            "postcodes",
            "edition_id, postcode, latitude, longitude,"
            " constituency_code, authority_code, ward_code",
            ((1, key, p.latitude, p.longitude, "", "", "") for key, p in known.items()),
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def copy(
    connection: psycopg.Connection[Any], table: str, columns: str, rows: Iterator[tuple[Any, ...]]
) -> None:
    """Write rows into a table."""
    into = f"COPY {table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(into) as writer:  # type: ignore[call-overload]
        for row in rows:
            writer.write_row(row)


GROUP = "id, revision, name, contact_name, contact_email, privacy_url, imprint, signup_notices"
EVENT = (
    "id, revision, group_id, kind, status, title, description, contact_name, contact_email,"
    " published_at"
)
SHIFT = (
    "event_id, revision, place, address, postcode, constituency, latitude, longitude, located,"
    " starts_at, ends_at, closes_at, zone, day, capacity, taken"
)


def group_row(number: int) -> tuple[Any, ...]:
    """Return one group."""
    name = f"Neighbours of number {number}"
    return number, 1, name, "Kim Example", "kim@bench.example", "https://bench.example", "", "off"


def event_row(number: int, chance: random.Random) -> tuple[Any, ...]:
    """Return one event."""
    kind, group = chance.choice(list(KINDS)), chance.randint(1, GROUPS)
    title, text = f"Out and about, day number {number}", "We talk with people. " * 20
    moment = datetime.now(UTC)
    return number, 1, group, kind, "published", title, text, "Kim", "kim@bench.example", moment


def shift_rows(
    events: int, places: list[Place], chance: random.Random
) -> Iterator[tuple[Any, ...]]:
    """Yield the shifts of each event: of one day, at meeting points near each other."""
    today = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0)
    for event in range(1, events + 1):
        day = today + timedelta(days=chance.randint(1, AHEAD))
        middle = chance.choice(places)
        for number in range(SHIFTS_OF_ONE):
            place = near(middle, chance, spread=0.05)
            start = day + timedelta(hours=2 * (number % 3))
            taken = chance.randint(0, 12)
            yield (
                *(event, 1, "Market Square", "By the old clock", place.postcode),
                *(f"Constituency {hash_of(middle)}", place.latitude, place.longitude, "postcode"),
                *(start, start + timedelta(hours=2), start, "Europe/London", day.date(), 12, taken),
            )


def hash_of(place: Place) -> int:
    """Return one of 650 numbers."""
    return int(place.latitude * 1000 + place.longitude * 7000) % 650
