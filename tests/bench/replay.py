"""The raw arm: what a piece of work says to the database, noted twice, then said by bare psycopg.

Whatever the two notes have in common is said again as it was. What differs is either something
that the database answered before (an id, say), or made anew each time.
"""

from __future__ import annotations

import itertools
import json
import pickle
import random
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy import Engine, event

SMALL = 2**31
"""Smaller numbers that differ are counts, and stay; larger ones are ids and revisions."""


@dataclass(frozen=True)
class Said:
    """One statement with its parameters and the first row of its result, or (empty) a commit."""

    statement: str = ""
    parameters: Any = None
    many: bool = False
    row: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Fixed:
    """A parameter that is always the same."""

    value: Any


@dataclass(frozen=True)
class Earlier:
    """A parameter that an earlier statement answered."""

    step: int
    column: int


@dataclass(frozen=True)
class Fresh:
    """A parameter that is made anew for each transaction; `value` is what it was in the note."""

    value: Any


class Turn:
    """The parameter that names the shift, of which each transaction takes the next."""


Slot = Fixed | Earlier | Fresh | Turn


@dataclass(frozen=True)
class Step:
    """One statement to be said, its parameters as slots; without a statement, a commit."""

    statement: str
    parameters: list[dict[str, Slot]]
    many: bool
    answers: bool


@dataclass(frozen=True)
class Plan:
    """What is said for one piece of work."""

    steps: list[Step]
    fresh: list[Any]

    @property
    def statements(self) -> int:
        """How many statements, commits not counted."""
        return sum(bool(step.statement) for step in self.steps)

    def run(self, connection: psycopg.Connection[Any], shift: int = 0) -> None:
        """Say it all once."""
        made: dict[Any, Any] = {}
        for old in self.fresh:
            made[old] = renew(old, made)
        rows: list[Any] = []
        with connection.cursor() as cursor:
            for step in self.steps:
                if not step.statement:
                    connection.commit()
                    rows.append(None)
                    continue
                filled = [
                    {name: fill(slot, rows, made, shift) for name, slot in parameters.items()}
                    for parameters in step.parameters
                ]
                if step.many:
                    cursor.executemany(step.statement, filled)
                else:
                    cursor.execute(step.statement, filled[0])
                rows.append(cursor.fetchall()[:1] if step.answers else None)


def fill(slot: Slot, rows: list[Any], made: Mapping[Any, Any], shift: int) -> Any:
    """Return the value of a parameter."""
    if isinstance(slot, Fixed):
        return slot.value
    if isinstance(slot, Earlier):
        return rows[slot.step][0][slot.column]
    return made[slot.value] if isinstance(slot, Fresh) else shift


NUMBERS = itertools.count(int(time.time() * 1_000_000))


def renew(old: Any, made: Mapping[Any, Any]) -> Any:
    """Return something new of the same type and length."""
    if isinstance(old, uuid.UUID):
        return uuid.uuid4()
    if isinstance(old, datetime):
        return datetime.now(UTC)
    if isinstance(old, str):
        return f"{random.getrandbits(4 * len(old)):0{len(old)}x}"
    if isinstance(old, int):
        return next(NUMBERS)
    body: bytes = old
    for one, other in made.items():
        if isinstance(one, uuid.UUID):
            body = body.replace(str(one).encode(), str(other).encode())
    return body


