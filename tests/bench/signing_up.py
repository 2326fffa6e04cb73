"""Sign-ups: how many a second, how soon answered, mailed and shown, and the rush for the last."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace

import psycopg

from services.signups.app import create_app
from services.signups.config import Settings
from shared import keys
from shared.processes import open_database
from tests.eventually import eventually

from .effort import Effort
from .load import Answers, Load, send
from .replay import Plan, make_plan, replay
from .report import Report, Target
from .system import System, percentile

CLIENTS = (1, 8, 32)
FOLLOW_RATE = 20.0
LOOK = 0.002
"""Seconds between two looks at the places that events shows."""

SOON = {
    ("mail", 50): Target(most=25),
    ("mail", 99): Target(most=100),
    ("places shown", 99): Target(most=150),
}
SOON_DONE = 2000
"""So many tries are to be over within three seconds."""

SHORT_LINE = 100
RATES = {"one hot shift": 0.5, "many shifts": 0.4}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Shifts to sign up for, and what one sign-up for them says to the database."""

    name: str
    shifts: list[int]
    plan: Plan
    clients: tuple[int, ...]


def note_sign_up(system: System, shifts: tuple[int, int]) -> Plan:
    """Note what a sign-up for each of two shifts says to the database, through the real app."""
    settings = Settings(
        database_url=system.databases["signups"],
        secret_key="k" * 32,
        session_public_key=keys.new_pair()[1],
    )
    with closing(open_database(settings, pool_size=1)) as db:
        visitor = create_app(settings, db).test_client()

        def sign_up(shift: int) -> None:
            name = uuid.uuid4().hex[:12]
            answer = visitor.post(
                "/api/signups",
                json={
                    "shift_id": shift,
                    "name": "Robin Sample",
                    "email": f"{name}@people.example",
                    "phone": "+44 20 7946 0123",
                    "postcode": "SW1A 1AA",
                    "consent": True,
                },
                headers={"Authorization": f"Bearer {system.token}", "Idempotency-Key": name},
            )
            assert answer.status_code == 201, answer.text

        part_ids(settings.database_url)
        # Before: what every connection asks once. Twice for the second, so that the counts differ.
        for shift in (*shifts, shifts[1]):
            sign_up(shift)
        return make_plan(db.engine, sign_up, shifts)


def part_ids(url: str) -> None:
    """Let the tables' ids run far apart, so that no id can be taken for another table's."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT setval(oid, nextval(oid) + 10000 * row_number() OVER ())"
            " FROM pg_class WHERE relkind = 'S'"
        )


def make_scenes(system: System, effort: Effort, clients: tuple[int, ...]) -> list[Scene]:
    """Make the shifts and the notes for all scenes."""
    *many, hot, one, other, full, full_one, full_other = system.make_shifts(
        *[None] * (effort.many + 3), 1, 1, 1
    )
    system.wait_until_quiet()
    placed = note_sign_up(system, (one, other))
    for shift in (full, full_one, full_other):
        send(
            Load(url=system.urls["signups"], token=system.token, shifts=[shift], clients=1, count=1)
        )
    waiting = note_sign_up(system, (full_one, full_other))
    return [
        Scene(name="one hot shift", shifts=[hot], plan=placed, clients=clients),
        Scene(name="many shifts", shifts=many, plan=placed, clients=clients),
        Scene(name="one full shift", shifts=[full], plan=waiting, clients=(8,)),
    ]


def measure_rates(
    system: System, effort: Effort, report: Report, *, where: str, scenes: list[Scene]
) -> None:
    """Sign-ups a second over HTTP, and the same statements by psycopg, taking turns."""
    for turn in range(effort.rounds):
        for scene in scenes:
            for count in scene.clients:
                measure_one(system, effort, report, scene=scene, clients=count, where=where)
                if where != "web alone":
                    system.wait_until_quiet()
                measure = report.measures[title(where, scene.name, count)]
                report.progress(
                    f"round {turn + 1}/{effort.rounds}, {measure.what}: "
                    f"{measure.values[-1]:.0f}, raw {measure.raw[-1]:.0f}"
                )
    compare_clients(report, where)


def title(where: str, scene: str, clients: int) -> str:
    """Return the name of a measure."""
    return f"{where}: sign-ups/s, {scene}, {clients} client{'s' * (clients > 1)}"


def measure_one(
    system: System, effort: Effort, report: Report, *, scene: Scene, clients: int, where: str
) -> None:
    """Take one turn of each arm."""
    wanted = RATES.get(scene.name) if clients == 8 and where == "web alone" else None
    target = Target(least=wanted, of_ratio=True) if wanted else None
    measure = report.measure(title(where, scene.name, clients), "/s", target)
    load = Load(
        url=system.urls["signups"],
        token=system.token,
        shifts=scene.shifts,
        clients=clients,
        seconds=effort.seconds,
    )
    answers = send(load)
    assert set(answers.statuses) == {"201"}, answers.statuses
    if where != "web alone":
        system.wait_until_quiet()
    said = replay(
        system.databases["signups"],
        scene.plan,
        shifts=scene.shifts,
        clients=clients,
        seconds=effort.seconds,
    )
    measure.values.append(answers.per_second)
    measure.raw.append(said.per_second)
    measure.p50.append(percentile(answers.latencies, 50))
    measure.p99.append(percentile(answers.latencies, 99))
    measure.client.append(share(answers))
    if clients == 8 and scene.name == "one hot shift":
        slowest = report.measure(
            f"{where}: answer p99, {scene.name}, 8 clients", "ms", Target(most=60)
        )
        slowest.values.append(measure.p99[-1])


def compare_clients(report: Report, where: str) -> None:
    """Set the hot shift at 32 clients beside the same at 8."""
    at_8, at_32 = (report.measures.get(title(where, "one hot shift", n)) for n in (8, 32))
    if at_8 and at_32:
        measure = report.measure(
            f"{where}: one hot shift, 32 clients against 8", "", Target(least=0.7)
        )
        measure.values = [b / a for a, b in zip(at_8.values, at_32.values, strict=True)]


def share(answers: Answers) -> float:
    """Return the load client's share of all processors."""
    return answers.cpu / answers.seconds / (os.cpu_count() or 1)


