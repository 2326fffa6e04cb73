"""Containers die, restart, stop and are told to end while people sign up."""

from __future__ import annotations

import signal

import pytest

from services.notifications.sender import MOST_AT_ONCE
from tests.faults.conftest import Trial
from tests.journeys.crowd import NO_ANSWER

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

STILL_RUNNING = 409
"""The answer to a request whose first attempt has not ended yet."""


@pytest.mark.parametrize(
    "service", ["events-web", "notifications-web", "events-worker", "signups-worker", "rabbitmq"]
)
def test_nobody_notices_the_death_of_what_is_behind_the_answer(trial: Trial, service: str) -> None:
    crowd = trial.gathers()
    (container,) = trial.muster.ids(service)

    with crowd.signing_up():
        crowd.wait_for(0.3)
        trial.muster.kill(container)
    trial.muster.wait_until_healthy(service)

    # Nobody who signs up notices: the answer needs the web and the database of signups only.
    assert set(crowd.statuses) == {201}
    trial.check(crowd, trial.reports(crowd))


def test_nothing_is_lost_when_copies_of_the_web_die(trial: Trial) -> None:
    crowd = trial.gathers()
    copies = trial.muster.ids("signups-web")

    with crowd.signing_up():
        for share, copy in zip((0.2, 0.5), copies, strict=False):
            crowd.wait_for(share)
            trial.muster.kill(copy)
    trial.muster.wait_until_healthy("signups-web")

    assert set(crowd.statuses) <= {201, 503, STILL_RUNNING, NO_ANSWER}
    trial.check(crowd, trial.reports(crowd))


def test_a_sender_that_dies_repeats_at_most_the_mails_in_its_hands(trial: Trial) -> None:
    crowd = trial.gathers()
    sender, *_ = trial.muster.ids("notifications-worker")

    with crowd.signing_up():
        crowd.wait_for(0.6)
        trial.muster.kill(sender)
    trial.muster.wait_until_healthy("notifications-worker")

    assert set(crowd.statuses) == {201}
    found = trial.reports(crowd, hours_pass=True)
    # The mails in its hands may have been taken already: they come again, with the same ids.
    trial.check(crowd, found, repeated_mails=MOST_AT_ONCE)


def test_nothing_is_lost_when_the_database_dies(trial: Trial) -> None:
    crowd = trial.gathers()
    (container,) = trial.muster.ids("postgres")

    with crowd.signing_up():
        crowd.wait_for(0.4)
        trial.muster.kill(container)
    trial.muster.wait_until_healthy("postgres")

    assert set(crowd.statuses) <= {201, 503, STILL_RUNNING}
    found = trial.reports(crowd, hours_pass=True)
    trial.check(
        crowd, found, repeated_mails=MOST_AT_ONCE * len(trial.muster.ids("notifications-worker"))
    )


def test_nothing_is_lost_when_the_front_door_dies(trial: Trial) -> None:
    crowd = trial.gathers()
    (container,) = trial.muster.ids("front-door")

    with crowd.signing_up():
        crowd.wait_for(0.3)
        trial.muster.kill(container)
    trial.muster.wait_until_healthy("front-door")

    assert set(crowd.statuses) <= {201, 503, STILL_RUNNING, NO_ANSWER}
    trial.check(crowd, trial.reports(crowd))


def test_sign_ups_go_on_while_the_broker_is_stopped(trial: Trial) -> None:
    crowd = trial.gathers()

    with trial.muster.stopped("rabbitmq"):
        crowd.sign_up()
        assert trial.books.unsent() > 0

    assert set(crowd.statuses) == {201}
    trial.check(crowd, trial.reports(crowd))


@pytest.mark.parametrize("service", ["signups-web", "signups-worker", "notifications-worker"])
def test_what_is_asked_to_end_finishes_what_is_in_its_hands(trial: Trial, service: str) -> None:
    crowd = trial.gathers()
    containers = trial.muster.ids(service)

    with crowd.signing_up():
        crowd.wait_for(0.4)
        for container in containers:
            trial.muster.kill(container, signal.SIGTERM)
    trial.muster.wait_until_healthy(service)

    assert set(crowd.statuses) <= {201, 503}
    # What is asked to end finishes what is in its hands: no mail comes twice, no hour has to pass.
    trial.check(crowd, trial.reports(crowd))
