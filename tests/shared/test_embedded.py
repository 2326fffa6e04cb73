"""Without a broker the same receive function and the same tables carry the same promises."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client
from werkzeug.wrappers import Response

from shared import embedded, outbox, relay
from shared.database import Database
from shared.embedded import InProcess, Reader
from shared.handlers import Handlers
from tests.conftest import DatabaseOf
from tests.eventually import eventually
from tests.shared.making import NOON, make_places_changed
from tests.shared.working import GOOD, Broken, effects, failing_with, held_rows, prepare


@pytest.fixture
def sender(sqlite_database_of: DatabaseOf) -> Database:
    return sqlite_database_of("signups")


@pytest.fixture
def receiver(sqlite_database_of: DatabaseOf) -> Database:
    return prepare(sqlite_database_of("events"))


def tell(db: Database, *shift_ids: int) -> None:
    with db.writing() as session:
        outbox.tell(session, *(make_places_changed(shift_id=n) for n in shift_ids), now=NOON)


def unsent(db: Database) -> int:
    with db.reading() as session:
        return len(outbox.unsent(session, limit=1000))


def carrier_to(db: Database, handlers: Handlers = GOOD) -> tuple[InProcess, threading.Event]:
    nudge = threading.Event()
    return InProcess([Reader(db=db, handlers=handlers, nudge=nudge)]), nudge


def test_a_message_is_handed_over_and_its_reader_nudged(
    sender: Database, receiver: Database
) -> None:
    carrier, nudge = carrier_to(receiver)
    tell(sender, 1, 2)

    assert relay.relay_once(sender, carrier, sender.reading) == 2

    assert effects(receiver) == [1, 2]
    assert nudge.is_set()
    assert unsent(sender) == 0


def test_a_message_nobody_reads_is_done_with(sender: Database, receiver: Database) -> None:
    carrier, nudge = carrier_to(receiver, {})
    tell(sender, 1)

    assert relay.relay_once(sender, carrier, sender.reading) == 1
    assert not nudge.is_set()


def test_what_was_handed_over_but_not_marked_has_no_second_effect(
    sender: Database, receiver: Database
) -> None:
    carrier, _ = carrier_to(receiver)
    tell(sender, 1)
    with sender.reading() as session:
        carrier.publish(outbox.unsent(session, limit=10))

    relay.relay_once(sender, carrier, sender.reading)

    assert effects(receiver) == [1]


def test_one_that_fails_is_held_and_stops_nothing(sender: Database, receiver: Database) -> None:
    broken = failing_with(Broken(), when=lambda message: message.shift_id == 2)
    carrier, _ = carrier_to(receiver, broken)
    tell(sender, 1, 2, 3)

    relay.relay_once(sender, carrier, sender.reading)

    assert effects(receiver) == [1, 3]
    assert len(held_rows(receiver)) == 1
    assert unsent(sender) == 0


def test_while_the_reader_is_busy_the_message_stays(sender: Database, receiver: Database) -> None:
    carrier, _ = carrier_to(receiver)
    tell(sender, 1)

    with receiver.writing():
        assert relay.relay_once(sender, carrier, sender.reading) == 0
    assert unsent(sender) == 1

    assert relay.relay_once(sender, carrier, sender.reading) == 1
    assert effects(receiver) == [1]


def test_the_relay_carries_what_is_told_while_it_runs(sender: Database, receiver: Database) -> None:
    carrier, _ = carrier_to(receiver)

    with relaying(sender, carrier):
        tell(sender, *range(120))
        eventually(lambda: unsent(sender) == 0)
        tell(sender, 120)
        eventually(lambda: len(effects(receiver)) == 121)

    assert effects(receiver) == list(range(121))


@contextmanager
def relaying(db: Database, carrier: InProcess) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=relay.relay, args=(db, carrier, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def test_a_second_muster_on_the_same_data_does_not_start(tmp_path: Path) -> None:
    with embedded.lock(tmp_path), pytest.raises(embedded.DataInUse, match="another folder"):
        embedded.lock(tmp_path)


def test_the_data_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    embedded.lock(tmp_path / "new").close()

    with embedded.lock(tmp_path / "new") as again:
        assert not again.closed


@pytest.mark.parametrize(
    "host,status",
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("[::1]:8000", 200),
        ("Muster.example", 200),
        ("evil.example", 421),
        ("[", 421),
        ("", 421),
    ],
)
def test_embedded_mode_answers_to_its_own_names_only(host: str, status: int) -> None:
    app = Flask("lamp")
    app.add_url_rule("/", view_func=lambda: "shining")
    front = embedded.Dispatcher({"events": app}, public_url="https://muster.example")

    answer = Client(front, Response).get("/", environ_overrides={"HTTP_HOST": host})

    assert answer.status_code == status
