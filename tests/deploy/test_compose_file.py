"""docker-compose.yml: every container is confined, watched and limited, and starts in order."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("events", "signups", "notifications")
ASKED_TO_NAME = "deploy-make-secrets"

pytestmark = pytest.mark.containers
"""It is Compose that reads the file, so Docker's command has to be there."""


def compose_config(secrets: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", "compose", "--profile", "mail", "config", "--format", "json"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "SECRETS_DIR": str(secrets)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    secrets = tmp_path_factory.mktemp("secrets")
    subprocess.run([ROOT / "deploy/make-secrets", secrets], check=True)
    read: dict[str, Any] = json.loads(compose_config(secrets).stdout)["services"]
    return read


def goes_on(service: dict[str, Any]) -> bool:
    """Tell the processes that stay from those that do their work and end."""
    stays: bool = service["restart"] != "no"
    return stays


RULES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "its root is read-only": lambda s: s["read_only"] is True,
    "it is not root": lambda s: int(s["user"].split(":")[0]) > 0,
    "it has no capability": lambda s: s["cap_drop"] == ["ALL"] and "cap_add" not in s,
    "it gains no privilege": lambda s: s["security_opt"] == ["no-new-privileges:true"],
    "its memory is limited": lambda s: int(s["mem_limit"]) <= 768 * 2**20,
    "its log is limited": lambda s: "max-size" in s["logging"]["options"],
    "its health is checked": lambda s: not goes_on(s) or "start_interval" in s["healthcheck"],
    "it is started again": lambda s: not goes_on(s) or s["restart"] == "unless-stopped",
    "it has no secret in its environment": lambda s: (
        not any(
            word in name and not name.endswith("_FILE")
            for name in s.get("environment", {})
            for word in (
                "PASSWORD",
                "SECRET",
                "TOKEN",
                "KEY",
                "DATABASE_URL",
                "AMQP_URL",
                "SMTP_URL",
            )
        )
    ),
    "its port is for this machine": lambda s: all(
        port["host_ip"] == "127.0.0.1" for port in s.get("ports", [])
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_of_every_container(services: dict[str, Any], rule: str) -> None:
    assert [name for name, service in services.items() if not RULES[rule](service)] == []


def test_only_what_must_reaches_outside(services: dict[str, Any]) -> None:
    outside = {name for name, service in services.items() if "outside" in service["networks"]}

    assert outside == {"front-door", "mail", "notifications-worker"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_process_starts_after_its_migration(services: dict[str, Any], name: str) -> None:
    for process in ("web", "worker"):
        needs = services[f"{name}-{process}"]["depends_on"]
        assert needs[f"{name}-migrate"]["condition"] == "service_completed_successfully"
    assert services[f"{name}-migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_sees_no_other_services_secrets(services: dict[str, Any], name: str) -> None:
    others = set(SERVICES) - {name}

    for process in ("migrate", "web", "worker"):
        seen = [secret["source"] for secret in services[f"{name}-{process}"]["secrets"]]
        assert not [s for s in seen if s.startswith(tuple(others)) or s.startswith("postgres")]


def test_only_events_can_sign_sessions(services: dict[str, Any]) -> None:
    seeing = {
        name
        for name, service in services.items()
        if any(secret["source"] == "session-key" for secret in service.get("secrets", []))
    }

    assert seeing == {"events-migrate", "events-web", "events-worker"}


def test_a_start_without_secrets_stops_and_names_what_makes_them(tmp_path: Path) -> None:
    refused = compose_config(tmp_path / "none")

    assert refused.returncode != 0
    assert ASKED_TO_NAME in refused.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_every_setting_of_a_service_can_be_given(services: dict[str, Any], name: str) -> None:
    declared = dataclasses.fields(import_module(f"services.{name}.config").Settings)
    wanted = {field.name.upper() for field in declared} - {"DATA"}

    for process in ("migrate", "web", "worker"):
        given = services[f"{name}-{process}"]["environment"]
        assert {variable.removesuffix("_FILE") for variable in given} == wanted
