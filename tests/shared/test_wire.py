"""What crosses the bus is a CloudEvent; what cannot be read is undecodable, and nothing worse."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import trace, wire
from tests.shared.making import NOON, make_places_changed


def test_an_envelope_is_a_cloudevent_in_structured_json() -> None:
    envelope = wire.seal(make_places_changed(shift_id=7), now=NOON)

    event = json.loads(envelope.body)

    assert event["specversion"] == "1.0"
    assert event["source"] == "/muster/signups"
    assert event["type"] == envelope.name == "places.changed.v1"
    assert event["subject"] == "shift/7"
    assert event["time"] == "2027-03-27T12:00:00+00:00"
    assert uuid.UUID(event["id"]) == envelope.message_id


def test_no_two_messages_have_the_same_id() -> None:
    message = make_places_changed()

    assert wire.seal(message, now=NOON).message_id != wire.seal(message, now=NOON).message_id


def test_the_trace_goes_on_with_the_message() -> None:
    trace.begin()
    sent_in = trace.trace_id()
    envelope = wire.seal(make_places_changed(), now=NOON)

    trace.begin(wire.unseal(envelope.body).traceparent)

    assert trace.trace_id() == sent_in


@pytest.mark.parametrize("parent", ["", "00-xyz", "01-" + "a" * 32 + "-" + "b" * 16 + "-01", "00"])
def test_what_is_no_traceparent_begins_a_new_trace(parent: str) -> None:
    trace.begin(parent)

    assert trace.current().startswith("00-")
    assert len(trace.trace_id()) == 32


def changed(**differences: Any) -> bytes:
    """Return a message whose envelope differs; None takes the attribute away."""
    event = {**json.loads(wire.seal(make_places_changed(), now=NOON).body), **differences}
    return json.dumps({key: value for key, value in event.items() if value is not None}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"7",
        b'"places.changed.v1"',
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"9" * 5_000,
        changed(type=None),
        changed(type="places.changed.v99"),
        changed(type=7),
        changed(type=["places.changed.v1"]),
        changed(type={"places": 1}),
        changed(id=None),
        changed(id="not-a-uuid"),
        changed(id=7),
        changed(data=None),
        changed(data="text"),
        changed(data=[]),
        changed(data={}),
        changed(
            data={
                "event_id": "three",
                "shift_id": 7,
                "places_revision": 1,
                "taken": 1,
                "waiting": 0,
            }
        ),
        changed(
            data={"event_id": 3.5, "shift_id": 7, "places_revision": 1, "taken": 1, "waiting": 0}
        ),
        changed(
            data={"event_id": True, "shift_id": 7, "places_revision": 1, "taken": [], "waiting": 0}
        ),
    ],
    ids=lambda body: body[:24].decode("latin-1") + f"…{len(body)}",
)
def test_what_cannot_be_read_is_undecodable(body: bytes) -> None:
    with pytest.raises(wire.Undecodable):
        wire.unseal(body)


@given(
    st.binary()
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(
        lambda v: json.dumps(v).encode()
    )
)
def test_no_bytes_do_worse_than_being_undecodable(body: bytes) -> None:
    with pytest.raises(wire.Undecodable):
        wire.unseal(body)