@contextmanager
def noting(engine: Engine) -> Iterator[list[Said]]:
    """Note everything that is said over `engine`."""
    said: list[Said] = []

    def note(
        _connection: Any, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> None:
        row: tuple[Any, ...] = ()
        if cursor.description and cursor.rowcount:
            row = tuple(cursor.fetchone())
            cursor.scroll(0, mode="absolute")
        said.append(Said(statement, parameters, isinstance(parameters, (list, tuple)), row))

    def note_commit(_connection: Any) -> None:
        said.append(Said())

    event.listen(engine, "after_cursor_execute", note)
    event.listen(engine, "commit", note_commit)
    try:
        yield said
    finally:
        event.remove(engine, "after_cursor_execute", note)
        event.remove(engine, "commit", note_commit)


def make_plan(
    engine: Engine, work: Callable[[int], object], shifts: tuple[int, int] = (0, 0)
) -> Plan:
    """Do `work` twice, for one shift and the other, and return what it says to the database."""
    notes = []
    for shift in shifts:
        with noting(engine) as said:
            work(shift)
        notes.append(said)
    one, other = notes
    assert [s.statement for s in one] == [s.statement for s in other], "the work is not the same"
    steps, fresh = [], set()
    for number, (a, b) in enumerate(zip(one, other, strict=True)):
        earlier = list(zip(one[:number], other[:number], strict=True))
        rows_a, rows_b = as_rows(a), as_rows(b)
        slots = [
            {name: choose(row[name], row_b[name], earlier, shifts) for name in row}
            for row, row_b in zip(rows_a, rows_b, strict=True)
        ]
        fresh |= {s.value for row in slots for s in row.values() if isinstance(s, Fresh)}
        steps.append(Step(a.statement, slots, a.many, bool(a.row)))
    # Bytes last: the new ids go into them.
    return Plan(steps, sorted(fresh, key=lambda value: isinstance(value, bytes)))


def as_rows(said: Said) -> list[dict[str, Any]]:
    """Return the parameters as a list, of one for a statement said once."""
    return [
        {name: unwrap(value) for name, value in row.items()}
        for row in (said.parameters if said.many else [said.parameters or {}])
    ]


def unwrap(value: Any) -> Any:
    """Return what can be compared of a parameter that the driver was given wrapped."""
    inner = getattr(value, "obj", value)
    return inner if isinstance(inner, bytes) or inner is value else json.dumps(inner)


def choose(one: Any, other: Any, earlier: list[tuple[Said, Said]], shifts: tuple[int, int]) -> Slot:
    """Tell what a parameter is from its two values."""
    if one == other:
        return Fixed(one)
    if (one, other) == shifts:
        return Turn()
    for step in reversed(range(len(earlier))):
        for column, values in enumerate(zip(earlier[step][0].row, earlier[step][1].row)):  # noqa: B905
            if values == (one, other):
                return Earlier(step, column)
    is_count = isinstance(one, int) and one < SMALL
    return Fixed(one) if is_count else Fresh(one)


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What came of saying a plan again and again. Latencies are milliseconds."""

    seconds: float
    cpu: float
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Transactions a second."""
        return len(self.latencies) / self.seconds


def replay(url: str, plan: Plan, *, shifts: list[int], clients: int, seconds: float) -> Replayed:
    """Say the plan over so many connections, from two processes as the web has."""
    processes = min(2, clients)
    with ExitStack() as opened:
        file = opened.enter_context(tempfile.NamedTemporaryFile())
        pickle.dump(plan, file)
        file.flush()
        started = []
        for number in range(processes):
            threads = clients // processes + (number < clients % processes)
            what = {
                "url": url,
                "plan": file.name,
                "shifts": shifts[number::processes] or shifts,
                "clients": threads,
                "seconds": seconds,
            }
            process = subprocess.Popen(
                (sys.executable, "-m", "tests.bench.replay", json.dumps(what)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.append(opened.enter_context(process))
        for process in started:
            process.stdout.readline()
        for process in started:
            process.stdin.write("go\n")
            process.stdin.flush()
        parts = [json.loads(process.stdout.read() or "null") for process in started]
    assert all(parts), "a process of the raw arm failed, and said why above"
    return Replayed(
        seconds=max(part["seconds"] for part in parts),
        cpu=sum(part["cpu"] for part in parts),
        latencies=[value for part in parts for value in part["latencies"]],
    )


def main(what: dict[str, Any]) -> None:
    """Be one of the processes: connect, say so, wait for the word, and report."""
    with open(what["plan"], "rb") as file:
        plan: Plan = pickle.load(file)  # noqa: S301 - written by the process that started this one
    latencies: list[float] = []
    turns = itertools.cycle(what["shifts"])
    with ExitStack() as opened:
        connections = [
            opened.enter_context(psycopg.connect(what["url"])) for _ in range(what["clients"])
        ]
        print("ready", flush=True)
        sys.stdin.readline()
        cpu, started = time.process_time(), time.monotonic()

        def repeat(connection: psycopg.Connection[Any]) -> None:
            while (begun := time.monotonic()) - started < what["seconds"]:
                plan.run(connection, next(turns))
                latencies.append((time.monotonic() - begun) * 1000)

        with ThreadPoolExecutor(len(connections)) as threads:
            # Asked for their results, so that one that fails takes the whole arm with it.
            list(threads.map(repeat, connections))
        seconds = time.monotonic() - started
    cpu = time.process_time() - cpu
    json.dump({"seconds": seconds, "cpu": cpu, "latencies": latencies}, sys.stdout)


if __name__ == "__main__":
    # The plan's classes belong to the module, not to the program that it is run as.
    from tests.bench import replay as module

    module.main(json.loads(sys.argv[1]))
