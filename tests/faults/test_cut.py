"""Connections are cut, mail is refused, and messages come again or make no sense."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pika
import pytest

from tests.containers import SERVICES, Stack
from tests.faults.books import Books
from tests.faults.conftest import Trial
from tests.journeys.crowd import Crowd
from tests.journeys.people import Visitor

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename <> 'postgres' AND random() < 0.5
"""
LEADER = """
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid <> ALL(%s)
"""


def test_nothing_is_lost_when_database_connections_are_cut_at_random(trial: Trial) -> None:
    crowd = trial.gathers()
    cuts = [0.1, 0.3, 0.5, 0.7]

    with crowd.signing_up():
        for share in cuts:
            crowd.wait_for(share)
            for service in SERVICES:
                trial.books.ask(service, CUT)

    assert set(crowd.statuses) <= {201, 503}
    found = trial.reports(crowd, hours_pass=True)
    # A sender that is cut off from its database cannot note that a mail was taken.
    trial.check(crowd, found, repeated_mails=2 * len(cuts))


def test_another_relay_leads_when_the_leader_is_cut_off(trial: Trial) -> None:
    crowd = trial.gathers()
    leaders: list[int] = []

    with copies(trial.muster, "signups-worker", 2):
        with crowd.signing_up():
            for share in (0.2, 0.4, 0.6):
                crowd.wait_for(share)
                cut_leader(trial.books, leaders)
        found = trial.reports(crowd)

    assert len(leaders) == 3
    trial.check(crowd, found)


def cut_leader(books: Books, before: list[int]) -> None:
    """Cut the connection of the relay that leads now, and note whose it was."""
    ((leader,),) = books.stack.wait(lambda: books.ask("signups", LEADER, before))
    books.ask("signups", "SELECT pg_terminate_backend(%s)", leader)
    before.append(leader)


@contextmanager
def copies(muster: Stack, service: str, count: int) -> Iterator[None]:
    """Run a service in so many copies for a while."""
    scale = ("up", "--detach", "--wait", "--no-deps", "--no-recreate", "--scale")
    muster.compose(*scale, f"{service}={count}", service)
    try:
        yield
    finally:
        muster.compose(*scale, f"{service}=1", service)


def test_mail_waits_for_a_mail_server_that_is_away(trial: Trial) -> None:
    crowd = trial.gathers(60)

    with trial.muster.stopped("mail", timeout=1):
        crowd.sign_up()
        trial.muster.wait(lambda: count_notices(trial.books, "deferred") > 0)

    trial.check(crowd, trial.reports(crowd, hours_pass=True))


def test_mail_that_is_refused_for_now_is_sent_later(trial: Trial) -> None:
    crowd = trial.gathers(60)

    with trial.muster.refusing_mail(451, percent=60):
        crowd.sign_up()
        trial.muster.wait(lambda: count_notices(trial.books, "deferred") > 0)

    trial.check(crowd, trial.reports(crowd, hours_pass=True))


def count_notices(books: Books, state: str) -> int:
    """Return how many notices are in a state."""
    return books.number("notifications", "SELECT count(*) FROM notices WHERE state = %s", state)


@pytest.mark.parametrize("inbox", ["kept", "lost"])
def test_messages_that_come_one_to_five_times_shuffled_change_nothing(
    trial: Trial, inbox: str
) -> None:
    crowd = trial.gathers(60)
    crowd.sign_up()
    assert trial.reports(crowd).broken == {}
    messages = sent_about(trial.books, crowd)
    if inbox == "lost":
        # Then each effect has to hold by itself: revisions, keys of notices, conditional updates.
        forget_received(trial.books, [message_id for message_id, _, _ in messages])

    again = [(name, body) for _, name, body in messages for _ in range(random.randint(1, 5))]
    random.shuffle(again)
    publish(trial.muster, again)
    wait_until_a_later_sign_up_is_through(trial)

    assert len(messages) > 100
    trial.check(crowd, trial.reports(crowd))


def test_without_inbox_and_keys_the_same_messages_again_would_make_second_mails(
    trial: Trial,
) -> None:
    crowd = trial.gathers(4, places=(None,), one_gives_up_in=0)
    crowd.sign_up()
    assert trial.reports(crowd).broken == {}
    messages = sent_about(trial.books, crowd)

    with notices_without_keys(trial.books):
        forget_received(trial.books, [message_id for message_id, _, _ in messages])
        publish(trial.muster, [(name, body) for _, name, body in messages])
        wait_until_a_later_sign_up_is_through(trial)
        found = trial.reports(crowd)

    assert {name: len(wrong) for name, wrong in found.broken.items()} == {
        "doubled": 4,
        "second_mails": 4,
    }


@contextmanager
def notices_without_keys(books: Books) -> Iterator[None]:
    """Switch off for a while what keeps a notice from existing twice."""
    books.ask(
        "notifications",
        "CREATE FUNCTION bend_key() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.key := NEW.key || ':' || gen_random_uuid(); RETURN NEW; END $$",
    )
    books.ask(
        "notifications",
        "CREATE TRIGGER bend_key BEFORE INSERT ON notices FOR EACH ROW EXECUTE FUNCTION bend_key()",
    )
    try:
        yield
    finally:
        books.ask("notifications", "DROP TRIGGER bend_key ON notices")
        books.ask("notifications", "DROP FUNCTION bend_key")
        books.ask("notifications", "DELETE FROM notices WHERE key ~ ':[0-9a-f]{8}-[0-9a-f-]{27}$'")


