"""What is generated and committed for the broker and the front door follows from the code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from deploy.front_door import generate
from deploy.rabbitmq import topology
from shared.messages import CATALOGUE
from shared.paths import PATHS, owner_of


def committed_topology() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(topology.PATH.read_text(encoding="utf-8"))
    return made


def test_the_committed_topology_follows_from_the_tables_of_handlers() -> None:
    assert topology.PATH.read_text(encoding="utf-8") == topology.text(), (
        "run python -m deploy.rabbitmq.topology"
    )


def test_every_message_that_is_sent_is_read_by_somebody() -> None:
    read = {binding["routing_key"] for binding in committed_topology()["bindings"]}

    assert read == set(CATALOGUE)


def test_what_is_delivered_in_vain_too_often_is_parked_and_stays_there() -> None:
    policies = {policy["name"]: policy for policy in committed_topology()["policies"]}
    queues = {queue["name"] for queue in committed_topology()["queues"]}

    for service in ("events", "signups", "notifications"):
        inbox, parked = policies[service], policies[f"{service}.parked"]
        assert {service, f"{service}.parked"} <= queues
        assert inbox["definition"]["delivery-limit"] == 20
        assert inbox["definition"]["dead-letter-routing-key"] == f"{service}.parked"
        assert parked["definition"]["delivery-limit"] == -1
        assert not re.match(inbox["pattern"], f"{service}.parked")
        assert re.match(parked["pattern"], f"{service}.parked")


@pytest.mark.parametrize("path", sorted(generate.outputs(), key=str), ids=lambda path: path.name)
def test_the_front_doors_committed_files_are_up_to_date(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == generate.outputs()[path], (
        "run python -m deploy.front_door.generate"
    )


@pytest.mark.parametrize("prefix", PATHS)
@pytest.mark.parametrize("rest", ["", "/12", "/12/x", "x", "-x/12"])
def test_the_front_door_finds_the_same_service_as_embedded_mode(prefix: str, rest: str) -> None:
    path = prefix + rest

    assert service_of(path) == owner_of(path)


def service_of(path: str) -> str:
    """Read paths.conf as nginx does: the first expression that matches wins."""
    for expression, service in re.findall(r"^ +~(\S+) (\w+);$", generate.paths(), re.MULTILINE):
        if re.match(expression, path):
            return service
    return re.findall(r"default (\w+);", generate.paths())[0]