@dataclass
class Watch:
    """When the places of one shift were first seen to be taken, by number."""

    database: str
    shift: int
    seen: list[float] = field(default_factory=list)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look every two milliseconds."""
        stop = threading.Event()
        thread = threading.Thread(target=self._look, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _look(self, stop: threading.Event) -> None:
        with psycopg.connect(self.database, autocommit=True) as connection:
            while not stop.wait(LOOK):
                row = connection.execute(
                    "SELECT taken FROM shifts WHERE id = %s", (self.shift,)
                ).fetchone()
                taken = row[0] if row else 0
                self.seen += [time.time()] * (taken - len(self.seen))


def follow(system: System, effort: Effort, report: Report, *, where: str) -> None:
    """From the answer to the mail at the catcher, and to the places that events shows."""
    # Once for statements to be made and templates to be read.
    sign_up_slowly(system, replace(effort, follow_seconds=effort.follow_seconds / 5))
    for turn in range(max(effort.rounds // 2, 1)):
        answers, seen = sign_up_slowly(system, effort)
        mails = system.arrivals()
        waits = {
            "mail": [mails[email] - moment for email, moment in answers.moments.items()],
            "places shown": [a - b for a, b in zip(seen, sorted(answers.moments.values()))],  # noqa: B905
        }
        for what, seconds in waits.items():
            for percent in (50, 99):
                measure = report.measure(
                    f"{where}: answer to {what} at {FOLLOW_RATE:.0f}/s, p{percent}",
                    "ms",
                    SOON.get((what, percent)),
                )
                measure.values.append(1000 * percentile(seconds, percent))
                measure.client.append(share(answers))
                report.progress(f"round {turn + 1}, {measure.what}: {measure.values[-1]:.0f} ms")


def sign_up_slowly(system: System, effort: Effort) -> tuple[Answers, list[float]]:
    """Sign people up for one shift; return the answers, and when events showed each place."""
    (shift,) = system.make_shifts(None)
    system.wait_until_quiet()
    watch = Watch(system.databases["events"], shift)
    load = Load(
        url=system.urls["signups"],
        token=system.token,
        shifts=[shift],
        clients=8,
        seconds=effort.follow_seconds,
        rate=FOLLOW_RATE,
    )
    with watch.watching():
        answers = send(load)
        people = answers.moments.keys()
        eventually(lambda: people <= system.arrivals().keys(), timeout=60, every=0.1)
        eventually(lambda: len(watch.seen) >= len(people), timeout=30, every=0.1)
    return answers, watch.seen


@dataclass(frozen=True, kw_only=True)
class Rush:
    """How many try at once, where, and what becomes of those who come too late."""

    where: str
    tries: int
    when_full: str = "wait"
    """`wait`, or `refuse`: the event has no waiting list."""

    @property
    def taken_in(self) -> tuple[str, ...]:
        """What may be answered without anything being wrong."""
        return ("201", "503") if self.when_full == "wait" else ("201", "409", "503")

    def name(self, effort: Effort) -> str:
        """What it is called in the table."""
        places = f"{self.tries} tries for {effort.places} places"
        waits = "" if self.when_full == "wait" else ", no waiting list"
        return f"{self.where}: {places}, {effort.connections} connections{waits}"


def rush(system: System, effort: Effort, report: Report, rush: Rush) -> None:
    """Many try for few places at once: as many are placed as there are places, and no more."""
    for turn in range(max(effort.rounds // 2, 1)):
        (shift,) = system.make_shifts(effort.places, when_full=rush.when_full)
        system.wait_until_quiet()
        answers = send(
            Load(
                url=system.urls["signups"],
                token=system.token,
                shifts=[shift],
                clients=effort.connections,
                count=rush.tries,
            )
        )
        taken, waiting = (
            system.ask("signups", f"SELECT {total} FROM shifts WHERE id = {shift}")
            for total in ("taken", "waiting")
        )
        note_rush(effort, report, rush, answers, (taken, waiting))
        report.progress(
            f"round {turn + 1}, {rush.name(effort)}: {answers.seconds:.1f} s, {taken} placed, "
            f"{answers.statuses}"
        )
        system.wait_until_quiet()


def note_rush(
    effort: Effort, report: Report, rush: Rush, answers: Answers, totals: tuple[int, int]
) -> None:
    """Set down how long a rush took, who has a place, who waits, and what failed."""
    name, (taken, waiting) = rush.name(effort), totals
    odd = sum(n for status, n in answers.statuses.items() if status not in rush.taken_in)
    measure = report.measure(name, "s", Target(most=3) if rush.tries <= SOON_DONE else None)
    measure.values.append(answers.seconds)
    measure.client.append(share(answers))
    measure.p50.append(percentile(answers.latencies, 50))
    measure.p99.append(percentile(answers.latencies, 99))
    figures = {
        "placed": (taken, "", Target(least=effort.places, most=effort.places)),
        "503 of all": (100 * answers.statuses.get("503", 0) / rush.tries, "%", Target(most=1)),
        "other failures": (odd, "", Target(most=0)),
        "neither placed nor waiting": (
            answers.statuses.get("201", 0) - taken - waiting,
            "",
            Target(least=0, most=0),
        ),
    }
    for what, (value, unit, target) in figures.items():
        report.measure(f"{name}: {what}", unit, target).values.append(value)


FILL = """
    WITH made AS (
        INSERT INTO people (group_id, email, name, created_at)
        SELECT events.group_id, shifts.id || '.' || n || '@line.example', 'Robin Sample', now()
        FROM shifts JOIN events ON events.id = shifts.event_id, generate_series(1, %(many)s) AS n
        WHERE shifts.id = %(shift)s
        RETURNING id, email
    ), signed_up AS (
        INSERT INTO signups (revision, shift_id, person_id, state, party, name, email, phone,
                             postcode, created_at, changed_at)
        SELECT 1, %(shift)s, id, %(state)s, 1, 'Robin Sample', email, '', '', now(), now() FROM made
        RETURNING id
    )
    INSERT INTO ledger (shift_id, signup_id, change, taken_after, at)
    SELECT %(shift)s, id, 1, 0, now() FROM signed_up WHERE %(state)s = 'placed'