def sent_about(books: Books, crowd: Crowd) -> list[tuple[uuid.UUID, str, bytes]]:
    """Return id, name and body of all messages about a crowd's event."""
    sent = [
        row
        for service in SERVICES
        for row in books.ask(service, "SELECT message_id, name, body FROM outbox")
    ]
    return [(ident, name, body) for ident, name, body in sent if is_about(crowd, json.loads(body))]


def is_about(crowd: Crowd, message: dict[str, Any]) -> bool:
    """Tell whether a message names the crowd's event."""
    data = message["data"]
    named = (
        data.get("event", {}).get("id"),
        data.get("signup", {}).get("event_id"),
        data.get("event_id"),
    )
    return crowd.gathering.id in named


def forget_received(books: Books, message_ids: list[uuid.UUID]) -> None:
    """Let all services forget that they have had these messages."""
    for service in SERVICES:
        books.ask(service, "DELETE FROM inbox WHERE message_id = ANY(%s)", message_ids)


def publish(muster: Stack, messages: Iterable[tuple[str, bytes]]) -> None:
    """Publish bodies under their routing keys, past all services."""
    with closing(pika.BlockingConnection(pika.URLParameters(muster.rabbit.url))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for name, body in messages:
            channel.basic_publish("messages", name, body, mandatory=True)


def wait_until_a_later_sign_up_is_through(trial: Trial) -> None:
    """Wait until the queues are empty, and what is published after all that has done its work."""
    trial.muster.wait(lambda: trial.books.queued() == 0, timeout=60)
    late = Visitor(trial.muster)
    late.is_signed_up(trial.gathers(0, places=(None,)).gathering)
    late.mailbox.waits_for("You have a place")


NONSENSE = {
    "no JSON": b"{",
    "no UTF-8": b"\xff\xfe",
    "an unknown version": b'{"id": "%ID%", "type": "signup.placed.v99", "data": {}}',
    "fields that are missing": b'{"id": "%ID%", "type": "signup.placed.v1", "data": {}}',
    "deeply nested": b"[" * 5000,
}


def test_what_nobody_can_read_is_set_aside_and_stops_nothing(trial: Trial) -> None:
    crowd = trial.gathers(40)

    with crowd.signing_up():
        for body in NONSENSE.values():
            body = body.replace(b"%ID%", str(uuid.uuid4()).encode())
            publish(trial.muster, [("signup.placed.v1", body)])
    trial.muster.wait(lambda: trial.books.held("parked") == len(NONSENSE))

    parked = list_parked(trial.muster)
    assert [row["state"] for row in parked] == ["parked"] * len(NONSENSE)
    assert all(row["reason"] for row in parked)
    # The copies of the worker take turns, so they are not listed in the order of their sending.
    bodies = {
        trial.muster.muster("notifications", "parked", "show", str(row["id"])).strip(): row["id"]
        for row in parked
    }
    with pytest.raises(AssertionError, match="0 done, 1 still held"):
        trial.muster.muster("notifications", "parked", "replay", str(bodies["{"]))
    trial.muster.muster("notifications", "parked", "drop", "--yes", *map(str, bodies.values()))
    assert list_parked(trial.muster) == []
    trial.check(crowd, trial.reports(crowd))


def test_what_comes_too_early_is_held_and_replayed(trial: Trial) -> None:
    crowd = trial.gathers(4, one_gives_up_in=0)
    crowd.sign_up()
    trial.check(crowd, trial.reports(crowd))
    early = message_from_the_future(trial.books, crowd)

    publish(trial.muster, [("signup.placed.v1", early)])
    trial.muster.wait(lambda: trial.books.held("retrying") == 1)
    # Otherwise it is soon tried again by itself, and nothing is left to replay.
    later = "UPDATE held_messages SET due_at = now() + interval '1 hour'"
    trial.books.ask("notifications", later)
    (held,) = list_parked(trial.muster)
    assert held["reason"].startswith("NotKnownYet")
    shift_id = crowd.gathering.shift_ids[0]
    trial.books.ask(
        "notifications", "UPDATE shifts SET revision = revision + 1 WHERE id = %s", shift_id
    )
    done = trial.muster.muster("notifications", "parked", "replay", str(held["id"]))

    assert "1 done, 0 still held" in done
    trial.check(crowd, trial.reports(crowd))


def message_from_the_future(books: Books, crowd: Crowd) -> bytes:
    """Return a message like one already sent, but resting on a shift that nobody told of yet."""
    bodies = books.ask("signups", "SELECT body FROM outbox WHERE name = 'signup.placed.v1'")
    events = [json.loads(body) for (body,) in bodies]
    (like, *_) = (
        e for e in events if e["data"]["signup"]["shift_id"] == crowd.gathering.shift_ids[0]
    )
    like["id"] = str(uuid.uuid4())
    like["data"]["signup"]["shift_revision"] += 1
    return json.dumps(like).encode()


def list_parked(muster: Stack) -> list[dict[str, Any]]:
    """Return what `muster parked list` shows for notifications."""
    found: list[dict[str, Any]] = json.loads(
        muster.muster("notifications", "parked", "list", "--json")
    )
    return found
