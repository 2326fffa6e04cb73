"""Parts of the system stop or die while people sign up: they get their place and one mail."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.containers import Stack
from tests.journeys.crowd import NO_ANSWER, Crowd
from tests.journeys.people import Organiser, Visitor, heading

pytestmark = [pytest.mark.journeys, pytest.mark.timeout(150)]

BEHIND_THE_ANSWER = (
    "events-web",
    "events-worker",
    "signups-worker",
    "notifications-web",
    "notifications-worker",
    "rabbitmq",
)
"""What a sign-up's answer does not need: it only needs signups-web and the database."""


def mails_of(muster: Stack, crowd: Crowd) -> Counter[str]:
    """Count the confirmations of everybody in the crowd."""
    return Counter(
        to["Address"]
        for mail in muster.mails()
        for to in mail["To"]
        if to["Address"] in crowd.emails and mail["Subject"].startswith("You have a place")
    )


def wait_for_all_mails(muster: Stack, crowd: Crowd) -> None:
    """Wait until everybody has a mail, and see that nobody has two."""
    muster.wait(lambda: len(mails_of(muster, crowd)) == len(crowd.asked), timeout=90)
    assert set(mails_of(muster, crowd).values()) == {1}


@pytest.mark.parametrize("service", BEHIND_THE_ANSWER)
def test_a_sign_up_while_a_part_is_stopped_is_answered_and_loses_nothing(
    muster: Stack, organiser: Organiser, service: str
) -> None:
    walk = organiser.publishes()
    ada = Visitor(muster)

    with muster.stopped(service):
        assert ada.is_signed_up(walk) == "placed"

    ada.mailbox.waits_for("You have a place", timeout=60)
    ada.waits_to_see(walk, taken=1, waiting=0, timeout=60)
    assert len(ada.mailbox.subjects()) == 1


@pytest.mark.parametrize("service", ["signups-web", "postgres"])
def test_a_sign_up_that_cannot_be_taken_says_so_and_works_a_moment_later(
    muster: Stack, organiser: Organiser, service: str
) -> None:
    walk = organiser.publishes()
    ada = Visitor(muster)
    form = ada.opens_form(walk)

    with muster.stopped(service):
        refused = form.sends()
    muster.wait(lambda: ada.reads(f"/sign-up/{walk.shift_id}").status_code == 200)
    taken = form.sends()

    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert heading(taken) == "You have a place"
    ada.mailbox.waits_for("You have a place", timeout=60)
    ada.waits_to_see(walk, taken=1, waiting=0, timeout=60)
    assert len(ada.mailbox.subjects()) == 1


def test_the_broker_dies_in_a_burst_of_500_sign_ups_and_each_has_one_mail(
    muster: Stack, organiser: Organiser
) -> None:
    walk = organiser.publishes(places=None)
    crowd = Crowd(muster, walk, 500)
    (broker,) = muster.ids("rabbitmq")

    with crowd.signing_up():
        crowd.wait_for(0.2)
        muster.kill(broker)
    muster.wait_until_healthy("rabbitmq")

    # The answer comes from the database alone: nobody noticed.
    assert crowd.statuses == {201: 500}
    wait_for_all_mails(muster, crowd)
    people = sum(one.party for one in crowd.asked)
    Visitor(muster).waits_to_see(walk, taken=people, waiting=0, timeout=60)
    assert "All promises about places hold." in muster.muster("signups", "check")


def test_the_database_restarts_under_load_and_nothing_acknowledged_is_lost(
    muster: Stack, organiser: Organiser
) -> None:
    walk = organiser.publishes(places=None)
    crowd = Crowd(muster, walk, 150)

    with crowd.signing_up():
        crowd.wait_for(0.2)
        muster.compose("restart", "postgres")
    muster.wait_until_healthy("postgres")

    assert set(crowd.statuses) <= {201, 503}
    assert len(crowd.acknowledged) == len(crowd.asked)
    people = sum(one.party for one in crowd.asked)
    Visitor(muster).waits_to_see(walk, taken=people, waiting=0, timeout=60)


def test_sign_ups_are_spread_over_the_copies(muster: Stack, organiser: Organiser) -> None:
    walk = organiser.publishes(places=None)
    crowd = Crowd(muster, walk, 60)

    crowd.sign_up()

    door = muster.compose("logs", "--no-log-prefix", "--since", "60s", "front-door")
    taken = Counter(
        line.split('"copy":"')[1].split('"')[0]
        for line in door.splitlines()
        if '"path":"/api/signups","status":201' in line
    )
    assert len(taken) == len(muster.ids("signups-web")) == 3
    # The copies are chosen at random: some get fewer than their third of 60.
    assert min(taken.values()) >= 5
    assert NO_ANSWER not in crowd.statuses
