"""A running Muster, wherever it runs, and the shifts that the bench signs people up for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import requests

from tests.eventually import eventually

ONE_EVENT = 50
"""Shifts of one event."""


@dataclass(frozen=True, kw_only=True)
class System:
    """Where to reach it, and where its databases are."""

    urls: Mapping[str, str]
    """For each service, where its web answers."""
    token: str
    databases: Mapping[str, str]
    arrivals: Callable[[], dict[str, float]]
    """When the mail for each recipient arrived, as Unix time."""

    def ask(self, service: str, query: str) -> Any:
        """Return the one value that a query in a service's database gives."""
        with psycopg.connect(self.databases[service]) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]
            return row and row[0]

    def call(self, service: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call a service's API and return what it answers."""
        answer = requests.post(
            self.urls[service] + path,
            json=body or {},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        assert answer.ok, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def make_shifts(self, *capacities: int | None, when_full: str = "wait") -> list[int]:
        """Publish events with shifts of these capacities; return their ids once signups knows."""
        group = self.call("events", "/api/groups", GROUP)["id"]
        made: list[int] = []
        for start in range(0, len(capacities), ONE_EVENT):
            shifts = [make_shift(places) for places in capacities[start : start + ONE_EVENT]]
            facts = {**EVENT, "group_id": group, "shifts": shifts, "when_full": when_full}
            event = self.call("events", "/api/events", facts)
            self.call("events", f"/api/events/{event['id']}/publish")
            made += [shift["id"] for shift in event["shifts"]]
        known = f"SELECT count(*) FROM shifts WHERE id >= {min(made)}"
        eventually(lambda: self.ask("signups", known) >= len(made), timeout=30)
        return made

    def wait_until_quiet(self) -> None:
        """Wait until every message has been carried and every mail sent."""
        waiting = "SELECT count(*) FROM outbox WHERE sent_at IS NULL"
        due = "SELECT count(*) FROM notices WHERE state IN ('due', 'sending')"
        eventually(lambda: self.ask("signups", waiting) == 0, timeout=120, every=0.1)
        eventually(lambda: self.ask("notifications", due) == 0, timeout=300, every=0.1)

    def forget_backlog(self) -> None:
        """Throw away the messages that were written while no worker ran."""
        with psycopg.connect(self.databases["signups"]) as connection:
            connection.execute("DELETE FROM outbox WHERE sent_at IS NULL")


GROUP = {
    "name": "Bench",
    "contact_name": "Kim Example",
    "contact_email": "kim@bench.example",
    "privacy_url": "https://bench.example/privacy",
    "signup_notices": "off",
}
EVENT = {"kind": "action_day", "title": "Bench day", "description": "Many people at once."}


def make_shift(places: int | None) -> dict[str, Any]:
    """Return a shift a month ahead, as the API takes it."""
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    return {
        "place": "Market Square",
        "address": "1 High Street",
        "postcode": "SW1A 1AA",
        "starts_at": f"{day}T10:00",
        "ends_at": f"{day}T12:00",
        "zone": "Europe/London",
        "capacity": places,
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many percent of all stay below; infinity when there are none."""
    ranked = sorted(values)
    return (
        ranked[min(int(len(ranked) * percent / 100), len(ranked) - 1)] if ranked else float("inf")
    )
