"""The broker as deployed: who may do what there, and where a message goes that nobody digests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, UnroutableError

from tests.containers import Broker
from tests.eventually import eventually

pytestmark = pytest.mark.containers
DELIVERIES = 21
"""A limit of 20 returns: the first delivery is not a return."""


@contextlib.contextmanager
def channel(url: str) -> Iterator[BlockingChannel]:
    with contextlib.closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        opened = connection.channel()
        opened.confirm_delivery()
        yield opened


def publish(rabbit: Broker, service: str, name: str, exchange: str = "messages") -> None:
    with channel(rabbit.url_of(service)) as opened:
        opened.basic_publish(exchange, name, b"{}", mandatory=True)


def test_a_service_sends_its_own_messages(rabbit: Broker) -> None:
    publish(rabbit, "events", "event.published.v1")

    eventually(lambda: rabbit.depth("signups") == rabbit.depth("notifications") == 1)
    assert rabbit.depth("events") == 0


@pytest.mark.parametrize(
    "service, name", [("events", "signup.placed.v1"), ("notifications", "event.published.v1")]
)
def test_a_service_cannot_send_in_anothers_name(rabbit: Broker, service: str, name: str) -> None:
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        publish(rabbit, service, name)


def test_a_service_cannot_put_a_message_into_a_queue_directly(rabbit: Broker) -> None:
    with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
        publish(rabbit, "signups", "notifications", exchange="")


def test_a_service_cannot_read_anothers_queue(rabbit: Broker) -> None:
    with (
        pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"),
        channel(rabbit.url_of("events")) as opened,
    ):
        opened.basic_get("signups")


def test_a_service_declares_nothing_but_may_look(rabbit: Broker) -> None:
    with channel(rabbit.url_of("signups")) as opened:
        opened.queue_declare("signups", passive=True)
        opened.exchange_declare("messages", passive=True)
        with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
            opened.queue_declare("mine")


def test_a_message_that_nobody_reads_comes_back_to_its_sender(rabbit: Broker) -> None:
    with pytest.raises(UnroutableError):
        publish(rabbit, "events", "event.published.v99")


def test_a_message_delivered_in_vain_too_often_is_parked_and_stays(rabbit: Broker) -> None:
    publish(rabbit, "signups", "places.changed.v1")

    with channel(rabbit.url_of("events")) as opened:
        seen = give_back(opened, "events", times=100)
        eventually(lambda: rabbit.depth("events.parked") == 1)
        seen_parked = give_back(opened, "events.parked", times=40)

    assert seen == DELIVERIES
    assert seen_parked == 40
    assert eventually(lambda: rabbit.depth("events.parked")) == 1


def give_back(opened: BlockingChannel, queue: str, *, times: int) -> int:
    """Take a message and give it back, as often as it comes; return how often it came."""
    for number in range(times):
        try:
            delivered = eventually(lambda: opened.basic_get(queue)[0], timeout=5)
        except AssertionError:
            return number
        opened.basic_nack(delivered.delivery_tag, requeue=True)
    return times
