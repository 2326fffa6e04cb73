"""The reporter can fail: each kind of damage, done by hand, shows up under its name."""

from __future__ import annotations

import smtplib
from collections.abc import Callable

import pytest

from tests.containers import ids_of, ip_of
from tests.faults.conftest import Trial
from tests.journeys.crowd import Crowd

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

OF_THE_EVENT = "FROM signups WHERE shift_id IN (SELECT id FROM shifts WHERE event_id = %s)"


def delete_a_signup(trial: Trial, crowd: Crowd) -> None:
    """As if it had never been committed."""
    for table in ("ledger", "consents"):
        trial.books.ask(
            "signups",
            f"DELETE FROM {table} WHERE signup_id = (SELECT min(id) {OF_THE_EVENT})",
            crowd.gathering.id,
        )
    trial.books.ask(
        "signups",
        f"DELETE FROM signups WHERE id = (SELECT min(id) {OF_THE_EVENT})",
        crowd.gathering.id,
    )


def take_places_away(trial: Trial, crowd: Crowd) -> None:
    """As if more had been given than there are."""
    trial.books.ask(
        "signups", "UPDATE shifts SET capacity = 1 WHERE event_id = %s", crowd.gathering.id
    )


def give_a_place_twice(trial: Trial, crowd: Crowd) -> None:
    """As if a handler had done its work a second time."""
    trial.books.ask(
        "signups",
        "INSERT INTO ledger (shift_id, signup_id, change, taken_after, at)"
        f" SELECT shift_id, id, party, party, now() {OF_THE_EVENT} LIMIT 1",
        crowd.gathering.id,
    )


def let_somebody_wait(trial: Trial, crowd: Crowd) -> None:
    """As if a free place had been overlooked."""
    trial.books.ask(
        "signups",
        f"UPDATE signups SET state = 'waiting' WHERE id = (SELECT min(id) {OF_THE_EVENT})",
        crowd.gathering.id,
    )


def show_other_places(trial: Trial, crowd: Crowd) -> None:
    """As if the last message about places had never come."""
    trial.books.ask(
        "events", "UPDATE shifts SET taken = taken - 1 WHERE event_id = %s", crowd.gathering.id
    )


def mark_as_sent_what_was_not(trial: Trial, crowd: Crowd) -> None:
    """As if the relay had marked before it published."""
    trial.books.ask(
        "signups",
        "INSERT INTO outbox (message_id, name, traceparent, body, created_at, sent_at)"
        " SELECT gen_random_uuid(), name, traceparent, body, now(), now() FROM outbox"
        " WHERE name = 'places.changed.v1' ORDER BY id DESC LIMIT 1",
    )


def make_a_second_notice(trial: Trial, crowd: Crowd) -> None:
    """As if a message had been digested twice."""
    columns = (
        "kind, subject, revision, signup_id, group_id, reason, recipient, details,"
        " calendar_sequence"
    )
    trial.books.ask(
        "notifications",
        f"INSERT INTO notices (key, state, message_id, attempts, doubts, created_at, due_at,"
        f" {columns}) SELECT key || ':again', 'due', gen_random_uuid(), 0, 0, now(), now(),"
        f" {columns} FROM notices WHERE signup_id IN (SELECT id FROM signups WHERE event_id = %s)"
        " AND kind = 'confirmation' LIMIT 1",
        crowd.gathering.id,
    )


def throw_a_mail_away(trial: Trial, crowd: Crowd) -> None:
    """As if the sender had noted a mail that it never handed over."""
    trial.muster.empty_mailbox()


SHOWN_AS: dict[Callable[[Trial, Crowd], None], set[str]] = {
    delete_a_signup: {"lost", "miscounted"},
    take_places_away: {"oversold"},
    give_a_place_twice: {"doubled", "miscounted"},
    let_somebody_wait: {"starved", "lost", "doubled", "miscounted"},
    show_other_places: {"miscounted"},
    make_a_second_notice: {"doubled", "second_mails"},
    throw_a_mail_away: {"unmailed"},
}


@pytest.mark.parametrize("damage", SHOWN_AS, ids=lambda damage: damage.__name__)
def test_damage_is_seen(trial: Trial, damage: Callable[[Trial, Crowd], None]) -> None:
    crowd = trial.gathers(3, places=(None,), one_gives_up_in=0)
    crowd.sign_up()
    before = trial.reports(crowd)

    damage(trial, crowd)

    assert before.broken == {}
    assert set(trial.reports(crowd).broken) == SHOWN_AS[damage]


def test_muster_check_sees_damage_too(trial: Trial) -> None:
    crowd = trial.gathers(3, places=(None,), one_gives_up_in=0)
    crowd.sign_up()

    give_a_place_twice(trial, crowd)

    with pytest.raises(AssertionError, match=f"Shift {crowd.gathering.shift_id}: the ledger"):
        trial.muster.muster("signups", "check")


def test_a_message_that_was_never_sent_is_seen(trial: Trial) -> None:
    crowd = trial.gathers(3, places=(None,), one_gives_up_in=0)

    with trial.muster.stopped("signups-worker"):
        crowd.sign_up()
        trial.books.ask("signups", "DELETE FROM outbox WHERE sent_at IS NULL")

    assert set(trial.reports(crowd).broken) == {"unmailed", "miscounted"}


def test_a_message_that_is_only_said_to_be_sent_is_seen(trial: Trial) -> None:
    crowd = trial.gathers(3, places=(None,), one_gives_up_in=0)
    crowd.sign_up()
    trial.reports(crowd)

    mark_as_sent_what_was_not(trial, crowd)
    missing = trial.books.unreceived()
    trial.books.ask("signups", "DELETE FROM outbox WHERE message_id = ANY(%s)", missing)

    # Each of its two readers lacks it.
    assert len(missing) == 2
    assert len(set(missing)) == 1


def test_the_same_mail_again_is_told_from_a_second_mail(trial: Trial) -> None:
    crowd = trial.gathers(1, places=(None,), one_gives_up_in=0)
    crowd.sign_up()
    trial.reports(crowd)
    (mail,) = trial.muster.mails(to=crowd.asked[0].email)

    with smtplib.SMTP(ip_of(*ids_of("mail")), 1025) as server:
        raw = trial.muster.raw_mail(mail["ID"])
        server.sendmail("noreply@people.example", [crowd.asked[0].email], raw)

    found = trial.reports(crowd)
    assert (found.repeated_mails, found.second_mails) == (1, [])
