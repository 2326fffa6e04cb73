"""Embedded mode: seconds until it is ready, and sign-ups a second on SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

import requests

from tests.entering import issue_token
from tests.eventually import eventually

from .bare import ROOT, answers, free_port, stop
from .effort import Effort
from .load import Load, send
from .report import Report, Target
from .signing_up import share
from .system import EVENT, GROUP, make_shift, percentile

CLIENTS = 8


def measure_embedded(effort: Effort, report: Report) -> None:
    """Start it with its demo on an empty folder, and sign people up for one shift."""
    for turn in range(max(effort.rounds // 2, 1)):
        with tempfile.TemporaryDirectory() as data:
            port = free_port()
            started = time.monotonic()
            process = subprocess.Popen(
                (sys.executable, "-m", "services", "run"),
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "DATA": data, "PORT": str(port)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            try:
                url = f"http://127.0.0.1:{port}"
                eventually(lambda url=url: answers(url), timeout=60)
                ready = time.monotonic() - started
                token = issue_token({"PATH": os.environ["PATH"], "DATA": data})
                measure_one(url, token, effort, report)
            finally:
                stop([process])
        report.measure("embedded: ready after start", "s", Target(most=5)).values.append(ready)
        report.progress(f"round {turn + 1}, embedded: ready after {ready:.1f} s")


def measure_one(url: str, token: str, effort: Effort, report: Report) -> None:
    """Sign people up for one shift."""
    shift = make_one_shift(url, token)
    load = Load(url=url, token=token, shifts=[shift], clients=CLIENTS, seconds=effort.seconds)
    answered = send(load)
    name = f"embedded: sign-ups/s, one hot shift, {CLIENTS} clients"
    measure = report.measure(name, "/s", Target(least=300))
    measure.values.append(answered.per_second)
    measure.p50.append(percentile(answered.latencies, 50))
    measure.p99.append(percentile(answered.latencies, 99))
    measure.client.append(share(answered))
    report.progress(f"{name}: {answered.per_second:.0f}, {answered.statuses}")


def make_one_shift(url: str, token: str) -> int:
    """Publish an event with one unlimited shift; return its id once sign-ups are taken."""
    headers = {"Authorization": f"Bearer {token}"}

    def call(path: str, body: object) -> dict[str, object]:
        answer = requests.post(url + path, json=body, headers=headers, timeout=30)
        assert answer.ok, answer.text
        made: dict[str, object] = answer.json()
        return made

    group = call("/api/groups", GROUP)["id"]
    event = call("/api/events", {**EVENT, "group_id": group, "shifts": [make_shift(None)]})
    call(f"/api/events/{event['id']}/publish", {})
    shift: int = event["shifts"][0]["id"]  # type: ignore[index]
    eventually(lambda: requests.get(f"{url}/sign-up/{shift}", timeout=30).ok, timeout=30)
    return shift