"""
COUNT = """
    UPDATE shifts SET taken = taken + %(taken)s, waiting = waiting + %(waiting)s
    WHERE id = %(shift)s
"""


def fill_line(system: System, shift: int, state: str, many: int) -> None:
    """Give a shift so many sign-ups, in one statement."""
    totals = {"taken": many * (state == "placed"), "waiting": many * (state == "waiting")}
    with psycopg.connect(system.databases["signups"]) as connection:
        connection.execute(FILL, {"shift": shift, "state": state, "many": many})
        connection.execute(COUNT, {"shift": shift, **totals})
    with psycopg.connect(system.databases["signups"], autocommit=True) as connection:
        # As the database does by itself after a while.
        connection.execute("VACUUM ANALYZE signups, people, ledger, shifts")


Lines = dict[str, tuple[int, int]]
"""For each state, a shift with a hundred sign-ups in it and one with very many."""


def make_lines(system: System, effort: Effort) -> Lines:
    """Make the shifts whose long and short lines are set beside each other."""
    lines: Lines = {}
    for state, places in (("placed", None), ("waiting", 1)):
        short, long = system.make_shifts(places, places)
        for shift, many in ((short, SHORT_LINE), (long, effort.long_line)):
            if places:
                one = Load(
                    url=system.urls["signups"],
                    token=system.token,
                    shifts=[shift],
                    clients=1,
                    count=1,
                )
                send(one)
            fill_line(system, shift, state, many)
        lines[state] = (short, long)
    return lines


def measure_lines(
    system: System, effort: Effort, report: Report, *, where: str, lines: Lines
) -> None:
    """Sign-ups a second for a shift that has very many already, beside one that has a hundred."""
    for state, (short, long) in lines.items():
        name = f"{where}: sign-ups/s, {effort.long_line} {state} against {SHORT_LINE}, 8 clients"
        measure = report.measure(name, "/s", Target(least=0.8, of_ratio=True))
        for turn in range(effort.rounds):
            rates = []
            for shift in (long, short):
                load = Load(
                    url=system.urls["signups"],
                    token=system.token,
                    shifts=[shift],
                    clients=8,
                    seconds=effort.seconds,
                )
                answers = send(load)
                assert set(answers.statuses) == {"201"}, answers.statuses
                rates.append(answers.per_second)
            measure.values.append(rates[0])
            measure.raw.append(rates[1])
            report.progress(f"round {turn + 1}, {name}: {rates[0]:.0f} and {rates[1]:.0f}")
