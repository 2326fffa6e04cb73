"""The running containers: what is in them, what they may do, and what a second `up` changes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from tests.containers import LASTING, ROOT, Stack, inspect, ip_of, secret

pytestmark = pytest.mark.journeys
SERVICES = ("events", "signups", "notifications")


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_one_service_and_none_of_the_others(whole: Stack, service: str) -> None:
    found = whole.exec(f"{service}-web", "sh", "-c", "cd /srv/services && ls -d */").split()

    assert {name.strip("/") for name in found} - {"__pycache__"} == {service}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_runs_as_nobody_in_particular_and_writes_nothing(
    whole: Stack, service: str
) -> None:
    script = "id -u; for d in / /srv /etc /venv; do touch $d/x 2>/dev/null && echo $d; done; true"

    assert whole.exec(f"{service}-worker", "sh", "-c", script).split() == ["10001"]


def test_a_service_cannot_enter_anothers_database(whole: Stack) -> None:
    address = ip_of(*whole.ids("postgres"))
    own = secret("events-database-url").replace("@postgres:", f"@{address}:")

    with psycopg.connect(own) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("events",)
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(own.removesuffix("/events") + "/signups")


def test_services_reach_nothing_outside_but_what_sends_mail(whole: Stack) -> None:
    reached = {
        name: inspect(whole.ids(name)[0], "{{json .NetworkSettings.Networks}}") for name in LASTING
    }

    outside = {name for name, networks in reached.items() if "_outside" in networks}
    assert outside == {"front-door", "mail", "notifications-worker"}


def test_the_whole_needs_little_memory_at_rest(whole: Stack) -> None:
    containers = [container for name in LASTING for container in whole.ids(name)]
    shown = subprocess.run(
        ["docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}", *containers],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    used = [line.split()[1] for line in shown.splitlines() if "-mail-" not in line]

    assert sum(map(mebibytes, used)) < 1228 + 3 * 140, shown
    """1.2 GiB with one copy of each; the tests run three copies more."""


def mebibytes(text: str) -> float:
    for unit, factor in (("GiB", 1024), ("MiB", 1), ("KiB", 1 / 1024), ("B", 0)):
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    raise ValueError(text)


def test_a_second_start_leaves_alone_what_runs(whole: Stack) -> None:
    before = {name: set(whole.ids(name)) for name in LASTING}

    whole.up()

    assert {name: set(whole.ids(name)) for name in LASTING} == before


def test_a_start_gives_a_running_broker_what_an_upgrade_added(whole: Stack) -> None:
    (broker,) = whole.ids("rabbitmq")
    began = inspect(broker, "{{.State.StartedAt}}")
    bindings = "bindings/{vhost}/e/messages/q/events"
    before = whole.rabbit.api("GET", bindings)
    lost = next(b for b in before if b["routing_key"] == "places.changed.v1")
    whole.rabbit.api("DELETE", f"{bindings}/{quote(lost['properties_key'], safe='')}")
    assert lost not in whole.rabbit.api("GET", bindings)

    whole.up()

    assert lost in whole.rabbit.api("GET", bindings)
    assert inspect(broker, "{{.State.StartedAt}}") == began


def test_the_command_muster_works_in_a_container_and_from_any_folder(
    whole: Stack, tmp_path: Path
) -> None:
    inside = whole.muster("signups", "doctor")
    outside = subprocess.run(
        [ROOT / "deploy/muster", "--help"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "signups" in inside
    assert "✗" not in inside
    assert list(tmp_path.iterdir()) == []
    assert outside.returncode == 0 or not (ROOT / ".venv").exists()


def test_logs_of_services_are_json_lines(whole: Stack) -> None:
    log = whole.compose("logs", "--no-log-prefix", "--no-color", "signups-worker")

    lines = [line.removeprefix("\x1b[2K") for line in log.splitlines() if line.strip("\x1b[2K ")]
    assert lines
    assert all(json.loads(line)["service"] == "signups" for line in lines)
